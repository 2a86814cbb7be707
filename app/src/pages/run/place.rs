use crate::paths;
use crate::widgets::TagName;
use drydock_domain::run::{Run, RunTree};
use leptos::prelude::*;

/// Where a run stands in its cycle: trigger → image → scan or patch, each a link. Empty for the
/// trigger itself, which shows all its images instead.
#[component]
pub fn Place(registry: String, run: Run, tree: RunTree) -> impl IntoView {
    let image = tree.images.into_iter().find(|image| {
        let runs = [&image.scan, &image.patch];
        runs.into_iter().flatten().any(|other| other.id == run.id)
    })?;
    let step = |label: &'static str, other: Option<Run>| {
        other.map(|other| {
            let current = (other.id == run.id).then_some("page");
            let href = paths::run(&registry, &other.id);
            view! {
                <li>
                    <a href=href aria-current=current>
                        {label} " " <code>{other.id}</code>
                    </a>
                </li>
            }
        })
    };
    let lineage = paths::lineage(&registry, &image.repository);
    Some(view! {
        <nav class="place" aria-label="Place in the cycle">
            <ol role="list">
                {step("Trigger", Some(tree.trigger))}
                <li>
                    <a href=lineage>
                        <TagName repository=image.repository tag=image.original />
                    </a>
                </li>
                {step("Scan", image.scan)} {step("Patch", image.patch)}
            </ol>
        </nav>
    })
}
