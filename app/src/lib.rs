//! The console: pages, the server functions behind them, and the parts that they are made of.
//! Compiled twice, natively to render HTML and to WASM to keep it alive in the browser; the
//! target decides which, so there are no `ssr` or `hydrate` features to get wrong.
// A page's view is one type, as deep as its HTML.
#![recursion_limit = "256"]
use leptos::prelude::*;
#[cfg(not(target_arch = "wasm32"))]
use leptos_meta::MetaTags;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::Router;

pub mod api;
pub mod error;
pub mod format;
pub mod pages;
pub mod paths;
mod routes;
pub mod state;
pub mod ui;
pub mod widgets;

#[cfg(not(target_arch = "wasm32"))]
pub use api::door::{RequestId, SampleFeed};
pub use error::ApiError;

/// The document around the application. `options.output_name` names the bundle's files.
#[cfg(not(target_arch = "wasm32"))]
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let stylesheet = format!("/{}/{}.css", options.site_pkg_dir, options.output_name);
    let theme = state::theme::requested();
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme.attribute()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="description" content="Continuous patching of container images" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link rel="stylesheet" href=stylesheet />
                <HydrationScripts options />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// The application: the frame around every page, and the page that the address names.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    state::console::provide();
    view! {
        <Title formatter=|title: String| format!("{title} · Drydock") text="Registries" />
        <Router>
            <widgets::frame::Frame>
                <routes::ConsoleRoutes />
            </widgets::frame::Frame>
        </Router>
    }
}

/// Entry point of the browser bundle.
#[cfg(target_arch = "wasm32")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_lazy(App);
}
