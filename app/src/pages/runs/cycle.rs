use super::ImageRuns;
use crate::paths;
use crate::ui::{Elapsed, Icon, IconName, Time};
use crate::widgets::{RunStatusBadge, run_cause};
use drydock_domain::run::RunTree;
use leptos::prelude::*;

/// One cycle: a line that says how it went, and its images to be unfolded.
#[component]
pub fn Cycle(
    registry: String,
    /// `None` only in the moment in which the cycle leaves the list.
    tree: Memo<Option<RunTree>>,
    /// Unfolded from the start.
    open: bool,
) -> impl IntoView {
    let heading = move || {
        tree.get().map(|tree| {
            let ended_at = ended_at(&tree);
            view! {
                <Icon name=IconName::Chevron />
                <RunStatusBadge status=tree.status />
                <span class="cycle-title">
                    <strong>{tree.summary}</strong>
                    <span class="muted">{run_cause(&tree.trigger)}</span>
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
            view! {
                <p class="cycle-trigger">
                    <a href=href>"Trigger run " <code>{tree.trigger.id.clone()}</code></a>
                    <span class="muted">"its log, and the way to cancel it"</span>
                </p>
                <ImageRuns registry=registry.clone() tree />
            }
        })
    };
    view! {
        <li>
            <details class="cycle" open=open>
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
