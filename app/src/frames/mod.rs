//! Views for other sites' frames: the server's HTML alone, made of the pages' own parts. Nothing of
//! this is in the browser's bundle; `public/embed/frame.js` puts it into the frame.
mod lineage;
mod overview;
mod run;
mod runs;

pub use lineage::{lineage, repositories};
pub use overview::overview;
pub use run::run;
pub use runs::runs;

use drydock_domain::embed::EmbedRoute;
use leptos::prelude::*;

/// What a frame shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FramedView {
    pub title: String,
    /// Of `<main>`; it holds no script, and nothing that changes anything.
    pub html: String,
}

impl FramedView {
    /// `console` is the path of the same thing in the console.
    fn new<V: IntoView>(title: String, console: String, body: impl FnOnce() -> V) -> Self {
        let owner = Owner::new();
        let heading = title.clone();
        let html = owner.with(|| {
            let body = body();
            let view = view! {
                <header class="frame-header">
                    <h1>{heading}</h1>
                    <a href=console target="_blank" rel="noopener noreferrer">"Open in console"</a>
                </header>
                {body}
            };
            view.into_view().to_html()
        });
        Self { title, html }
    }
}

/// A way to another place of the same frame.
fn link<T: IntoView>(route: &EmbedRoute, text: T) -> impl IntoView + use<T> {
    let route = route.to_string();
    let href = format!("#{route}");
    view! { <a href=href data-route=route>{text}</a> }
}
