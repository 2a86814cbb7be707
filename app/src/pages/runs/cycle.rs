use super::ImageRuns;
use crate::paths;
use crate::ui::{Elapsed, Icon, IconName, Time};
use crate::widgets::{MarkedText, RunStatusBadge, run_cause};
use drydock_domain::run::{ImageStatus, RunTree, TaskName};
use leptos::prelude::*;

/// One cycle: a line that says how it went, and its images to be unfolded.
#[component]
pub fn Cycle(
    registry: String,
    /// `None` only in the moment in which the cycle leaves the list.
    tree: Memo<Option<RunTree>>,
    /// Unfolded from the start.
    open: bool,
    /// Only images of this status.
    status: Memo<Option<ImageStatus>>,
) -> impl IntoView {
    let is_wanted = move || {
        let status = status.get();
        tree.with(|tree| {
            let mut images = tree.iter().flat_map(|tree| &tree.images);
            status.is_none_or(|status| images.any(|image| image.status == status))
        })
    };
    let heading = move || {
        tree.get().map(|tree| {
            let ended_at = ended_at(&tree);
            view! {
                <Icon name=IconName::Chevron />
                <RunStatusBadge status=tree.status />
                <span class="cycle-title">
                    <strong><MarkedText text=tree.summary /></strong>
                    <span class="muted">{run_cause(&tree.trigger, true)}</span>
                </span>
                <span class="cycle-time">
                    <Time at=tree.trigger.created_at />
                    <Elapsed from=Some(tree.trigger.created_at) to=ended_at />
                </span>
            }
        })
    };
    let body = move || {
        tree.get().map(|tree| {
            let href = paths::run(&registry, &tree.trigger.id);
            let label = match tree.trigger.task {
                Some(TaskName::Trigger) => "Trigger run ",
                Some(TaskName::Scan) => "Single scan ",
                Some(TaskName::Patch) => "Single patch ",
                None => "Run ",
            };
            view! {
                <p class="cycle-trigger">
                    <a href=href>{label} <code>{tree.trigger.id.clone()}</code></a>
                    <span class="muted">"its log, and the way to cancel it"</span>
                </p>
                <ImageRuns registry=registry.clone() tree status=status.get() />
            }
        })
    };
    view! {
        <li hidden=move || !is_wanted()>
            <details class="cycle" open=move || open || status.get().is_some()>
                <summary>{heading}</summary>
                <div class="cycle-body">{body}</div>
            </details>
        </li>
    }
}

/// The end of the last run of the tree, once everything in it has ended.
pub fn ended_at(tree: &RunTree) -> Option<chrono::DateTime<chrono::Utc>> {
    if !tree.status.is_finished() {
        return None;
    }
    let runs = tree
        .images
        .iter()
        .flat_map(|image| [&image.scan, &image.patch]);
    runs.flatten()
        .chain([&tree.trigger])
        .filter_map(|run| run.finished_at)
        .max()
}
