use crate::paths;
use crate::ui::{Cell, Elapsed, Icon, IconName, Table};
use crate::widgets::{ImageStatusBadge, TagName};
use drydock_domain::run::{ImageRun, Run, RunTree};
use leptos::prelude::*;

/// The images of a cycle: what was scanned, what would come of it, and what did.
#[component]
pub fn ImageRuns(registry: String, tree: RunTree) -> impl IntoView {
    if tree.images.is_empty() {
        let text = if tree.status.is_finished() {
            "This cycle scheduled no image. The trigger's log says why."
        } else {
            "The trigger is choosing images."
        };
        return view! { <p class="muted">{text}</p> }.into_any();
    }
    let rows = tree
        .images
        .into_iter()
        .map(move |image| view! { <ImageRow registry=registry.clone() image /> });
    let table = view! {
        <Table
            caption="Images of this cycle"
            columns=&["Image", "Scanned", "Next tag", "Status", "What happened", "Runs"]
        >
            {rows.collect_view()}
        </Table>
    };
    table.into_any()
}

#[component]
fn ImageRow(registry: String, image: ImageRun) -> impl IntoView {
    let found = image.vulnerabilities.map(|n| {
        let text = match n {
            0 => "no fixable vulnerability".to_owned(),
            1 => "1 fixable vulnerability".to_owned(),
            _ => format!("{n} fixable vulnerabilities"),
        };
        view! { <p class="muted">{text} " found"</p> }
    });
    let lineage = paths::lineage(&registry, &image.repository);
    view! {
        <tr role="row">
            <Cell column="Image">
                <a href=lineage>
                    <TagName repository=image.repository tag=image.original />
                </a>
            </Cell>
            <Cell column="Scanned"><TagName tag=image.scanned /></Cell>
            <Cell column="Next tag"><TagName tag=image.next /></Cell>
            <Cell column="Status"><ImageStatusBadge status=image.status /></Cell>
            <Cell column="What happened">
                <p class="sentence">{image.reason}</p>
                {found}
            </Cell>
            <Cell column="Runs">
                <ul class="run-links" role="list">
                    <RunLink registry=registry.clone() label="Scan" run=image.scan />
                    <RunLink registry label="Patch" run=image.patch />
                </ul>
            </Cell>
        </tr>
    }
}

#[component]
fn RunLink(registry: String, label: &'static str, run: Option<Run>) -> impl IntoView {
    run.map(|run| {
        let started = run.started_at.or(Some(run.created_at));
        view! {
            <li>
                <a href=paths::run(&registry, &run.id)>
                    <Icon name=IconName::Arrow />
                    {label} <span class="visually-hidden">" run " {run.id.clone()}</span>
                </a>
                <Elapsed from=started to=run.finished_at />
            </li>
        }
    })
}
