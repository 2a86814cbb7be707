use super::{FramedView, link};
use crate::pages::runs::ended_at;
use crate::paths;
use crate::ui::{Cell, Elapsed, Table, Time};
use crate::widgets::{ImageStatusBadge, MarkedText, RunStatusBadge, run_cause};
use drydock_domain::embed::EmbedRoute;
use drydock_domain::run::{ImageRun, ImageStatus, RunList, RunTree};
use leptos::prelude::*;

/// The cycles that Azure lists, newest first, with images of the given statuses alone; of none means
/// of all.
pub fn runs(registry: &str, list: RunList, statuses: &[ImageStatus]) -> FramedView {
    let console = paths::runs(registry);
    FramedView::new(format!("Runs of {registry}"), console, || {
        let wanted = |image: &ImageRun| statuses.is_empty() || statuses.contains(&image.status);
        let mut trees = list.trees;
        for tree in &mut trees {
            tree.images.retain(&wanted);
        }
        trees.retain(|tree| statuses.is_empty() || !tree.images.is_empty());
        let none = trees
            .is_empty()
            .then(|| view! { <p class="muted">"No cycle to show."</p> });
        let cycles = trees.into_iter().enumerate();
        let cycles = cycles.map(|(place, tree)| cycle(tree, place == 0));
        view! {
            {none}
            <ol class="cycles" role="list">{cycles.collect_view()}</ol>
            <p class="as-of">"As of " <Time at=list.as_of seconds=true /></p>
        }
    })
}

fn cycle(tree: RunTree, open: bool) -> impl IntoView {
    let ended_at = ended_at(&tree);
    let trigger = EmbedRoute::Run(tree.trigger.id.clone());
    let key = tree.trigger.id.clone();
    view! {
        <li>
            <details class="cycle" open=open data-key=key>
                <summary>
                    <RunStatusBadge status=tree.status />
                    <span class="cycle-title">
                        <strong><MarkedText text=tree.summary /></strong>
                        <span class="muted">{run_cause(&tree.trigger, true)}</span>
                    </span>
                    <span class="cycle-time">
                        <Time at=tree.trigger.created_at />
                        <Elapsed from=Some(tree.trigger.created_at) to=ended_at />
                    </span>
                </summary>
                <div class="cycle-body">
                    <p class="cycle-trigger">
                        {link(&trigger, view! { "Run " <code>{tree.trigger.id}</code> })}
                    </p>
                    {images(tree.images)}
                </div>
            </details>
        </li>
    }
}

/// A table of a cycle's images, each with its runs.
pub(super) fn images(images: Vec<ImageRun>) -> Option<impl IntoView> {
    let rows = images.into_iter().map(|image| {
        let runs = [("Scan", image.scan), ("Patch", image.patch)];
        let runs = runs.into_iter().filter_map(|(label, run)| {
            let route = EmbedRoute::Run(run?.id);
            Some(view! { <li>{link(&route, label)}</li> })
        });
        view! {
            <tr role="row">
                <Cell column="Image">
                    <code>{image.repository} ":" {image.original}</code>
                </Cell>
                <Cell column="Status"><ImageStatusBadge status=image.status /></Cell>
                <Cell column="What happened"><p class="sentence">{image.reason}</p></Cell>
                <Cell column="Runs">
                    <ul class="run-links" role="list">{runs.collect_view()}</ul>
                </Cell>
            </tr>
        }
    });
    let rows = rows.collect_view();
    (!rows.is_empty()).then(|| {
        view! {
            <Table
                caption="Images of this cycle"
                columns=&["Image", "Status", "What happened", "Runs"]
            >
                {rows}
            </Table>
        }
    })
}
