//! The page that most visits begin with. It answers to nothing but links and a plain form, so the
//! server writes it as HTML: the browser needs next to no code for it.
#[cfg(not(target_arch = "wasm32"))]
mod written;

use crate::api::registries::{OverviewPart, get_overview};
use crate::state::console::use_console;
use crate::state::resource::Resource;
use crate::state::zone::{ZoneName, use_own_zone};
use crate::widgets::{Loaded, use_param};
use leptos::html::Div;
use leptos::prelude::*;
use leptos_meta::Title;
#[cfg(not(target_arch = "wasm32"))]
pub use written::written;

/// Where continuous patching of a registry stands, and what to do next.
#[component]
pub fn OverviewPage() -> impl IntoView {
    let registry = use_param("registry");
    let arrivals = use_console().arrivals;
    let overview = Resource::new_with_options(
        move || (registry.get(), arrivals.get()),
        |(registry, _)| get_overview(registry),
        false,
    );
    view! {
        <Loaded resource=overview label="Loading the overview" heading="Overview" let:part>
            {view! { <OverviewBody part /> }.into_any()}
        </Loaded>
    }
}

#[component]
fn OverviewBody(part: OverviewPart) -> impl IntoView {
    let body = NodeRef::<Div>::new();
    let own = use_own_zone();
    Effect::new(move |_| tell_times(body, own));
    view! {
        <Title text=part.title />
        <div class="written" node_ref=body inner_html=part.html></div>
    }
}

/// What only the browser knows of the instants in the body.
fn tell_times(body: NodeRef<Div>, own: Signal<Option<ZoneName>>) {
    #[cfg(target_arch = "wasm32")]
    if let Some((body, own)) = body.get().zip(own.get()) {
        crate::ui::tell_own_times(&body, &own);
    }
    #[cfg(not(target_arch = "wasm32"))]
    let _ = (body, own);
}
