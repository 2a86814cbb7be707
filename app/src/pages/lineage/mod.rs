mod compare;
mod contents;
mod graph;
mod lookup;
mod node;
mod patch_details;

use crate::api::images::draw_lineage;
use crate::format;
use crate::paths;
use crate::state::console::use_console;
use crate::ui::{ButtonLink, Card, EmptyState, IconName, PageHeader};
use crate::widgets::{AsOf, Loaded, use_param};
use compare::{Compare, Pair};
use contents::{Chosen, Contents};
use drydock_domain::console::Registry;
use drydock_domain::lineage::{GraphNode, ImageLineage, LineageDrawing};
use graph::{Graph, GraphTable, Pointers};
use leptos::prelude::*;
use node::Node;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use node::derivation_name;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use patch_details::{PatchFolds, PatchNumbers};

/// A repository's originals and what has been made of each, patch by patch.
#[component]
pub fn LineagePage() -> impl IntoView {
    let registry = use_param("registry");
    let repository = use_param("repository");
    let key = move || (registry.get(), repository.get());
    let lineage = Resource::new(key, |(registry, repository)| {
        draw_lineage(registry, repository)
    });
    // Made here, where the server and the browser make them in the same order: what waits for the
    // lineage is made again whenever it comes.
    let chosen = Chosen::new(registry, repository);
    let pair = Pair::new(registry, repository);
    let actions = move || {
        view! {
            <ButtonLink href=paths::images(&registry.get()) icon=IconName::Images>
                "All images"
            </ButtonLink>
        }
    };
    view! {
        {move || {
            view! {
                <PageHeader
                    title=repository.get()
                    subtitle="Originals, and the patches made of each, oldest first."
                    actions
                />
            }
        }}
        <Loaded resource=lineage label="Loading the lineage" let:lineage>
            {view! { <LineageBody registry=registry.get_untracked() lineage chosen pair /> }.into_any()}
        </Loaded>
    }
}

/// Where images of a repository are pulled from.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Source {
    registry: String,
    login_server: String,
    repository: String,
    sandbox: bool,
}

#[component]
fn LineageBody(
    registry: String,
    lineage: LineageDrawing,
    chosen: Chosen,
    pair: Pair,
) -> impl IntoView {
    let LineageDrawing {
        lineage,
        graph,
        as_of,
    } = lineage;
    if lineage.images.is_empty() {
        let empty = view! {
            <EmptyState icon=IconName::Tag title="No tags">
                <p>"The repository has no tag, or none whose manifest can be read."</p>
            </EmptyState>
        };
        return empty.into_any();
    }
    let repository = lineage.repository;
    let downloads = {
        let path = paths::lineage_file(&registry, &repository);
        move || {
            let (dot, json) = (format!("{path}&as=dot"), format!("{path}&as=json"));
            view! {
                <a href=dot download="" rel="external">"DOT"</a>
                <a href=json download="" rel="external">"JSON"</a>
            }
        }
    };
    let pointers = (!graph.pointers.is_empty()).then(|| {
        let pointers = graph.pointers.clone();
        view! {
            <details class="more">
                <summary>"Tags that move, and where they were"</summary>
                <Pointers pointers />
            </details>
        }
    });
    let images = lineage.images.into_iter().map({
        let (registry, repository) = (registry.clone(), repository.clone());
        move |image| view! { <Image image registry=registry.clone() repository=repository.clone() /> }
    });
    let images: Vec<_> = images.collect();
    let nodes = graph.nodes.clone();
    let drawn = {
        let (registry, graph) = (registry.clone(), graph.clone());
        view! { <Graph registry graph /> }
    };
    let table = {
        let registry = registry.clone();
        view! { <GraphTable registry graph /> }
    };
    let chosen = {
        let (registry, repository, nodes) = (registry.clone(), repository.clone(), nodes.clone());
        view! { <Opened registry repository nodes chosen /> }
    };
    let body = view! {
        <Card title="Graph" actions=downloads>
            {drawn}
            {table}
            {pointers}
            <AsOf at=as_of source="from the registry itself" />
        </Card>
        {chosen}
        <Compare registry repository nodes pair />
        {images}
    };
    body.into_any()
}

/// The image that the address names, opened.
#[component]
fn Opened(
    registry: String,
    repository: String,
    nodes: Vec<GraphNode>,
    chosen: Chosen,
) -> impl IntoView {
    let console = use_console();
    let view = move || {
        let digest = chosen.digest.get()?;
        let node = nodes.iter().find(|node| node.digest == digest);
        let tag = node.and_then(|node| node.tags.first().cloned());
        let (registry, repository) = (registry.clone(), repository.clone());
        Some(Suspend::new(async move {
            let registries = console.facts.await.ok()?.registries;
            let found: Registry = registries.into_iter().find(|one| one.name == registry)?;
            let source = Source {
                registry: found.name,
                login_server: found.login_server,
                repository,
                sandbox: found.sandbox,
            };
            Some(view! { <Contents chosen source digest tag /> })
        }))
    };
    view! { <Transition>{view}</Transition> }
}

/// One original with its patches, down a rail.
#[component]
fn Image(image: ImageLineage, registry: String, repository: String) -> impl IntoView {
    let phantom = image.node.is_none().then(|| {
        view! {
            <li class="rail-stop" data-derivation="missing">
                <p>
                    <code>{image.original.clone()}</code>
                    " does not exist. Its patch tags stand on a tag that was deleted, or their \
                     names only look like patch tags."
                </p>
            </li>
        }
    });
    let n_patches = match image.patches.len() as u64 {
        0 => "not patched".to_owned(),
        n => format::count(n, "patch", "patches"),
    };
    let original = image.node.as_ref().map(|node| node.digest.clone());
    let nodes = image.node.into_iter().chain(image.patches);
    let stops = nodes.map(|node| {
        let compare = original
            .as_ref()
            .filter(|original| **original != node.digest)
            .map(|original| compare::address(&registry, &repository, original, &node.digest));
        let image = paths::query_value(&node.digest);
        let open = format!(
            "{}?image={image}#contents",
            paths::lineage(&registry, &repository)
        );
        view! { <Node node open compare /> }
    });
    let section = view! {
        <section class="card">
            <header class="card-header">
                <h2>"Original " <code>{image.original}</code></h2>
                <p class="muted">{n_patches}</p>
            </header>
            <ol class="rail" role="list">
                {phantom}
                {stops.collect_view()}
            </ol>
        </section>
    };
    section.into_any()
}
