use crate::api::sessions::ViewAsOneself;
use crate::ui::{Button, ButtonKind};
use drydock_workflow::Caller;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// Says on every page that an administrator looks at it as somebody else, with the way back. It stands
/// outside of the application: only a new document changes it.
#[component]
pub fn ViewingAs() -> impl IntoView {
    let caller = use_context::<Caller>().filter(Caller::is_viewing)?;
    Some(view! {
        <aside class="viewing-as" aria-label="View as another role">
            <p>"You see the console as an " {caller.role.as_str()} " does."</p>
            <form method="post" action=ViewAsOneself::url()>
                <Button kind=ButtonKind::Submit>"Back to your own view"</Button>
            </form>
        </aside>
    })
}
