use crate::api::runs::CancelRun as CancelAction;
use crate::ui::{Button, ButtonKind, Dialog, DialogOpener, IconName, Notice, Tone, Variant};
use crate::widgets::{ActionError, PartOutcomes};
use drydock_domain::run::{Run, TaskName};
use leptos::form::ActionForm;
use leptos::prelude::*;

const DIALOG: &str = "cancel-run";

/// Cancels an unfinished run after asking, and says what became of each part.
#[component]
pub fn CancelRun(registry: String, run: Memo<Run>, going_on: Memo<bool>) -> impl IntoView {
    let cancel = ServerAction::<CancelAction>::new();
    let answered = Signal::derive(move || cancel.value().read().is_some());
    let result = move || {
        let outcomes = cancel.value().get()?.ok()?;
        Some(view! {
            <Notice tone=Tone::Info title="Cancel was sent">
                <PartOutcomes outcomes />
            </Notice>
        })
    };
    let question = move || match run.read().task {
        Some(TaskName::Trigger) => {
            "The trigger and every scan and patch that it has scheduled and that has not ended \
             will stop. What has been pushed stays in the registry."
        }
        Some(TaskName::Scan | TaskName::Patch) | None => {
            "This run will stop. Nothing half-made is pushed; the next cycle tries again."
        }
    };
    view! {
        <Show when=move || going_on.get()>
            <DialogOpener target=DIALOG variant=Variant::Danger icon=IconName::Stop>
                "Cancel run"
            </DialogOpener>
        </Show>
        <Dialog name=DIALOG title="Cancel this run?" close_when=answered>
            <p>{question}</p>
            <ActionForm action=cancel>
                <input type="hidden" name="registry" value=registry />
                <input type="hidden" name="id" value=move || run.read().id.clone() />
                <Button kind=ButtonKind::Submit variant=Variant::Danger busy=cancel.pending()>
                    "Cancel the run"
                </Button>
            </ActionForm>
        </Dialog>
        {result}
        <ActionError value=cancel.value() />
    }
}
