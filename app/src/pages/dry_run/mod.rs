mod export;
mod filter;
mod filters;
mod model;
mod server_answer;
mod source;
mod table;
mod why;

use crate::api::workflow::{TagList, get_workflow, list_tags};
use crate::error::ApiError;
use crate::format;
use crate::paths;
use crate::ui::{ButtonLink, EmptyState, IconName, Meter, Notice, PageHeader, Stat, Tone, Variant};
use crate::widgets::{Loaded, use_param};
use drydock_domain::console::WorkflowState;
use drydock_domain::inventory::Inventory;
use drydock_domain::selection::IMAGE_LIMIT;
use filter::Filter;
use filters::Filters;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
pub use model::summarise;
use server_answer::ServerAnswer;
use source::SourceChoice;
use table::Verdicts;
use why::WhyNot;

/// What the next run will do with each tag, and why. Nothing is written.
#[component]
pub fn DryRunPage() -> impl IntoView {
    let registry = use_param("registry");
    let loaded = Resource::new(move || registry.get(), load);
    let actions = move || {
        view! {
            <ButtonLink href=paths::policy(&registry.get()) icon=IconName::Policy>
                "Edit the policy"
            </ButtonLink>
        }
    };
    view! {
        <PageHeader
            title="Dry run"
            subtitle="What the next run will do with each tag, and why. Nothing is written."
            actions
        />
        <Loaded resource=loaded label="Judging every tag" let:data>
            {
                let (state, tags) = data;
                view! { <DryRunBody state tags /> }.into_any()
            }
        </Loaded>
    }
}

async fn load(registry: String) -> Result<(WorkflowState, TagList), ApiError> {
    futures::future::try_join(get_workflow(registry.clone()), list_tags(registry)).await
}

/// What the parts of the page share.
#[derive(Clone, Copy)]
pub struct DryRun {
    pub state: StoredValue<WorkflowState>,
    pub inventory: StoredValue<Inventory>,
    pub text: RwSignal<String>,
    pub filter: Memo<Filter>,
}

impl DryRun {
    pub fn registry(&self) -> String {
        self.state.with_value(|state| state.registry.name.clone())
    }

    pub fn path(&self) -> String {
        paths::dry_run(&self.registry())
    }
}

#[component]
fn DryRunBody(state: WorkflowState, tags: TagList) -> impl IntoView {
    let query = use_query_map();
    let filter = Memo::new(move |_| query.with(Filter::read));
    let deployed = state.policy.as_ref().map(|policy| policy.text.clone());
    let given = filter.with_untracked(|filter| filter.policy.clone());
    let text = given
        .clone()
        .or_else(|| deployed.clone())
        .unwrap_or_default();
    let dry_run = DryRun {
        state: StoredValue::new(state),
        inventory: StoredValue::new(tags.into_inventory()),
        text: RwSignal::new(text),
        filter,
    };
    let policy = paths::policy(&dry_run.registry());
    let body = move || match dry_run.text.with(|text| text.trim().is_empty()) {
        true => {
            let policy = policy.clone();
            view! {
                <EmptyState icon=IconName::DryRun title="There is no policy to try">
                    <p>"Write one, or begin with a sample: its dry run appears here before anything is deployed."</p>
                    <ButtonLink href=policy variant=Variant::Primary icon=IconName::Policy>
                        "Write a policy"
                    </ButtonLink>
                </EmptyState>
            }
            .into_any()
        }
        false => view! { <Judged dry_run /> }.into_any(),
    };
    view! {
        <SourceChoice dry_run deployed given=given.is_some() />
        {body}
    }
}

#[component]
fn Judged(dry_run: DryRun) -> impl IntoView {
    let summary = Memo::new(move |_| {
        dry_run
            .inventory
            .with_value(|inventory| dry_run.text.with(|text| model::summary(text, inventory)))
    });
    let page = Memo::new(move |_| {
        dry_run.inventory.with_value(|inventory| {
            dry_run.text.with(|text| {
                dry_run
                    .filter
                    .with(|filter| model::page(text, inventory, filter))
            })
        })
    });
    let matches = Signal::derive(move || u32::try_from(summary.read().matches).unwrap_or(u32::MAX));
    let refusal = move || {
        summary.read().refusal.clone().map(|refusal| {
            view! {
                <Notice tone=Tone::Danger title="ACR's own check refuses this policy">
                    <p class="break">{refusal}</p>
                    <p>"A run with it would fail before it looks at any tag."</p>
                </Notice>
            }
        })
    };
    let total = move || summary.read().counts.iter().map(|(_, n)| n).sum::<u64>();
    view! {
        {refusal}
        <div class="dry-run-top">
            <div class="stack">
                <dl class="stats">
                    {move || view! {
                        <Stat label="Tags judged" value=format::thousands(total()) />
                        <Stat label="Images to scan" value=format::thousands(summary.read().matches) />
                        <Stat label="Need attention" value=format::thousands(attention(&summary.read().counts)) />
                    }}
                </dl>
                <Meter label="Images of a run" value=matches limit=IMAGE_LIMIT as u32 />
                <ServerAnswer dry_run summary />
            </div>
            <WhyNot dry_run />
        </div>
        <Filters dry_run summary />
        <Verdicts dry_run page />
    }
}

fn attention(counts: &[(drydock_domain::verdict::Verdict, u64)]) -> u64 {
    let needing = counts
        .iter()
        .filter(|(verdict, _)| verdict.needs_attention());
    needing.map(|(_, n)| n).sum()
}
