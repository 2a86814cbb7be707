use crate::state::permission::denial;
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
