mod azure_answer;
mod comparison;
mod depth;
mod export;
mod filter;
mod filters;
mod inside;
mod kept;
mod known;
mod model;
mod server_answer;
mod source;
mod table;
mod why;

use crate::api::dry_run::{
    DryRunTags, get_averages, get_dry_run, inspect_dry_run, list_dry_run_tags,
};
use crate::api::workflow::get_workflow;
use crate::error::ApiError;
use crate::format;
use crate::paths;
use crate::state::permission::require_whole;
use crate::ui::{
    ButtonLink, Card, EmptyState, IconName, Meter, Notice, PageHeader, Stat, Tone, Variant,
};
use crate::widgets::{CycleCost, Loaded, use_param};
use azure_answer::AzureAnswer;
use comparison::Comparison;
use depth::{DepthPanel, keep_inspecting};
use drydock_domain::console::WorkflowState;
use drydock_domain::dry_run::{Averages, Depth, DryRunRecord, Inspection};
use drydock_domain::selection::IMAGE_LIMIT;
use filter::Filter;
use filters::Filters;
use kept::{KeptDryRunView, KeptDryRuns};
use known::Known;
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
    let query = use_query_map();
    let record = Memo::new(move |_| query.read().get("record"));
    let loaded = Resource::new(
        move || (registry.get(), record.get()),
        move |(registry, record)| {
            let whole = require_whole(&registry);
            load(registry, record, query.with_untracked(Filter::read), whole)
        },
    );
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
                let (state, tags, averages, record, inspection) = data;
                let known = Known::new(tags, averages);
                view! { <DryRunBody state known record inspection /> }.into_any()
            }
        </Loaded>
    }
}

/// A kept dry run, under its digest.
type Kept = Option<(String, DryRunRecord)>;

type Data = (
    WorkflowState,
    DryRunTags,
    Averages,
    Kept,
    Option<Inspection>,
);

async fn load(
    registry: String,
    record: Option<String>,
    filter: Filter,
    whole: Result<(), ApiError>,
) -> Result<Data, ApiError> {
    let workflow = get_workflow(registry.clone());
    let tags = list_dry_run_tags(registry.clone());
    let kept = async {
        match record {
            None => Ok(None),
            Some(digest) => {
                whole.clone()?;
                let record = get_dry_run(registry.clone(), digest.clone()).await?;
                Ok(Some((digest, record)))
            }
        }
    };
    let averages = get_averages(registry.clone());
    let loaded = futures::future::try_join4(workflow, tags, averages, kept).await?;
    let (state, tags, averages, kept) = loaded;
    let depth = depth_of(&filter, kept.as_ref());
    // Names are on the screen at once; whoever asks for more waits a second for it.
    let inspection = match text_of(&filter, kept.as_ref(), &state) {
        Some(text) if depth > Depth::Match && whole.is_ok() => {
            inspect_dry_run(registry, text, depth).await.ok()
        }
        _ => None,
    };
    Ok((state, tags, averages, kept, inspection))
}

/// The text that is tried at first.
fn text_of(
    filter: &Filter,
    kept: Option<&(String, DryRunRecord)>,
    state: &WorkflowState,
) -> Option<String> {
    let given = filter.policy.clone();
    let tried = || kept.map(|(_, record)| record.policy.clone());
    let deployed = || state.policy.as_ref().map(|policy| policy.text.clone());
    given.or_else(tried).or_else(deployed)
}

/// As deep as the address says, or as the dry run that was kept.
fn depth_of(filter: &Filter, kept: Option<&(String, DryRunRecord)>) -> Depth {
    let kept = kept.map(|(_, record)| record.receipt.depth);
    filter.depth.or(kept).unwrap_or_default()
}

