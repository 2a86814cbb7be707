use super::timeline::{ImageTimeline, Scale, TriggerTimeline};
use crate::paths;
use crate::ui::{Cell, Icon, IconName, Table};
use crate::widgets::{ImageStatusBadge, ShortDigests, TagName};
use drydock_domain::run::{ImageRun, ImageStatus, Run, RunTree, TaskName};
use leptos::prelude::*;

/// The images of a cycle: what was scanned, what would come of it, what did, and when.
#[component]
pub fn ImageRuns(
    registry: String,
    tree: RunTree,
    /// Only those of this status.
    status: Option<ImageStatus>,
) -> impl IntoView {
    if tree.images.is_empty() {
        let text = if tree.status.is_finished() {
            "This cycle scheduled no image. The trigger's log says why."
        } else {
            "The trigger is choosing images."
        };
        return view! { <p class="muted">{text}</p> }.into_any();
    }
    let scale = Scale::of(&tree);
    // A scan or a patch without a trigger has its own line among the images.
    let is_cycle = tree.trigger.task == Some(TaskName::Trigger);
    let images = tree.images.iter();
    let rows: Vec<_> = images
        .filter(|image| status.is_none_or(|status| status == image.status))
        .cloned()
        .map(|image| view! { <ImageRow registry=registry.clone() image scale /> })
        .collect();
    if rows.is_empty() {
        return view! { <p class="muted">"No image of this cycle has this status."</p> }.into_any();
    }
    let table = view! {
        {is_cycle.then(|| view! { <TriggerTimeline scale tree /> })}
        <Table
            caption="Images of this cycle"
            columns=&["Image", "Scanned", "Next tag", "Status", "What happened", "Runs", "Time"]
        >
            {rows}
        </Table>
    };
    table.into_any()
}

#[component]
fn ImageRow(registry: String, image: ImageRun, scale: Scale) -> impl IntoView {
    let found = image.vulnerabilities.map(|n| {
        let text = match n {
            0 => "no fixable vulnerability".to_owned(),
            1 => "1 fixable vulnerability".to_owned(),
            _ => format!("{n} fixable vulnerabilities"),
        };
        view! { <p class="muted">{text} " found"</p> }
    });
    let lineage = paths::lineage(&registry, &image.repository);
    let timed = image.clone();
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
                <p class="sentence"><ShortDigests text=image.reason /></p>
                {found}
            </Cell>
            <Cell column="Runs">
                <ul class="run-links" role="list">
                    <RunLink registry=registry.clone() label="Scan" run=image.scan />
                    <RunLink registry label="Patch" run=image.patch />
                </ul>
            </Cell>
            <Cell column="Time"><ImageTimeline scale image=timed /></Cell>
        </tr>
    }
}

#[component]
fn RunLink(registry: String, label: &'static str, run: Option<Run>) -> impl IntoView {
    run.map(|run| {
        view! {
            <li>
                <a href=paths::run(&registry, &run.id)>
                    <Icon name=IconName::Arrow />
                    {label} <span class="visually-hidden">" run " {run.id.clone()}</span>
                </a>
            </li>
        }
    })
}
