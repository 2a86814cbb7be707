use super::{ActionError, Permitted};
use crate::api::runs::StartRun;
use crate::paths;
use crate::ui::{Button, ButtonKind, IconName, Variant};
use drydock_domain::access::Operation;
use leptos::form::ActionForm;
use leptos::prelude::*;

/// Starts a cycle now and goes to its run; a plain form where there is no JavaScript. Where there is
/// nothing to start yet the button does not answer, and says beside it what is missing.
#[component]
pub fn StartRunForm(
    #[prop(into)] registry: String,
    #[prop(optional)] variant: Variant,
    /// All parts of continuous patching are there.
    configured: bool,
) -> impl IntoView {
    let start = ServerAction::<StartRun>::new();
    let obstacle = (!configured).then(|| {
        view! {
            <p class="muted">
                "Not set up yet: " <a href=paths::policy(&registry)>"write a policy first"</a> "."
            </p>
        }
    });
    view! {
        {obstacle}
        <ActionForm action=start>
            <input type="hidden" name="registry" value=registry />
            <Permitted operation=Operation::StartRun label="Run now">
                <Button
                    kind=ButtonKind::Submit
                    variant
                    icon=IconName::Play
                    busy=start.pending()
                    disabled=!configured
                >
                    "Run now"
                </Button>
            </Permitted>
        </ActionForm>
        <ActionError value=start.value() />
    }
}
