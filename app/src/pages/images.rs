use crate::api::images::list_repositories;
use crate::format;
use crate::paths;
use crate::state::console::use_console;
use crate::ui::{Cell, EmptyState, IconName, PageHeader, Stat, Table, Time};
use crate::widgets::{AsOf, Loaded, use_param};
use drydock_domain::lineage::{RepositoryList, RepositorySummary};
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
    let actions = move || {
        let file = |format| paths::images_file(&registry.get(), format);
        view! {
            <a href=file("csv") download="" rel="external">"CSV of all tags"</a>
            <a href=file("json") download="" rel="external">"JSON of all tags"</a>
        }
    };
    view! {
        <PageHeader
            title="Images"
            subtitle="Repositories, their original tags, and the patches made of them."
            actions
        />
        <Loaded resource=repositories label="Loading repositories" let:list>
            {list_view(registry.get_untracked(), list)}
        </Loaded>
    }
}

fn list_view(registry: String, list: RepositoryList) -> AnyView {
    let RepositoryList {
        repositories,
        as_of,
    } = list;
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
    let total = |of: fn(&RepositorySummary) -> u32| {
        let sum = repositories.iter().map(|row| u64::from(of(row))).sum();
        format::thousands(sum)
    };
    let totals = view! {
        <dl class="stats" aria-label="The whole registry">
            <Stat label="Repositories" value=format::thousands(repositories.len() as u64) />
            <Stat label="Originals" value=total(|row| row.originals) />
            <Stat label="Patches" value=total(|row| row.patches) />
            <Stat label="Tags" value=total(|row| row.tags) />
        </dl>
    };
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
        {totals}
        <Table
            caption="Repositories"
            columns=&["Repository", "Originals", "Patches", "Tags", "Last change"]
        >
            {rows.collect_view()}
        </Table>
        {as_of.map(|at| view! { <AsOf at source="from the registry itself" /> })}
    };
    table.into_any()
}
