use super::use_param;
use crate::state::permission::{denial, short_of_registry};
use crate::ui::Button;
use drydock_domain::access::Operation;
use leptos::prelude::*;

/// A button for whoever may do the operation. For others it is there and does not answer, and beside
/// it stands why: in the words in which the server would refuse.
#[component]
pub fn Permitted(
    operation: Operation,
    /// What the button says.
    label: &'static str,
    children: Children,
) -> impl IntoView {
    match denial(operation) {
        None => children(),
        Some(why) => view! {
            <div class="denied">
                <Button disabled=true>{label}</Button>
                <p class="muted">{why}</p>
            </div>
        }
        .into_any(),
    }
}

/// A part of a page that is about all of its registry. Whoever reaches less is told so instead, and
/// nothing is asked of the server.
#[component]
pub fn OfWholeRegistry(children: ChildrenFn) -> impl IntoView {
    let registry = use_param("registry");
    move || match short_of_registry(&registry.read()) {
        None => children().into_any(),
        Some(why) => view! { <p class="muted">"Not shown: " {why} "."</p> }.into_any(),
    }
}
