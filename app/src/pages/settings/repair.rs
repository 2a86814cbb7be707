use crate::api::workflow::CreateWorkflow;
use crate::paths;
use crate::state::permission::needs_approval;
use crate::ui::{Button, ButtonKind, ButtonLink, Notice, Tone, Variant};
use crate::widgets::{ActionError, PartOutcomes, Permitted};
use drydock_domain::access::Operation;
use drydock_domain::console::WorkflowState;
use drydock_domain::proposal::Submission;
use drydock_domain::schedule::Schedule;
use leptos::form::ActionForm;
use leptos::prelude::*;

/// Half a workflow: creating it again puts back what is missing. With the policy and the timer still
/// there that is one press, else the preflight says what can be done.
#[component]
pub fn Repair(state: WorkflowState) -> impl IntoView {
    state.is_partial().then(|| {
        let missing = missing(&state).join(", ");
        let schedule = state
            .cron
            .as_deref()
            .and_then(|cron| Schedule::from_cron(cron).ok());
        let way = match (&state.policy, schedule) {
            // Creating is proposed then, and putting back what is missing needs no approval.
            (Some(policy), Some(schedule)) if !needs_approval() => {
                let text = policy.text.clone();
                let registry = state.registry.name.clone();
                view! { <Again registry text schedule /> }.into_any()
            }
            _ => view! {
                <ButtonLink href=paths::preflight(&state.registry.name) variant=Variant::Primary>
                    "See what can be repaired"
                </ButtonLink>
            }
            .into_any(),
        };
        view! {
            <Notice tone=Tone::Warning title="Continuous patching is incomplete">
                <p>"Missing: " {missing} ". Nothing runs until everything is there."</p>
                {way}
            </Notice>
        }
    })
}

fn missing(state: &WorkflowState) -> Vec<&'static str> {
    let tasks = state.tasks.iter().filter(|task| !task.exists);
    let policy = state.policy.is_none().then_some("the policy");
    tasks.map(|task| task.name.as_str()).chain(policy).collect()
}

#[component]
fn Again(registry: String, text: String, schedule: Schedule) -> impl IntoView {
    let create = ServerAction::<CreateWorkflow>::new();
    let at = format!("{:02}:{:02}", schedule.hour(), schedule.minute());
    view! {
        <ActionForm action=create>
            <input type="hidden" name="registry" value=registry />
            <input type="hidden" name="policy" value=text />
            <input type="hidden" name="days" value=schedule.days() />
            <input type="hidden" name="at" value=at />
            <Permitted operation=Operation::CreateWorkflow label="Create again">
                <Button kind=ButtonKind::Submit variant=Variant::Primary busy=create.pending()>
                    "Create again, " {schedule.to_string()}
                </Button>
            </Permitted>
        </ActionForm>
        {move || create.value().get().and_then(Result::ok).and_then(Submission::done).map(|applied| {
            view! { <PartOutcomes outcomes=applied.steps /> }
        })}
        <ActionError value=create.value() />
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use drydock_domain::console::{Registry, TaskState};
    use drydock_domain::run::TaskName;

    #[test]
    fn what_is_missing_is_named() {
        let task = |name| TaskState {
            name,
            exists: name == TaskName::Trigger,
            created_at: None,
            current: true,
        };
        let state = WorkflowState {
            registry: Registry {
                id: "/subscriptions/s".to_owned(),
                name: "drydock".to_owned(),
                login_server: "localhost:5080".to_owned(),
                location: "westeurope".to_owned(),
                sku: "Premium".to_owned(),
                sandbox: true,
            },
            tasks: TaskName::ALL.map(task).to_vec(),
            policy: None,
            cron: None,
            next_run: None,
            as_of: chrono::DateTime::UNIX_EPOCH,
        };
        assert_eq!(
            missing(&state),
            ["cssc-scan-image", "cssc-patch-image", "the policy"]
        );
    }
}
