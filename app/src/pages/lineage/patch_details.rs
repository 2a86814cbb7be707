use crate::format;
use crate::ui::{Cell, Stat, Table, Time};
use crate::widgets::KeptBackNotes;
use drydock_domain::patch_report::{IndexSource, KeptBack, PackageChange, PatchReport};
use leptos::prelude::*;
use std::collections::BTreeSet;

/// What one patch did, in numbers.
#[component]
pub fn PatchNumbers(report: PatchReport) -> AnyView {
    let fixed: BTreeSet<_> = report
        .upgraded
        .iter()
        .flat_map(|change| &change.ids)
        .collect();
    let remaining = format!("{} before", report.vulnerabilities_before);
    let n_packages = report.upgraded.len() as u64;
    let details = view! {
        <dl class="stats">
            <Stat label="Packages updated" value=format::thousands(n_packages) />
            <Stat label="Advisories fixed" value=format::thousands(fixed.len() as u64) />
            <Stat
                label="Fixable findings left"
                value=report.vulnerabilities_after.to_string()
                note=remaining
            />
            <Stat label="Kept back" value=report.kept_back.len().to_string() />
        </dl>
    };
    details.into_any()
}

/// Every package, what stayed and why, and the evidence, each to be unfolded.
#[component]
pub fn PatchFolds(report: PatchReport) -> AnyView {
    let folds = view! {
        <Packages packages=report.upgraded />
        <KeptBackList kept_back=report.kept_back />
        <Evidence sources=report.sources notes=report.notes tool=report.tool />
    };
    folds.into_any()
}

#[component]
fn Packages(packages: Vec<PackageChange>) -> impl IntoView {
    (!packages.is_empty()).then(|| {
        let label = format!(
            "What changed in {}",
            format::count(packages.len() as u64, "package", "packages")
        );
        let rows = packages.into_iter().map(|change| {
            view! {
                <tr role="row">
                    <Cell column="Package"><code>{change.package}</code></Cell>
                    <Cell column="Before"><code class="break">{change.old}</code></Cell>
                    <Cell column="After"><code class="break">{change.new}</code></Cell>
                    <Cell column="From">{change.suite}</Cell>
                    <Cell column="Fixes">{ids(change.ids)}</Cell>
                </tr>
            }
        });
        view! {
            <details class="more">
                <summary>{label}</summary>
                <Table
                    caption="Packages changed by this patch"
                    columns=&["Package", "Before", "After", "From", "Fixes"]
                >
                    {rows.collect_view()}
                </Table>
            </details>
        }
    })
}

/// The advisories of one package; many of them fold.
fn ids(ids: Vec<String>) -> AnyView {
    const SHOWN: usize = 4;
    if ids.is_empty() {
        return view! { <span class="muted">"none named in its changelog"</span> }.into_any();
    }
    let more = ids
        .get(SHOWN..)
        .filter(|rest| !rest.is_empty())
        .map(|rest| {
            view! {
                <details class="more">
                    <summary>{format!("{} more", rest.len())}</summary>
                    <p class="ids">{rest.join(" ")}</p>
                </details>
            }
        });
    let first = ids
        .iter()
        .take(SHOWN)
        .cloned()
        .collect::<Vec<_>>()
        .join(" ");
    view! { <p class="ids">{first}</p> {more} }.into_any()
}

#[component]
fn KeptBackList(kept_back: Vec<KeptBack>) -> impl IntoView {
    (!kept_back.is_empty()).then(|| {
        view! {
            <details class="more">
                <summary>"What was kept back, and why"</summary>
                <KeptBackNotes kept_back />
            </details>
        }
    })
}

#[component]
fn Evidence(sources: Vec<IndexSource>, notes: Vec<String>, tool: String) -> impl IntoView {
    let rows = sources.into_iter().map(|source| {
        let date = source.date.map(|at| view! { ", dated " <Time at /> });
        view! {
            <li>
                <code>{source.suite}</code> {date} ", signed by "
                <code class="break">{source.signed_by}</code>
            </li>
        }
    });
    let notes = notes.into_iter().map(|note| view! { <li>{note}</li> });
    view! {
        <details class="more">
            <summary>"Evidence"</summary>
            <p>"Made by " {tool} " from these signed indexes:"</p>
            <ul class="notes">{rows.collect_view()} {notes.collect_view()}</ul>
        </details>
    }
}
