use super::lookup::{keep_asking, lookup_view};
use crate::api::images::compare_images;
use crate::error::ApiError;
use crate::format;
use crate::paths;
use crate::ui::{Button, ButtonKind, Card, Cell, QueryForm, Stat, Table, Time};
use crate::widgets::Loaded;
use drydock_domain::lineage::{
    Comparison, Direction, GraphNode, Lookup, PackageDiff, ScanComparison, Vulnerability,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// The page with two digests side by side.
pub fn address(registry: &str, repository: &str, from: &str, to: &str) -> String {
    format!(
        "{}?from={}&to={}#compare",
        paths::lineage(registry, repository),
        paths::query_value(from),
        paths::query_value(to)
    )
}

/// The two digests that the address names, and what differs between them.
#[derive(Clone, Copy)]
pub struct Pair {
    from: Memo<String>,
    to: Memo<String>,
    answer: Resource<Result<Option<Lookup<Comparison>>, ApiError>>,
}

impl Pair {
    pub fn new(registry: Memo<String>, repository: Memo<String>) -> Self {
        let query = use_query_map();
        let asked = move |name: &'static str| query.read().get(name).unwrap_or_default();
        let from = Memo::new(move |_| asked("from"));
        let to = Memo::new(move |_| asked("to"));
        let key = move || (registry.get(), repository.get(), from.get(), to.get());
        let answer = Resource::new(key, |(registry, repository, from, to)| async move {
            if from.is_empty() || to.is_empty() {
                return Ok(None);
            }
            let answer = compare_images(registry, repository, from, to).await;
            answer.map(Some)
        });
        keep_asking(answer, |answer| match answer {
            Some(Lookup::Underway(_)) => true,
            Some(Lookup::Found(found)) => matches!(found.vulnerabilities, Lookup::Underway(_)),
            None | Some(Lookup::Failed(_)) => false,
        });
        Self { from, to, answer }
    }
}

/// Any two digests of the repository, chosen in a form whose answer is an address.
#[component]
pub fn Compare(
    registry: String,
    repository: String,
    nodes: Vec<GraphNode>,
    pair: Pair,
) -> impl IntoView {
    let Pair { from, to, answer } = pair;
    let path = paths::lineage(&registry, &repository);
    let options = move |chosen: Memo<String>, other_than_first: bool| {
        let options = nodes
            .clone()
            .into_iter()
            .enumerate()
            .map(move |(index, node)| {
                let name = format!(
                    "{} · {}",
                    match node.tags.as_slice() {
                        [] => "no tag".to_owned(),
                        tags => tags.join(", "),
                    },
                    format::short_digest(&node.digest)
                );
                let digest = node.digest.clone();
                let is_chosen = move || match chosen.read().as_str() {
                    "" => index == usize::from(other_than_first),
                    chosen => chosen == digest,
                };
                view! { <option value=node.digest selected=is_chosen>{name}</option> }
            });
        options.collect_view()
    };
    view! {
        <div id="compare">
            <Card
                title="Compare two images"
                subtitle="Read out of their own layers, whoever made them: nothing has to be claimed."
            >
                <QueryForm action=path attr:class="image-pair">
                    <label for="compare-from">"From"</label>
                    <select id="compare-from" name="from">{options(from, false)}</select>
                    <label for="compare-to">"To"</label>
                    <select id="compare-to" name="to">{options(to, true)}</select>
                    <Button kind=ButtonKind::Submit>"Compare"</Button>
                </QueryForm>
                <Loaded resource=answer label="Comparing" let:answer>
                    {match answer {
                        Some(answer) => lookup_view(answer, comparison),
                        None => ().into_any(),
                    }}
                </Loaded>
            </Card>
        </div>
    }
}

fn comparison(found: Comparison) -> AnyView {
    let packages = &found.packages;
    let layers = format!(
        "{} shared, {} only in the first, {} only in the second",
        found.layers.shared,
        found.layers.only_before.len(),
        found.layers.only_after.len()
    );
    let added: u64 = found.layers.only_after.iter().map(|it| it.size_bytes).sum();
    let notes = found
        .notes
        .into_iter()
        .map(|note| view! { <li>{note}</li> });
    let fields = found.configuration.into_iter().map(|change| {
        view! {
            <tr role="row">
                <Cell column="Field">{change.field}</Cell>
                <Cell column="First">{value(change.before)}</Cell>
                <Cell column="Second">{value(change.after)}</Cell>
            </tr>
        }
    });
    let fields: Vec<_> = fields.collect();
    let configuration = if fields.is_empty() {
        view! { <p class="muted">"The configuration is the same: entrypoint, environment, user and labels."</p> }.into_any()
    } else {
        view! {
            <Table caption="Configuration" columns=&["Field", "First", "Second"]>{fields}</Table>
        }
        .into_any()
    };
    view! {
        <dl class="stats">
            <Stat label="Packages changed" value=format::thousands(packages.changed.len() as u64) />
            <Stat label="Added" value=format::thousands(packages.added.len() as u64) />
            <Stat label="Removed" value=format::thousands(packages.removed.len() as u64) />
            <Stat label="Unchanged" value=format::thousands(packages.unchanged as u64) />
            <Stat label="New layers" value=format::bytes(added) note=layers />
        </dl>
        <ul class="notes">{notes.collect_view()}</ul>
        <h3>"Packages"</h3>
        {packages_view(found.packages)}
        <h3>"Vulnerabilities"</h3>
        {lookup_view(found.vulnerabilities, scans)}
        <h3>"Configuration"</h3>
        {configuration}
    }
    .into_any()
}

fn value(value: Option<String>) -> AnyView {
    match value {
        Some(value) => view! { <code class="break">{value}</code> }.into_any(),
        None => view! { <span class="muted">"not set"</span> }.into_any(),
    }
}

fn packages_view(packages: PackageDiff) -> AnyView {
    let changed = packages.changed.into_iter().map(|it| {
        let how = match it.direction {
            Direction::Upgrade => "newer",
            Direction::Downgrade => "older",
            Direction::Same => "same version, other words",
        };
        (it.name, it.architecture, Some(it.old), Some(it.new), how)
    });
    let added = packages.added.into_iter();
    let added = added.map(|it| (it.name, it.architecture, None, Some(it.version), "added"));
    let removed = packages.removed.into_iter();
    let removed = removed.map(|it| (it.name, it.architecture, Some(it.version), None, "removed"));
    let rows: Vec<_> = changed
        .chain(added)
        .chain(removed)
        .map(|(name, architecture, old, new, how)| {
            view! {
                <tr role="row">
                    <Cell column="Package">
                        <code>{name}</code> " " <span class="muted">{architecture}</span>
                    </Cell>
                    <Cell column="First">{value(old)}</Cell>
                    <Cell column="Second">{value(new)}</Cell>
                    <Cell column="Change">{how}</Cell>
                </tr>
            }
        })
        .collect();
    if rows.is_empty() {
        return view! { <p class="muted">"Every package is at the same version in both."</p> }
            .into_any();
    }
    view! {
        <Table caption="Packages that differ" columns=&["Package", "First", "Second", "Change"]>
            {rows}
        </Table>
    }
    .into_any()
}

fn scans(scans: ScanComparison) -> AnyView {
    let difference = scans.difference;
    let lists = [
        ("Fixed", difference.fixed),
        ("Remaining", difference.remaining),
        ("New", difference.new),
    ];
    let numbers: Vec<_> = lists
        .iter()
        .map(|(label, list)| {
            view! { <Stat label=*label value=format::thousands(list.len() as u64) /> }
        })
        .collect();
    let lists = lists.into_iter().map(|(label, list)| listed(label, list));
    let lists: Vec<_> = lists.collect();
    view! {
        <dl class="stats">{numbers}</dl>
        {lists}
        <p class="muted sentence">"As of " <Time at=scans.as_of /> ". " {scans.source}</p>
    }
    .into_any()
}

fn listed(label: &'static str, list: Vec<Vulnerability>) -> Option<AnyView> {
    if list.is_empty() {
        return None;
    }
    let label = format!("{label}: {}", format::thousands(list.len() as u64));
    let rows: Vec<_> = list
        .into_iter()
        .map(|it| {
            view! {
                <tr role="row">
                    <Cell column="Id"><code>{it.id}</code></Cell>
                    <Cell column="Package"><code>{it.package}</code></Cell>
                    <Cell column="Severity">{it.severity}</Cell>
                    <Cell column="Fixed in">{value(it.fixed_version)}</Cell>
                </tr>
            }
        })
        .collect();
    let table = view! {
        <details class="more">
            <summary>{label.clone()}</summary>
            <Table caption=label columns=&["Id", "Package", "Severity", "Fixed in"]>
                {rows}
            </Table>
        </details>
    };
    Some(table.into_any())
}
