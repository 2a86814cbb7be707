mod cancel;
mod log_buffer;
mod log_viewer;
mod place;

use crate::api::runs::{get_run, read_log};
use crate::format;
use crate::pages::runs::{ImageRuns, follow};
use crate::paths;
use crate::state::events::Connection;
use crate::ui::{ButtonLink, Card, Elapsed, IconName, Notice, PageHeader, Time, Tone};
use crate::widgets::{Loaded, RunStatusBadge, run_cause, use_param};
use cancel::CancelRun;
use drydock_domain::run::{Run, RunDetail, RunTree, TaskName};
use leptos::prelude::*;
use log_viewer::LogViewer;
use place::Place;

/// One run: what it is, where it stands in its cycle, and its log as it is written.
#[component]
pub fn RunPage() -> impl IntoView {
    let registry = use_param("registry");
    let id = use_param("id");
    let key = move || (registry.get(), id.get());
    let detail = Resource::new(key, |(registry, id)| get_run(registry, id));
    let log = Resource::new(key, |(registry, id)| read_log(registry, id));
    let log_actions = move || {
        let href = paths::run_log_text(&registry.get(), &id.get());
        view! {
            <a href=href download="" rel="external">
                "Raw log"
            </a>
        }
    };
    view! {
        <Loaded resource=detail label="Loading the run" heading="Run" let:detail>
            {view! { <RunBody registry=registry.get_untracked() detail /> }.into_any()}
        </Loaded>
        <Card title="Log" actions=log_actions>
            <Loaded resource=log label="Loading the log" let:chunk>
                {view! {
                    <LogViewer registry=registry.get_untracked() id=id.get_untracked() chunk />
                }
                    .into_any()}
            </Loaded>
        </Card>
    }
}

#[component]
fn RunBody(registry: String, detail: RunDetail) -> impl IntoView {
    let id = detail.run.id.clone();
    let trees = RwSignal::new(detail.tree.clone().into_iter().collect::<Vec<_>>());
    let first = detail.run;
    let run = Memo::new(move |_| {
        let run = trees.with(|trees| trees.iter().find_map(|tree| find_run(tree, &id).cloned()));
        run.unwrap_or_else(|| first.clone())
    });
    let tree = Memo::new(move |_| {
        let id = run.read().id.clone();
        trees.with(|trees| {
            trees
                .iter()
                .find(|tree| find_run(tree, &id).is_some())
                .cloned()
        })
    });
    let connection = RwSignal::new(Connection::Pending);
    let going_on = Memo::new(move |_| is_going_on(&run.read(), tree.read().as_ref()));
    if going_on.get_untracked() {
        let events = paths::runs_events(&registry);
        Effect::new(move |_| follow(&events, trees, connection));
    }
    let title = format!("Run {}", run.get_untracked().id);
    let subtitle = task_label(run.get_untracked().task).to_owned();
    let actions = {
        let registry = registry.clone();
        move || {
            view! {
                <ButtonLink href=paths::runs(&registry) icon=IconName::Runs>"All runs"</ButtonLink>
                <CancelRun registry=registry.clone() run going_on />
            }
        }
    };
    let images = {
        let registry = registry.clone();
        move || {
            let (tree, registry) = (tree.get()?, registry.clone());
            (run.read().task == Some(TaskName::Trigger)).then(|| {
                view! {
                    <Card title="Images" subtitle=tree.summary.clone()>
                        <ImageRuns registry tree />
                    </Card>
                }
            })
        }
    };
    view! {
        <PageHeader title subtitle actions />
        {move || tree.get().map(|tree| view! { <Place registry=registry.clone() run=run.get() tree /> })}
        <Facts run />
        {images}
    }
}

/// There is something to follow and to cancel: the run itself, or what a trigger scheduled.
fn is_going_on(run: &Run, tree: Option<&RunTree>) -> bool {
    let is_trigger = run.task == Some(TaskName::Trigger);
    !run.status.is_finished() || is_trigger && tree.is_some_and(|tree| !tree.status.is_finished())
}

/// The run with that id, anywhere in the tree.
fn find_run<'tree>(tree: &'tree RunTree, id: &str) -> Option<&'tree Run> {
    let images = tree.images.iter();
    let below = images.flat_map(|image| [image.scan.as_ref(), image.patch.as_ref()]);
    [Some(&tree.trigger)]
        .into_iter()
        .chain(below)
        .flatten()
        .find(|run| run.id == id)
}

fn task_label(task: Option<TaskName>) -> &'static str {
    match task {
        Some(TaskName::Trigger) => {
            "Trigger: reads the policy and schedules a scan for each image it selects"
        }
        Some(TaskName::Scan) => "Scan: looks for vulnerabilities that an update fixes",
        Some(TaskName::Patch) => "Patch: updates packages in a new layer and pushes the next tag",
        None => "A run outside of continuous patching",
    }
}

#[component]
fn Facts(run: Memo<Run>) -> impl IntoView {
    let instant = |at: Option<chrono::DateTime<chrono::Utc>>| match at {
        Some(at) => view! { <Time at seconds=true /> }.into_any(),
        None => view! { <span class="muted">"not yet"</span> }.into_any(),
    };
    move || {
        let run = run.get();
        let cause = run_cause(&run);
        let waited = run
            .started_at
            .map(|started| format::duration(started - run.created_at));
        let error = run.error.map(|text| {
            view! { <Notice tone=Tone::Danger title="The run failed"><p>{text}</p></Notice> }
        });
        view! {
            {error}
            <dl class="facts" aria-label="Facts about this run">
                <div><dt>"Status"</dt><dd><RunStatusBadge status=run.status /></dd></div>
                <div><dt>"Cause"</dt><dd>{cause}</dd></div>
                <div><dt>"Created"</dt><dd>{instant(Some(run.created_at))}</dd></div>
                <div>
                    <dt>"Started"</dt>
                    <dd>
                        {instant(run.started_at)}
                        {waited.map(|text| view! { <span class="muted">" after " {text}</span> })}
                    </dd>
                </div>
                <div><dt>"Finished"</dt><dd>{instant(run.finished_at)}</dd></div>
                <div>
                    <dt>"Ran for"</dt>
                    <dd><Elapsed from=run.started_at to=run.finished_at /></dd>
                </div>
            </dl>
        }
    }
}
