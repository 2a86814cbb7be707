use super::editor::Editor;
use super::json_pane::APPLY_FORM;
use super::result::Outcome;
use crate::api::workflow::{CreateWorkflow, UpdatePolicy};
use crate::error::{ApiError, ErrorCode};
use crate::paths;
use crate::ui::{Button, ButtonKind, ButtonLink, Card, IconName, Variant};
use crate::widgets::{
    CommentField, Permitted, Reason, ScheduleFields, Waiting, read_schedule, verb,
};
use drydock_domain::access::Operation;
use drydock_domain::console::AppliedChange;
use drydock_domain::proposal::Submission;
use drydock_domain::selection::IMAGE_LIMIT;
use leptos::form::ActionForm;
use leptos::prelude::*;

/// Deploys the text: with a schedule where there is no workflow yet, else alone.
#[component]
pub fn Apply(editor: Editor) -> impl IntoView {
    let create = ServerAction::<CreateWorkflow>::new();
    let update = ServerAction::<UpdatePolicy>::new();
    let sent = RwSignal::new(String::new());
    // The text may be changed while it is on its way: what is deployed then is what was sent.
    Effect::new(move |_| {
        let created = create.input().get().map(|input| input.policy);
        let updated = update.input().get().map(|input| input.policy);
        if let Some(text) = created.or(updated) {
            sent.set(text);
        }
    });
    take_over(editor, Signal::derive(move || create.value().get()), sent);
    take_over(editor, Signal::derive(move || update.value().get()), sent);
    let form = move || match editor.configured.get() {
        true => view! { <Update editor action=update /> }.into_any(),
        false => view! { <Create editor action=create /> }.into_any(),
    };
    let registry = Signal::stored(editor.registry());
    let sent_count = Signal::derive(move || create.version().get() + update.version().get());
    view! {
        <Waiting registry sent=sent_count />
        {form}
        <Outcome value=create.value() title="Continuous patching is set up" editor />
        <Outcome value=update.value() title="The policy is deployed" editor />
    }
}

fn take_over(
    editor: Editor,
    value: Signal<Option<Result<Submission<AppliedChange>, ApiError>>>,
    sent: RwSignal<String>,
) {
    Effect::new(move |_| match value.get() {
        Some(Ok(Submission::Done(applied))) => {
            let digest = applied.policy_digest.unwrap_or_default();
            editor.applied(sent.get_untracked(), digest);
        }
        Some(Err(error)) if error.code == ErrorCode::Conflict => {
            editor.overtaken.update(|times| *times += 1);
        }
        Some(Ok(Submission::Proposed(_)) | Err(_)) | None => {}
    });
}

#[component]
fn Update(editor: Editor, action: ServerAction<UpdatePolicy>) -> impl IntoView {
    let changed = move || editor.is_changed() || !editor.alive.get();
    let obstacle = Memo::new(move |_| match changed() {
        true => obstacle(editor).or_else(|| {
            let is_empty = editor.comment.with(|comment| comment.trim().is_empty());
            is_empty.then(|| "Say why the policy changes.".to_owned())
        }),
        false => Some("This is the deployed policy: nothing is changed.".to_owned()),
    });
    let label = verb("Apply policy", "Propose policy");
    view! {
        <Card title=verb("Apply", "Propose")>
            <ActionForm action attr:id=APPLY_FORM>
                <div class="apply">
                    <input type="hidden" name="registry" value=editor.registry() />
                    <input type="hidden" name="based_on" value=move || editor.based_on.get() />
                    <CommentField
                        name="policy-comment"
                        label="Why"
                        hint="For the audit trail and the policy's history."
                        value=editor.comment
                    />
                    <RunNow />
                    <div class="actions">
                        <Permitted operation=Operation::UpdateWorkflow label>
                            <Button
                                kind=ButtonKind::Submit
                                variant=Variant::Primary
                                busy=action.pending()
                                disabled=Signal::derive(move || editor.alive.get() && obstacle.read().is_some())
                            >
                                {label}
                            </Button>
                        </Permitted>
                        <Preview editor />
                    </div>
                    <Obstacle editor obstacle />
                </div>
            </ActionForm>
        </Card>
    }
}

#[component]
fn Create(editor: Editor, action: ServerAction<CreateWorkflow>) -> impl IntoView {
    let now = editor.state.with_value(|state| state.as_of);
    let obstacle = Memo::new(move |_| {
        let schedule = editor
            .days
            .with(|days| editor.at.with(|at| read_schedule(days, at)));
        obstacle(editor).or(schedule.err().map(|(_, message)| message))
    });
    let label = verb("Create workflow", "Propose workflow");
    view! {
        <Card title="Schedule and create" subtitle="When the policy is carried out, and the last step.">
            <ActionForm action attr:id=APPLY_FORM>
                <div class="apply">
                    <input type="hidden" name="registry" value=editor.registry() />
                    <ScheduleFields days=editor.days at=editor.at now />
                    <Reason name="policy-comment" value=editor.comment />
                    <RunNow />
                    <div class="actions">
                        <Permitted operation=Operation::CreateWorkflow label>
                            <Button
                                kind=ButtonKind::Submit
                                variant=Variant::Primary
                                busy=action.pending()
                                disabled=Signal::derive(move || editor.alive.get() && obstacle.read().is_some())
                            >
                                {label}
                            </Button>
                        </Permitted>
                        <Preview editor />
                    </div>
                    <Obstacle editor obstacle />
                </div>
            </ActionForm>
        </Card>
    }
}

/// Why: it stands in the audit trail and in the history below.
#[component]
fn RunNow() -> impl IntoView {
    view! {
        <label class="check">
            <input type="checkbox" name="run_now" value="true" />
            "Run at once; the schedule does not move"
        </label>
    }
}

/// The way to the dry run with the text as it is; without JavaScript the form carries it, and lets it
/// be checked as well.
#[component]
fn Preview(editor: Editor) -> impl IntoView {
    let registry = editor.registry();
    let (policy, dry_run) = (paths::policy(&registry), paths::dry_run(&registry));
    let link = dry_run.clone();
    view! {
        <span hidden=move || !editor.alive.get()>
            <ButtonLink href=link icon=IconName::DryRun>
                "Dry run of this text"
            </ButtonLink>
        </span>
        <span hidden=move || editor.alive.get()>
            <Button kind=ButtonKind::Submit attr:formnovalidate=true attr:formmethod="get" attr:formaction=policy>
                "Check the text"
            </Button>
        </span>
        <span hidden=move || editor.alive.get()>
            <Button kind=ButtonKind::Submit attr:formnovalidate=true attr:formmethod="get" attr:formaction=dry_run>
                "Dry run of this text"
            </Button>
        </span>
    }
}

/// Why the button does not answer, beside it.
#[component]
fn Obstacle(editor: Editor, obstacle: Memo<Option<String>>) -> impl IntoView {
    view! {
        <p class="muted" role="status">
            {move || editor.alive.get().then(|| obstacle.get()).flatten()}
        </p>
    }
}

fn obstacle(editor: Editor) -> Option<String> {
    if editor.text.with(|text| text.trim().is_empty()) {
        return Some("Write a policy first.".to_owned());
    }
    if !editor.check.with(|check| check.is_accepted()) {
        return Some("Mend the findings beside the text first.".to_owned());
    }
    let matches = editor.matches.get() as usize;
    (matches > IMAGE_LIMIT).then(|| {
        format!(
            "{matches} images match, the limit is {IMAGE_LIMIT}. The whole run would fail: narrow the \
             policy first."
        )
    })
}
