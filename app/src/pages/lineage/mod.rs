mod node;
mod patch_details;
mod pull;

use crate::api::images::get_lineage;
use crate::format;
use crate::paths;
use crate::state::console::use_console;
use crate::ui::{ButtonLink, EmptyState, IconName, PageHeader};
use crate::widgets::{Loaded, use_param};
use drydock_domain::console::Registry;
use drydock_domain::lineage::{ImageLineage, RepositoryLineage};
use leptos::prelude::*;
use node::Node;

/// A repository's originals and what has been made of each, patch by patch.
#[component]
pub fn LineagePage() -> impl IntoView {
    let registry = use_param("registry");
    let repository = use_param("repository");
    let key = move || (registry.get(), repository.get());
    let lineage = Resource::new(key, |(registry, repository)| {
        get_lineage(registry, repository)
    });
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
            {view! { <LineageBody registry=registry.get_untracked() lineage /> }.into_any()}
        </Loaded>
    }
}

/// Where images of a repository are pulled from.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Source {
    login_server: String,
    repository: String,
    sandbox: bool,
}

#[component]
fn LineageBody(registry: String, lineage: RepositoryLineage) -> impl IntoView {
    let console = use_console();
    if lineage.images.is_empty() {
        let empty = view! {
            <EmptyState icon=IconName::Tag title="No tags">
                <p>"The repository has no tag, or none whose manifest can be read."</p>
            </EmptyState>
        };
        return empty.into_any();
    }
    let repository = lineage.repository;
    let source = move || {
        let facts = console.facts.get()?.ok()?;
        let found = facts
            .registries
            .into_iter()
            .find(|one| one.name == registry);
        found.map(|found: Registry| Source {
            login_server: found.login_server,
            repository: repository.clone(),
            sandbox: found.sandbox,
        })
    };
    let images = lineage.images;
    let sections = move || {
        let source = source();
        let one = |image: ImageLineage| view! { <Image image source=source.clone() /> };
        images.clone().into_iter().map(one).collect_view()
    };
    view! { <Transition>{sections}</Transition> }.into_any()
}

/// One original with its patches, down a rail.
#[component]
fn Image(image: ImageLineage, source: Option<Source>) -> impl IntoView {
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
    let nodes = image.node.into_iter().chain(image.patches);
    let stops = nodes.map(|node| view! { <Node node source=source.clone() /> });
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
