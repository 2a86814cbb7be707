use crate::api::runs::CancelRun as CancelAction;
use crate::ui::{Button, ButtonKind, Dialog, DialogOpener, IconName, Notice, Tone, Variant};
use crate::widgets::{ActionError, PartOutcomes, Permitted};
use drydock_domain::access::Operation;
use drydock_domain::console::PartOutcome;
use drydock_domain::run::{Run, RunStatus, RunTree, TaskName};
use leptos::form::ActionForm;
use leptos::prelude::*;

const DIALOG: &str = "cancel-run";

/// Cancels an unfinished run after asking, and says of each part what was answered and, as soon as it
/// is known, what became of it.
#[component]
pub fn CancelRun(
    registry: String,
    run: Memo<Run>,
    tree: Memo<Option<RunTree>>,
    going_on: Memo<bool>,
) -> impl IntoView {
    let cancel = ServerAction::<CancelAction>::new();
    let answered = Signal::derive(move || cancel.value().read().is_some());
    let result = move || {
        let answers = cancel.value().get()?.ok()?;
        let (run, tree) = (run.read(), tree.read());
        let settled = |answer| settled(answer, &run, tree.as_ref());
        let outcomes: Vec<_> = answers.into_iter().map(settled).collect();
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
            <Permitted operation=Operation::CancelRun label="Cancel run">
                <DialogOpener target=DIALOG variant=Variant::Danger icon=IconName::Stop>
                    "Cancel run"
                </DialogOpener>
            </Permitted>
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

/// An answer with what the runs themselves say since.
fn settled(answer: PartOutcome, run: &Run, tree: Option<&RunTree>) -> PartOutcome {
    let below = tree.into_iter().flat_map(|tree| {
        let images = tree.images.iter();
        let below = images.flat_map(|image| [&image.scan, &image.patch]);
        below.flatten().chain([&tree.trigger])
    });
    let mut runs = below.chain([run]);
    let found = runs.find(|run| answer.part.strip_prefix("run ") == Some(run.id.as_str()));
    let Some(run) = found.filter(|_| answer.done) else {
        return answer;
    };
    let detail = match run.status {
        RunStatus::Canceled => "stopped".to_owned(),
        status if status.is_finished() => format!("ended by itself first: {}", status.as_str()),
        _ => format!("{}; it has not stopped yet", answer.detail),
    };
    PartOutcome { detail, ..answer }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use drydock_domain::run::RunCause;

    #[test]
    fn an_answer_is_settled_by_what_the_run_says() {
        let check = |part: &str, done, status, expected| {
            let run = Run {
                id: "ca7".to_owned(),
                task: Some(TaskName::Scan),
                status,
                cause: RunCause::Manual,
                created_at: DateTime::UNIX_EPOCH,
                started_at: None,
                finished_at: None,
                error: None,
            };
            let answer = PartOutcome {
                part: part.to_owned(),
                done,
                detail: "told to stop".to_owned(),
            };
            assert_eq!(settled(answer, &run, None).detail, expected);
        };
        check("run ca7", true, RunStatus::Canceled, "stopped");
        check(
            "run ca7",
            true,
            RunStatus::Running,
            "told to stop; it has not stopped yet",
        );
        check(
            "run ca7",
            true,
            RunStatus::Succeeded,
            "ended by itself first: Succeeded",
        );
        check("run ca7", false, RunStatus::Canceled, "told to stop");
        check("run ca8", true, RunStatus::Canceled, "told to stop");
    }
}
