use super::{FramedView, link};
use crate::format;
use crate::pages::lineage::{PatchFolds, PatchNumbers, derivation_name};
use crate::paths;
use crate::ui::{Card, Cell, Table, Time};
use crate::widgets::DerivationBadge;
use drydock_domain::embed::EmbedRoute;
use drydock_domain::lineage::{LineageNode, RepositoryLineage, RepositorySummary};
use leptos::prelude::*;

/// The repositories that the frame shows, each leading to its lineage.
pub fn repositories(registry: &str, repositories: Vec<RepositorySummary>) -> FramedView {
    let console = paths::images(registry);
    FramedView::new(format!("Images of {registry}"), console, || {
        let rows = repositories.into_iter().map(|summary| {
            let route = EmbedRoute::Repository(summary.repository.clone());
            let updated = summary.updated_at.map(|at| view! { <Time at /> });
            view! {
                <tr role="row">
                    <Cell column="Repository">{link(&route, summary.repository)}</Cell>
                    <Cell column="Originals" numeric=true>{summary.originals}</Cell>
                    <Cell column="Patches" numeric=true>{summary.patches}</Cell>
                    <Cell column="Updated">{updated}</Cell>
                </tr>
            }
        });
        let rows = rows.collect_view();
        let none = rows
            .is_empty()
            .then(|| view! { <p class="muted">"No repository to show."</p> });
        view! {
            {none}
            <Table
                caption="Repositories"
                columns=&["Repository", "Originals", "Patches", "Updated"]
            >
                {rows}
            </Table>
        }
    })
}

/// A repository's originals and what has been made of each.
pub fn lineage(registry: &str, lineage: RepositoryLineage) -> FramedView {
    let repository = lineage.repository;
    let console = paths::lineage(registry, &repository);
    FramedView::new(repository, console, || {
        let images = lineage.images.into_iter().map(|image| {
            let stops = image.node.into_iter().chain(image.patches).map(stop);
            view! {
                <Card title=image.original>
                    <ol class="rail" role="list">{stops.collect_view()}</ol>
                </Card>
            }
        });
        images.collect_view()
    })
}

fn stop(node: LineageNode) -> impl IntoView {
    let pushed = node.updated_at.or(node.created_at).map(|at| {
        view! { <span>"pushed " <Time at /></span> }
    });
    let numbers = node
        .report
        .clone()
        .map(|report| view! { <PatchNumbers report /> });
    let folds = node.report.map(|report| view! { <PatchFolds report /> });
    view! {
        <li class="rail-stop" data-derivation=derivation_name(node.derivation)>
            <header class="rail-header">
                <h3><code>{node.tag}</code></h3>
                <DerivationBadge derivation=node.derivation />
                <p class="rail-facts muted">
                    <code class="break">{node.digest}</code>
                    {pushed}
                    <span>{format::bytes(node.size_bytes)}</span>
                </p>
            </header>
            {node.note.map(|text| view! { <p class="muted sentence">{text}</p> })}
            {numbers}
            <div class="folds">{folds}</div>
        </li>
    }
}
