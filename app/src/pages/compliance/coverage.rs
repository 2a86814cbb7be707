use crate::format;
use crate::paths;
use crate::ui::{Badge, Card, Cell, IconName, Table, Time, Tone};
use drydock_domain::compliance::{ComplianceView, Currency, Freshness, LeftOut};
use leptos::prelude::*;

const COLUMNS: [&str; 5] = ["Tag", "Last scan", "Age", "Scanned digest", "State"];

/// Every tag, and when it was last scanned; those that need somebody first.
pub fn table(found: &ComplianceView) -> impl IntoView + use<> {
    let coverage = &found.coverage;
    let subtitle = format!(
        "{} of {} scanned within 30 days, with data that can tell.",
        coverage.current,
        format::count(coverage.total as u64, "tag", "tags")
    );
    let left_out = coverage.left_out.and_then(left_out);
    let rows = coverage
        .tags
        .iter()
        .map(|tag| row(found, tag))
        .collect_view();
    let more = coverage.total - coverage.tags.len();
    let more = (more > 0).then(|| {
        let count = format::count(more as u64, "more tag", "more tags");
        view! { <p class="muted">{count} " are in the exports."</p> }
    });
    view! {
        <Card title="Coverage" subtitle>
            <Table caption="Coverage of tags by scans" columns=&COLUMNS>
                {rows}
            </Table>
            {more}
            {left_out.map(|text| view! { <p class="muted">{text}</p> })}
        </Card>
    }
}

/// Why the registry has more tags than this; nothing where it has not.
fn left_out(left_out: LeftOut) -> Option<String> {
    let LeftOut {
        patches,
        not_images,
    } = left_out;
    let patches = (patches > 0).then(|| {
        let count = format::count(patches as u64, "patch tag", "patch tags");
        format!("{count}, counted with the tags that they patch")
    });
    let others = (not_images > 0).then(|| {
        let count = format::count(not_images as u64, "tag", "tags");
        format!(
            "{count} of no image that can be scanned, such as an index of platforms or a signature"
        )
    });
    let parts: Vec<String> = patches.into_iter().chain(others).collect();
    (!parts.is_empty()).then(|| format!("Not among them: {}.", parts.join("; ")))
}

fn row(found: &ComplianceView, tag: &Currency) -> impl IntoView + use<> {
    let href = paths::lineage(&found.registry, &tag.repository);
    let (tone, icon) = look(tag.freshness);
    let now = found.as_of;
    let age = tag.scan.as_ref().map(|scan| format::roughly(now - scan.at));
    let at = tag.scan.as_ref().map(|scan| scan.at);
    let scanned = tag.scan.as_ref().map(|scan| {
        let digest = format::short_digest(&scan.digest).to_owned();
        let (tag, os) = (scan.tag.clone(), scan.os.clone());
        view! { <code>{digest}</code> <p class="muted">{tag} " " {os}</p> }
    });
    let note = tag
        .scan
        .as_ref()
        .map(|scan| scan.note.clone())
        .unwrap_or_default();
    let base = tag
        .unpatched_base
        .then(|| view! { <p class="muted">"The unpatched original can still be pulled."</p> });
    let name = format!("{}:{}", tag.repository, tag.original);
    let state = tag.freshness.label();
    view! {
        <tr role="row">
            <Cell column="Tag"><a class="break" href=href>{name}</a></Cell>
            <Cell column="Last scan">{at.map(|at| view! { <Time at /> })}</Cell>
            <Cell column="Age">{age}</Cell>
            <Cell column="Scanned digest">{scanned}</Cell>
            <Cell column="State">
                <Badge tone icon=icon label=state />
                {(!note.is_empty()).then(|| view! { <p class="muted">{note}</p> })}
                {base}
            </Cell>
        </tr>
    }
}

/// Only what is current is green.
fn look(freshness: Freshness) -> (Tone, IconName) {
    match freshness {
        Freshness::Current => (Tone::Success, IconName::CheckCircle),
        Freshness::Old => (Tone::Warning, IconName::Clock),
        Freshness::NeverScanned | Freshness::Unreadable | Freshness::StaleDatabase => {
            (Tone::Warning, IconName::Question)
        }
        Freshness::EndOfLife => (Tone::Danger, IconName::CrossCircle),
    }
}
