mod archived;
mod cancel;
mod facts;
mod log;
mod place;
mod retry;

use crate::api::runs::{get_run, read_log_head};
use crate::pages::runs::{Counts, ImageRuns, StatusFilter, follow, use_status_filter};
use crate::paths;
use crate::state::events::Connection;
use crate::ui::{ButtonLink, Card, IconName, Notice, PageHeader, Tone};
use crate::widgets::{AsOf, Loaded, MarkedText, OfWholeRegistry, use_param};
use archived::Archived;
use cancel::CancelRun;
use drydock_domain::known_failure::KnownFailure;
use drydock_domain::run::{RetryOf, Run, RunDetail, RunTree, TaskName};
use facts::Facts;
use leptos::prelude::*;
use log::LogViewer;
use place::Place;
use retry::RetryImages;

/// One run: what it is, where it stands in its cycle, and its log as it is written.
#[component]
pub fn RunPage() -> impl IntoView {
    let registry = use_param("registry");
    let id = use_param("id");
    let key = move || (registry.get(), id.get());
    let detail = Resource::new(key, |(registry, id)| get_run(registry, id));
    let log = Resource::new(key, |(registry, id)| read_log_head(registry, id));
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
            <Loaded resource=log label="Loading the log" let:head>
                {match head {
                    None => view! {
                        <p class="muted">
                            "Not shown: it tells of images that are outside your access."
                        </p>
                    }
                        .into_any(),
                    Some(head) => view! {
                        {head.failure.map(|failure| view! { <KnownFailureCard failure /> })}
                        <LogViewer registry=registry.get_untracked() id=id.get_untracked() head />
                    }
                        .into_any(),
                }}
            </Loaded>
        </Card>
    }
}

#[component]
fn RunBody(registry: String, detail: RunDetail) -> impl IntoView {
    let (as_of, from_archive) = (detail.as_of, detail.from_archive);
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
        let followed = registry.clone();
        Effect::new(move |_| follow(&followed, trees, connection));
    }
    let title = format!("Run {}", run.get_untracked().id);
    let subtitle = task_label(run.get_untracked().task).to_owned();
    let is_trigger = run.get_untracked().task == Some(TaskName::Trigger);
    let actions = {
        let registry = registry.clone();
        move || {
            view! {
                <ButtonLink href=paths::runs(&registry) icon=IconName::Runs>"All runs"</ButtonLink>
                <CancelRun registry=registry.clone() run tree going_on />
                {is_trigger
                    .then(|| {
                        [RetryOf::Failed, RetryOf::NeverBegun]
                            .map(|of| view! { <RetryImages registry=registry.clone() tree of /> })
                    })}
            }
        }
    };
    let status = use_status_filter();
    let counts = Memo::new(move |_| tree.with(|tree| Counts::of(tree)));
    let images = {
        let registry = registry.clone();
        move || {
            let (tree, registry) = (tree.get()?, registry.clone());
            let path = paths::run(&registry, &tree.trigger.id);
            // Read here: a component's own body is not run again.
            let chosen = status.get();
            (run.read().task == Some(TaskName::Trigger)).then(|| {
                view! {
                    <Card title="Images">
                        <p class="muted sentence">
                            <MarkedText text=tree.summary.clone() />
                        </p>
                        <StatusFilter path counts chosen=status />
                        <ImageRuns registry tree status=chosen />
                    </Card>
                }
            })
        }
    };
    view! {
        <PageHeader title subtitle actions />
        {move || tree.get().map(|tree| view! { <Place registry=registry.clone() run=run.get() tree /> })}
        <Facts run tree />
        <AsOf at=as_of source=source(from_archive) />
        <OfWholeRegistry>
            <Archived run />
        </OfWholeRegistry>
        {images}
    }
}

fn source(from_archive: bool) -> &'static str {
    match from_archive {
        true => "from the archive: Azure knows this run no longer",
        false => "from Azure, and followed while it goes on",
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

/// What a failure that the log tells of means, and what helps.
#[component]
fn KnownFailureCard(failure: KnownFailure) -> impl IntoView {
    view! {
        <Notice tone=Tone::Warning title=failure.title()>
            <p>{failure.remedy()}</p>
        </Notice>
    }
}
