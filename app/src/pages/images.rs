use crate::api::images::list_repositories;
use crate::format;
use crate::paths;
use crate::state::console::use_console;
use crate::ui::{Cell, EmptyState, IconName, PageHeader, Table, Time};
use crate::widgets::{Loaded, use_param};
use drydock_domain::lineage::RepositorySummary;
use leptos::prelude::*;

/// The registry's repositories, each with its originals and patches.
#[component]
pub fn ImagesPage() -> impl IntoView {
    let registry = use_param("registry");
    let arrivals = use_console().arrivals;
    let repositories = Resource::new(
        move || (registry.get(), arrivals.get()),
        |(registry, _)| list_repositories(registry),
    );
    view! {
        <PageHeader
            title="Images"
            subtitle="Repositories, their original tags, and the patches made of them."
        />
        <Loaded resource=repositories label="Loading repositories" let:repositories>
            {repositories_view(registry.get_untracked(), repositories)}
        </Loaded>
    }
}

fn repositories_view(registry: String, repositories: Vec<RepositorySummary>) -> AnyView {
    if repositories.is_empty() {
        let empty = view! {
            <EmptyState icon=IconName::Images title="The registry is empty">
                <p>
                    "Nothing has been pushed yet. Push an image, or wait until the sandbox has made \
                     its samples, and it appears here."
                </p>
            </EmptyState>
        };
        return empty.into_any();
    }
    let rows = repositories.into_iter().map(move |row| {
        let href = paths::lineage(&registry, &row.repository);
        let updated = row.updated_at.map(|at| view! { <Time at /> });
        view! {
            <tr role="row">
                <Cell column="Repository">
                    <a href=href>{row.repository}</a>
                </Cell>
                <Cell column="Originals" numeric=true>{format::thousands(row.originals.into())}</Cell>
                <Cell column="Patches" numeric=true>{format::thousands(row.patches.into())}</Cell>
                <Cell column="Tags" numeric=true>{format::thousands(row.tags.into())}</Cell>
                <Cell column="Last change">{updated}</Cell>
            </tr>
        }
    });
    let table = view! {
        <Table
            caption="Repositories"
            columns=&["Repository", "Originals", "Patches", "Tags", "Last change"]
        >
            {rows.collect_view()}
        </Table>
    };
    table.into_any()
}
