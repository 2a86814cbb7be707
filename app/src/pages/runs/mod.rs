mod cycle;
mod earlier;
mod image_runs;
mod status_filter;
mod timeline;

use crate::api::runs::{list_earlier_runs, list_runs};
use crate::api::workflow::get_workflow;
use crate::error::ApiError;
use crate::paths;
use crate::state::events::{Connection, Topic, subscribe};
use crate::ui::{ButtonLink, EmptyState, IconName, PageHeader, Variant};
use crate::widgets::{AsOf, Ignored, LiveMark, Loaded, OfWholeRegistry, StartRunForm, use_param};
use cycle::Cycle;
pub use cycle::ended_at;
use drydock_domain::console::WorkflowState;
use drydock_domain::run::{RunList, RunTree};
use earlier::{Earlier, can_be_page, use_page};
pub use image_runs::ImageRuns;
use leptos::prelude::*;
pub use status_filter::{Counts, StatusFilter, use_status_filter};
use std::ops::ControlFlow;

/// Every cycle as one tree, trigger → scan → patch, newest first, as it happens.
#[component]
pub fn RunsPage() -> impl IntoView {
    let registry = use_param("registry");
    let runs = Resource::new(move || registry.get(), list_runs);
    let state = Resource::new(move || registry.get(), get_workflow);
    let connection = RwSignal::new(Connection::Pending);
    let actions = move || {
        view! {
            <LiveMark connection />
            <RunNow state registry=registry.get() />
        }
    };
    view! {
        <PageHeader
            title="Runs"
            subtitle="One cycle: the trigger chooses images, each is scanned, and patched where that helps."
            actions
        />
        <Loaded resource=runs label="Loading runs" let:list>
            {view! { <Cycles registry=registry.get_untracked() list connection /> }.into_any()}
        </Loaded>
        <OfWholeRegistry>
            <Ignored parameters=&[("earlier", can_be_page)] />
            <EarlierCycles registry />
        </OfWholeRegistry>
    }
}

#[component]
fn EarlierCycles(registry: Memo<String>) -> impl IntoView {
    let page = use_page();
    let earlier = Resource::new(
        move || (registry.get(), page.get()),
        |(registry, page)| list_earlier_runs(registry, page),
    );
    view! {
        <Loaded resource=earlier label="Looking into the archive" let:earlier>
            {view! { <Earlier registry=registry.get_untracked() earlier /> }.into_any()}
        </Loaded>
    }
}

/// Where the state cannot be read the button stays: the server decides then, and says why.
#[component]
fn RunNow(state: Resource<Result<WorkflowState, ApiError>>, registry: String) -> impl IntoView {
    view! {
        <Transition>
            {move || {
                let registry = registry.clone();
                Suspend::new(async move {
                    let state = state.await;
                    let configured = state.as_ref().map_or(true, WorkflowState::is_configured);
                    view! { <StartRunForm registry variant=Variant::Primary configured /> }
                })
            }}
        </Transition>
    }
}

#[component]
fn Cycles(registry: String, list: RunList, connection: RwSignal<Connection>) -> impl IntoView {
    let RunList { trees, as_of } = list;
    let newest = trees.first().map(|tree| tree.trigger.id.clone());
    let trees = RwSignal::new(trees);
    let status = use_status_filter();
    let counts = Memo::new(move |_| trees.with(|trees| Counts::of(trees)));
    let path = paths::runs(&registry);
    let none = {
        let path = path.clone();
        move || {
            let chosen = status
                .get()
                .filter(|chosen| counts.read().of_status(*chosen) == 0)?;
            let sentence = format!("No image of these cycles is {}. ", chosen.as_str());
            Some(view! {
                <p class="muted">{sentence} <a href=path.clone()>"Show all images"</a> "."</p>
            })
        }
    };
    let followed = registry.clone();
    Effect::new(move |_| follow(&followed, trees, connection));
    let ids = move || {
        let ids = trees.with(|trees| trees.iter().map(|tree| tree.trigger.id.clone()).collect());
        let ids: Vec<String> = ids;
        ids
    };
    let empty = {
        let registry = registry.clone();
        move || {
            trees
                .with(Vec::is_empty)
                .then(|| no_runs(paths::dry_run(&registry)))
        }
    };
    view! {
        {empty}
        <StatusFilter path counts chosen=status />
        {none}
        <ol class="cycles" role="list">
            <For each=ids key=Clone::clone let:id>
                <Cycle
                    registry=registry.clone()
                    open=newest.as_ref() == Some(&id)
                    status
                    tree=Memo::new(move |_| {
                        trees.with(|trees| trees.iter().find(|tree| tree.trigger.id == id).cloned())
                    })
                />
            </For>
        </ol>
        <AsOf at=as_of source="from Azure, which lists the last 300 runs, and followed since" />
    }
}

/// Keeps `trees` as the server last told them.
pub fn follow(registry: &str, trees: RwSignal<Vec<RunTree>>, connection: RwSignal<Connection>) {
    let registry = registry.to_owned();
    subscribe(Topic::Runs { registry }, connection, move |text| {
        if let Ok(next) = serde_json::from_str::<Vec<RunTree>>(&text)
            && *trees.read_untracked() != next
        {
            trees.set(next);
        }
        ControlFlow::Continue(())
    });
}

fn no_runs(dry_run: String) -> impl IntoView {
    view! {
        <EmptyState icon=IconName::Runs title="No runs yet">
            <p>
                "A cycle begins on schedule, or when you press Run now. Its first result takes a \
                 minute or two."
            </p>
            <ButtonLink href=dry_run icon=IconName::DryRun>
                "See first what it would do"
            </ButtonLink>
        </EmptyState>
    }
}
