use crate::api::runs::RetryFailed as RetryAction;
use crate::ui::{Button, ButtonKind, IconName, Notice, Tone};
use crate::widgets::{ActionError, PartOutcomes, Permitted};
use drydock_domain::access::Operation;
use drydock_domain::run::{ImageStatus, RunTree};
use leptos::form::ActionForm;
use leptos::prelude::*;

/// Starts what failed of a cycle again, and nothing else of it, once the cycle has ended.
#[component]
pub fn RetryFailed(registry: String, tree: Memo<Option<RunTree>>) -> impl IntoView {
    let retry = ServerAction::<RetryAction>::new();
    let id = move || tree.with(|tree| tree.as_ref().map(|tree| tree.trigger.id.clone()));
    let has_failed = Memo::new(move |_| {
        tree.with(|tree| {
            tree.as_ref().is_some_and(|tree| {
                let mut images = tree.images.iter();
                tree.status.is_finished() && images.any(|image| image.status == ImageStatus::Failed)
            })
        })
    });
    let result = move || {
        let outcomes = retry.value().get()?.ok()?;
        Some(view! {
            <Notice tone=Tone::Info title="Retry of what failed">
                <PartOutcomes outcomes />
            </Notice>
        })
    };
    let form = move || {
        let registry = registry.clone();
        has_failed.get().then(|| {
            view! {
                <ActionForm action=retry>
                    <input type="hidden" name="registry" value=registry />
                    <input type="hidden" name="id" value=id />
                    <Permitted operation=Operation::RetryRuns label="Retry failed only">
                        <Button kind=ButtonKind::Submit icon=IconName::Play busy=retry.pending()>
                            "Retry failed only"
                        </Button>
                    </Permitted>
                </ActionForm>
            }
        })
    };
    view! {
        {form}
        {result}
        <ActionError value=retry.value() />
    }
}
