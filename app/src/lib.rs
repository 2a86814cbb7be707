//! The console: pages, the server functions behind them, and the parts that they are made of.
//! Compiled twice, natively to render HTML and to WASM to keep it alive in the browser; the
//! target decides which, so there are no `ssr` or `hydrate` features to get wrong.
// A page's view is one type, as deep as its HTML.
#![recursion_limit = "256"]
#[cfg(not(target_arch = "wasm32"))]
use leptos::nonce::use_nonce;
use leptos::prelude::*;
#[cfg(not(target_arch = "wasm32"))]
use leptos_meta::MetaTags;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::Router;

pub mod api;
pub mod error;
pub mod format;
#[cfg(not(target_arch = "wasm32"))]
pub mod frames;
pub mod pages;
pub mod paths;
mod routes;
pub mod state;
pub mod ui;
pub mod widgets;

#[cfg(not(target_arch = "wasm32"))]
pub use api::door::{RequestId, SampleFeed};
pub use error::ApiError;
pub use state::form_error::FormError;

/// The document around the application. `options.output_name` names the bundle's files.
#[cfg(not(target_arch = "wasm32"))]
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let stylesheet = format!("/{}/{}.css", options.site_pkg_dir, options.output_name);
    let theme = state::look::THEME.requested();
    let zone = state::zone::requested();
    let density = state::look::DENSITY.requested();
    let shortcuts = state::look::SHORTCUTS.requested();
    view! {
        <!DOCTYPE html>
        <html
            lang="en"
            data-theme=theme
            data-density=density
            data-shortcuts=shortcuts
            data-zone=zone
        >
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="description" content="Continuous patching of container images" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link rel="stylesheet" href=stylesheet />
                <state::permission::Denials />
                <Start options />
                <MetaTags />
            </head>
            <body>
                <App />
                <widgets::ViewingAs />
            </body>
        </html>
    }
}

/// Starts the bundle. leptos's own `HydrationScripts` asks for the files by links, in vain where there
/// is no JavaScript, and the browser says so on its console.
#[cfg(not(target_arch = "wasm32"))]
#[component]
fn Start(options: LeptosOptions) -> impl IntoView {
    let directory = format!("/{}", options.site_pkg_dir);
    let bundle = format!("{directory}/{}", options.output_name);
    let path = use_context::<http::request::Parts>().map(|parts| parts.uri.path().to_owned());
    let pack = path.as_deref().and_then(routes::pack_of);
    // In the cache by the time that the page asks for it.
    let ahead = pack.map_or_else(String::new, |pack| {
        format!("fetch('{directory}/{pack}.pack'); ")
    });
    let script = format!(
        "{{ {ahead}const parsed = new Promise((done) => addEventListener('DOMContentLoaded', done)); \
         const code = fetch('{bundle}_bg.wasm'); \
         import('{bundle}.js').then((bundle) => bundle.default({{ module_or_path: code }}) \
         .then(() => parsed).then(() => bundle.hydrate())); }}"
    );
    view! { <script nonce=use_nonce()>{script}</script> }
}

/// The application: the frame around every page, and the page that the address names.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    state::console::provide();
    state::look::provide();
    state::zone::provide();
    state::form_error::provide();
    widgets::keyboard::provide();
    view! {
        <Title formatter=|title: String| format!("{title} · Drydock") text="Registries" />
        <Router>
            <widgets::frame::Frame>
                <routes::ConsoleRoutes />
            </widgets::frame::Frame>
        </Router>
    }
}

/// Room for the splitter. It gives each chunk the text and tables that only the chunk needs, laid out
/// anew, and leaves all of them in the first bundle where that takes a byte more than the linker's
/// layout did. Nobody reads these bytes, so they end up in no file.
#[cfg(target_arch = "wasm32")]
#[used]
static ROOM: [u8; 32 * 1024] = [1; 32 * 1024];

/// Entry point of the browser bundle.
#[cfg(target_arch = "wasm32")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_lazy(App);
}
