use crate::paths;
use crate::ui::{Badge, Card, Cell, CopyButton, IconName, Table, Time, Tone};
use crate::widgets::DigestText;
use drydock_domain::console::{TaskState, WorkflowState};
use drydock_domain::run::TaskName;
use leptos::prelude::*;

/// The parts as they are in Azure, and which are missing.
#[component]
pub fn Parts(state: WorkflowState) -> impl IntoView {
    let registry = state.registry.clone();
    let policy_page = paths::policy(&registry.name);
    let schedule_page = paths::schedule(&registry.name);
    let tasks = state.tasks.iter().cloned().map(task).collect_view();
    let policy = match state.policy {
        Some(policy) => {
            let pushed = policy.pushed_at.map(|at| view! { "pushed " <Time at /> });
            view! {
                <Cell column="State"><Present /></Cell>
                <Cell column="Detail"><DigestText digest=policy.digest /> " " {pushed}</Cell>
            }
            .into_any()
        }
        None => view! {
            <Cell column="State"><Missing /></Cell>
            <Cell column="Detail">"No policy is deployed."</Cell>
        }
        .into_any(),
    };
    let timer = match state.cron {
        Some(cron) => {
            let next = match state.next_run {
                Some(at) => view! { "next " <Time at /> }.into_any(),
                None => view! { "switched off, or never due" }.into_any(),
            };
            view! {
                <Cell column="State"><Present /></Cell>
                <Cell column="Detail"><code>{cron}</code> " (UTC), " {next}</Cell>
            }
            .into_any()
        }
        None => view! {
            <Cell column="State"><Missing /></Cell>
            <Cell column="Detail">"No timer starts the trigger."</Cell>
        }
        .into_any(),
    };
    let id = registry.id.clone();
    view! {
        <Card title="Parts">
            <Table caption="Parts of continuous patching" columns=&["Part", "State", "Detail"]>
                <tr role="row">
                    <Cell column="Part">
                        <a href=policy_page>"Policy"</a>
                        <p class="muted"><code>"csscpolicies/patchpolicy:v1"</code></p>
                    </Cell>
                    {policy}
                </tr>
                <tr role="row">
                    <Cell column="Part">
                        <a href=schedule_page>"Timer"</a>
                        <p class="muted">"of the trigger task"</p>
                    </Cell>
                    {timer}
                </tr>
                {tasks}
            </Table>
        </Card>
        <Card title="Registry">
            <dl class="facts">
                <div><dt>"Login server"</dt><dd><code>{registry.login_server}</code></dd></div>
                <div><dt>"Tier"</dt><dd>{registry.sku}</dd></div>
                <div><dt>"Location"</dt><dd>{registry.location}</dd></div>
            </dl>
            <p class="break">
                <span class="muted">"Resource "</span>
                <code>{registry.id}</code>
                <CopyButton text=id label="resource id" />
            </p>
        </Card>
    }
}

fn task(task: TaskState) -> impl IntoView {
    let words = match task.name {
        TaskName::Trigger => {
            "chooses the images and schedules their scans; its identity may start tasks"
        }
        TaskName::Scan => "scans one image and schedules its patch; its identity may start tasks",
        TaskName::Patch => "patches one image and pushes it",
    };
    let state = match (task.exists, task.current) {
        (true, true) => view! { <Present /> }.into_any(),
        (true, false) => {
            view! { <Badge tone=Tone::Info icon=IconName::Info label="other version" /> }.into_any()
        }
        (false, _) => view! { <Missing /> }.into_any(),
    };
    let created = task.created_at.map(|at| view! { "created " <Time at /> });
    view! {
        <tr role="row">
            <Cell column="Part">
                "Task " <code>{task.name.as_str()}</code>
                <p class="muted">{words}</p>
            </Cell>
            <Cell column="State">{state}</Cell>
            <Cell column="Detail">{created}</Cell>
        </tr>
    }
}

#[component]
fn Present() -> impl IntoView {
    view! { <Badge tone=Tone::Success icon=IconName::CheckCircle label="present" /> }
}

#[component]
fn Missing() -> impl IntoView {
    view! { <Badge tone=Tone::Warning icon=IconName::Warning label="missing" /> }
}