/// What the parts of the page share.
#[derive(Clone, Copy)]
pub struct DryRun {
    pub state: StoredValue<WorkflowState>,
    pub known: StoredValue<Known>,
    pub text: RwSignal<String>,
    pub filter: Memo<Filter>,
    pub depth: Memo<Depth>,
    /// What is known of the images beyond their names, so far.
    pub inspection: RwSignal<Option<Inspection>>,
    /// Why the server does not say it.
    pub unanswered: RwSignal<Option<ApiError>>,
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
fn DryRunBody(
    state: WorkflowState,
    known: Known,
    record: Kept,
    inspection: Option<Inspection>,
) -> impl IntoView {
    let query = use_query_map();
    let filter = Memo::new(move |_| query.with(Filter::read));
    let deployed = state.policy.as_ref().map(|policy| policy.text.clone());
    let kept_depth = record.as_ref().map(|(_, record)| record.receipt.depth);
    let is_given = record.is_some() || filter.with_untracked(|filter| filter.policy.is_some());
    let text = filter.with_untracked(|filter| text_of(filter, record.as_ref(), &state));
    let dry_run = DryRun {
        state: StoredValue::new(state),
        known: StoredValue::new(known),
        text: RwSignal::new(text.unwrap_or_default()),
        filter,
        depth: Memo::new(move |_| filter.read().depth.or(kept_depth).unwrap_or_default()),
        inspection: RwSignal::new(inspection),
        unanswered: RwSignal::new(None),
    };
    keep_inspecting(dry_run);
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
    let is_kept = record.is_some();
    let kept = record.map(|(digest, record)| view! { <KeptDryRunView dry_run digest record /> });
    view! {
        {kept}
        <AgainstDeployed dry_run deployed=deployed.clone() />
        {(!is_kept).then(|| view! { <SourceChoice dry_run deployed given=is_given /> })}
        {body}
    }
}

/// What the text would change of what the deployed policy does.
#[component]
fn AgainstDeployed(dry_run: DryRun, deployed: Option<String>) -> impl IntoView {
    let deployed = StoredValue::new(deployed);
    let is_other = Memo::new(move |_| {
        deployed.with_value(|deployed| {
            let deployed = deployed.as_deref();
            let is_other = |text: &String| deployed.is_some_and(|deployed| text != deployed);
            // There is nothing to compare with what cannot be read.
            dry_run
                .text
                .with(|text| is_other(text) && model::is_readable(text))
        })
    });
    move || {
        is_other.get().then(|| {
            let before = dry_run.known.with_value(|known| {
                deployed.with_value(|text| {
                    model::verdicts(text.as_deref().unwrap_or_default(), &known.inventory, None)
                })
            });
            view! {
                <Card title="Against the deployed policy">
                    <Comparison dry_run before />
                </Card>
            }
        })
    }
}

#[component]
fn Judged(dry_run: DryRun) -> impl IntoView {
    let summary = Memo::new(move |_| {
        dry_run.known.with_value(|known| {
            dry_run
                .text
                .with(|text| model::summary(text, &known.inventory))
        })
    });
    let page = Memo::new(move |_| {
        dry_run.known.with_value(|known| {
            dry_run.text.with(|text| {
                dry_run.filter.with(|filter| {
                    let inspection = dry_run.inspection.read();
                    model::page(text, known, filter, inspection.as_ref())
                })
            })
        })
    });
    let counts = Memo::new(move |_| {
        dry_run.known.with_value(|known| {
            let inspection = dry_run.inspection.read();
            let count = |text: &String| model::counts(text, known, inspection.as_ref());
            dry_run.text.with(count)
        })
    });
    let cost = move || {
        let known = dry_run.known;
        let cycle = known.with_value(|known| dry_run.text.with(|text| model::cost(text, known)));
        view! { <CycleCost cycle /> }
    };
    let matches =
        Signal::derive(move || Some(u32::try_from(summary.read().matches).unwrap_or(u32::MAX)));
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
    let total = move || counts.read().iter().map(|(_, n)| n).sum::<u64>();
    view! {
        {refusal}
        <div class="dry-run-top">
            <div class="stack">
                <dl class="stats">
                    {move || view! {
                        <Stat label="Tags judged" value=format::thousands(total()) />
                        <Stat label="Images to scan" value=format::thousands(summary.read().matches) />
                        <Stat label="Need attention" value=format::thousands(attention(&counts.read())) />
                    }}
                </dl>
                <Meter label="Images of a run" value=matches limit=IMAGE_LIMIT as u32 />
                {cost}
                <DepthPanel dry_run />
                <ServerAnswer dry_run summary />
                <AzureAnswer dry_run />
            </div>
            <WhyNot dry_run />
        </div>
        <Filters dry_run counts />
        <Verdicts dry_run page />
        <KeptDryRuns dry_run />
    }
}

fn attention(counts: &[(drydock_domain::verdict::Verdict, u64)]) -> u64 {
    let needing = counts
        .iter()
        .filter(|(verdict, _)| verdict.needs_attention());
    needing.map(|(_, n)| n).sum()
}
