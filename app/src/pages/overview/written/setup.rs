use crate::paths;
use crate::ui::{ButtonLink, Card, IconName, Variant};
use drydock_domain::console::WorkflowState;
use leptos::prelude::*;

/// What is missing before patching can begin, as steps in their order.
#[component]
pub fn Setup(state: WorkflowState) -> impl IntoView {
    let name = state.registry.name.clone();
    let partial = state.is_partial();
    let title = if partial {
        "Continuous patching is incomplete"
    } else {
        "Set up continuous patching"
    };
    let missing = partial.then(|| {
        let tasks = state.tasks.iter().filter(|task| !task.exists);
        let mut names: Vec<_> = tasks.map(|task| task.name.as_str().to_owned()).collect();
        if state.policy.is_none() {
            names.push("the policy".to_owned());
        }
        view! {
            <p>
                "Missing: " {names.join(", ")} ". Saving the policy again puts back what is missing."
            </p>
        }
    });
    let step = |href: String, title: &'static str, text: &'static str| {
        view! {
            <li>
                <a href=href>{title}</a>
                <p class="muted">{text}</p>
            </li>
        }
    };
    view! {
        <Card title>
            {missing}
            <ol class="steps">
                {step(
                    paths::policy(&name),
                    "Write a policy",
                    "Choose repositories and tags. Findings appear while you type.",
                )}
                {step(
                    paths::dry_run(&name),
                    "Read the dry run",
                    "See what would happen to each tag, and why. Nothing is written.",
                )}
                {step(
                    paths::schedule(&name),
                    "Pick a schedule",
                    "Every 1 to 30 days, shown on a calendar with its real gaps.",
                )}
            </ol>
            <ButtonLink href=paths::policy(&name) variant=Variant::Primary icon=IconName::Policy>
                "Start with the policy"
            </ButtonLink>
        </Card>
    }
}
