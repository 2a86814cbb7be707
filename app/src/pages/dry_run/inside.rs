use super::DryRun;
use crate::api::dry_run::find_inside;
use crate::format;
use crate::ui::{Cell, Spinner, Table, Time};
use crate::widgets::{ErrorNotice, KeptBackNotes};
use drydock_domain::dry_run::{ImageInside, ImagePlan};
use drydock_domain::lineage::Vulnerability;
use drydock_domain::patch_report::{KeptBack, PackageChange};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// What was found in one image and what a patch would change, of the inspection that the page shows
/// or of a kept dry run.
#[component]
pub fn Inside(
    dry_run: DryRun,
    repository: String,
    original: String,
    /// Digest of the kept dry run.
    #[prop(optional)]
    record: Option<String>,
) -> impl IntoView {
    let (text, depth) = (dry_run.text.get_untracked(), dry_run.depth.get_untracked());
    let registry = dry_run.registry();
    let found = Resource::new(
        || (),
        move |()| {
            let (registry, text, record) = (registry.clone(), text.clone(), record.clone());
            find_inside(
                registry,
                text,
                depth,
                repository.clone(),
                original.clone(),
                record,
            )
        },
    );
    view! {
        <Suspense fallback=|| view! { <Spinner label="Loading what was found" /> }>
            {move || Suspend::new(async move {
                match found.await {
                    Ok(Some(inside)) => view! { <Contents inside /> }.into_any(),
                    Ok(None) => view! { <p class="muted">"It has not been looked into yet."</p> }.into_any(),
                    Err(error) => view! { <ErrorNotice error /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Contents(inside: ImageInside) -> impl IntoView {
    let ImageInside {
        digest,
        scanned_at,
        os,
        findings,
        sources,
        notes,
        plan,
    } = inside;
    let dates = sources.into_iter().map(|source| {
        let date = source.date.map(|at| view! { " of " <Time at /> });
        view! { <li><code>{source.suite}</code> {date} ", signed by " <code class="break">{source.signed_by}</code></li> }
    });
    let notes = notes.into_iter().map(|note| view! { <li>{note}</li> });
    view! {
        <div class="inside">
            <p>
                <code title=digest.clone()>{format::short_digest(&digest).to_owned()}</code> " "
                {os} ", scanned " <Time at=scanned_at seconds=true />
            </p>
            {plan.map(|plan| view! { <Planned plan /> })}
            <Findings findings />
            <details class="more">
                <summary>"By which indexes"</summary>
                <ul class="notes">{dates.collect_view()} {notes.collect_view()}</ul>
            </details>
        </div>
    }
}

#[component]
fn Planned(plan: ImagePlan) -> impl IntoView {
    let ImagePlan {
        upgrades,
        kept_back,
        notes,
        ..
    } = plan;
    let size: u64 = upgrades.iter().map(|change| change.size_bytes).sum();
    let head = match upgrades.len() as u64 {
        0 => "The plan upgrades nothing.".to_owned(),
        n => format!(
            "The plan upgrades {}, {} to fetch.",
            format::count(n, "package", "packages"),
            format::bytes(size)
        ),
    };
    let rows = upgrades.into_iter().map(upgrade);
    let rows: Vec<_> = rows.collect();
    let table = (!rows.is_empty()).then(|| {
        view! {
            <Table caption="Packages that a patch upgrades" columns=&["Package", "Now", "Then", "From", "Fixes"]>
                {rows}
            </Table>
        }
    });
    let notes = notes.into_iter().map(|note| view! { <li>{note}</li> });
    view! {
        <p><strong>{head}</strong></p>
        {table}
        <KeptBackList kept_back />
        <ul class="notes">{notes.collect_view()}</ul>
    }
}

fn upgrade(change: PackageChange) -> impl IntoView {
    let ids = match change.ids.is_empty() {
        true => "none named in its changelog".to_owned(),
        false => change.ids.join(" "),
    };
    view! {
        <tr role="row">
            <Cell column="Package"><code>{change.package}</code></Cell>
            <Cell column="Now"><code class="break">{change.old}</code></Cell>
            <Cell column="Then"><code class="break">{change.new}</code></Cell>
            <Cell column="From">{change.suite}</Cell>
            <Cell column="Fixes"><p class="ids">{ids}</p></Cell>
        </tr>
    }
}

#[component]
fn KeptBackList(kept_back: Vec<KeptBack>) -> impl IntoView {
    (!kept_back.is_empty()).then(|| {
        view! {
            <p><strong>"Kept back"</strong></p>
            <KeptBackNotes kept_back />
        }
    })
}

/// Ids by package: one package has many of them.
#[component]
fn Findings(findings: Vec<Vulnerability>) -> impl IntoView {
    let n = findings.len() as u64;
    if n == 0 {
        return view! { <p>"No vulnerability with a fix was found in it."</p> }.into_any();
    }
    let mut packages: BTreeMap<String, (Option<String>, Vec<String>)> = BTreeMap::new();
    for finding in findings {
        let of = packages
            .entry(finding.package)
            .or_insert_with(|| (finding.fixed_version, Vec::new()));
        of.1.push(finding.id);
    }
    let label = format!(
        "{} in {}",
        format::count(n, "finding with a fix", "findings with a fix"),
        format::count(packages.len() as u64, "package", "packages")
    );
    let rows = packages.into_iter().map(|(package, (fixed, ids))| {
        view! {
            <tr role="row">
                <Cell column="Package"><code>{package}</code></Cell>
                <Cell column="Fixed in"><code class="break">{fixed}</code></Cell>
                <Cell column="Findings"><p class="ids">{ids.join(" ")}</p></Cell>
            </tr>
        }
    });
    view! {
        <details class="more">
            <summary>{label}</summary>
            <Table caption="Findings by package" columns=&["Package", "Fixed in", "Findings"]>
                {rows.collect_view()}
            </Table>
        </details>
    }
    .into_any()
}
