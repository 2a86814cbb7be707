use crate::api::runs::Retry;
use crate::ui::{Button, ButtonKind, IconName, Notice, Tone};
use crate::widgets::{ActionError, PartOutcomes, Permitted};
use drydock_domain::access::Operation;
use drydock_domain::run::{RetryOf, RunTree};
use leptos::form::ActionForm;
use leptos::prelude::*;

/// Starts what failed of a cycle again, or what it never came to, and nothing else of it, once the
/// cycle has ended.
#[component]
pub fn RetryImages(registry: String, tree: Memo<Option<RunTree>>, of: RetryOf) -> impl IntoView {
    let retry = ServerAction::<Retry>::new();
    let id = move || tree.with(|tree| tree.as_ref().map(|tree| tree.trigger.id.clone()));
    let (label, title) = match of {
        RetryOf::Failed => ("Retry failed only", "Retry of what failed"),
        RetryOf::NeverBegun => ("Scan what was never begun", "Scans of what was never begun"),
    };
    let has_some = Memo::new(move |_| {
        tree.with(|tree| {
            tree.as_ref().is_some_and(|tree| {
                let mut images = tree.images.iter();
                tree.status.is_finished() && images.any(|image| of.holds(image))
            })
        })
    });
    let result = move || {
        let outcomes = retry.value().get()?.ok()?;
        Some(view! {
            <Notice tone=Tone::Info title=title>
                <PartOutcomes outcomes />
            </Notice>
        })
    };
    let form = move || {
        let registry = registry.clone();
        has_some.get().then(|| {
            view! {
                <ActionForm action=retry>
                    <input type="hidden" name="registry" value=registry />
                    <input type="hidden" name="id" value=id />
                    <input type="hidden" name="of" value=of.as_str() />
                    <Permitted operation=Operation::RetryRuns label=label>
                        <Button kind=ButtonKind::Submit icon=IconName::Play busy=retry.pending()>
                            {label}
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
