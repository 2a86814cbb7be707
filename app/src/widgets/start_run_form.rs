use super::ActionError;
use crate::api::runs::StartRun;
use crate::ui::{Button, ButtonKind, IconName, Variant};
use leptos::form::ActionForm;
use leptos::prelude::*;

/// Starts a cycle now and goes to its run; a plain form where there is no JavaScript.
#[component]
pub fn StartRunForm(
    #[prop(into)] registry: String,
    #[prop(optional)] variant: Variant,
) -> impl IntoView {
    let start = ServerAction::<StartRun>::new();
    view! {
        <ActionForm action=start>
            <input type="hidden" name="registry" value=registry />
            <Button kind=ButtonKind::Submit variant icon=IconName::Play busy=start.pending()>
                "Run now"
            </Button>
        </ActionForm>
        <ActionError value=start.value() />
    }
}
