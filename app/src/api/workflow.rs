use crate::error::ApiError;
use drydock_domain::as_code::Tool;
use drydock_domain::console::{AppliedChange, PartOutcome, WorkflowState};
use drydock_domain::inventory::{Inventory, InventoryTag, Listing, Obstacle};
use drydock_domain::policy::PolicyVersion;
#[cfg(not(target_arch = "wasm32"))]
use drydock_domain::proposal::ProposedChange;
use drydock_domain::proposal::Submission;
use drydock_domain::verdict::Verdict;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// What selection and verdicts need to know of a registry, and no more: pages carry all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagList {
    pub repositories: Vec<(String, Vec<ListedTag>)>,
    /// See [`drydock_domain::console::RegistryTags::within`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Vec<String>>,
    pub as_of: Option<chrono::DateTime<chrono::Utc>>,
}

/// A tag's name, and why it cannot be patched where that is known.
pub type ListedTag = (String, Option<Obstacle>);

impl TagList {
    pub fn into_inventory(self) -> Inventory {
        let tag = |(name, obstacle)| InventoryTag { name, obstacle };
        let listed = |(repository, tags): (String, Vec<_>)| {
            let tags = tags.into_iter().map(tag).collect();
            (repository, Listing::Listed(tags))
        };
        let repositories = self.repositories.into_iter().map(listed).collect();
        Inventory::new(repositories).within(self.within)
    }
}

/// A dry run as the server computed it, short enough to be compared with the browser's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewSummary {
    /// Of every verdict: see `pages::dry_run::fingerprint`.
    pub fingerprint: String,
    pub matches: u64,
    pub counts: Vec<(Verdict, u64)>,
    /// Why the service's own check refuses the policy; nothing is selected then.
    pub refusal: Option<String>,
    pub as_of: Option<chrono::DateTime<chrono::Utc>>,
}

#[server(endpoint = "get_workflow")]
pub async fn get_workflow(registry: String) -> Result<WorkflowState, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow.get_workflow(&caller, &registry).await?)
}

#[server(endpoint = "list_tags")]
pub async fn list_tags(registry: String) -> Result<TagList, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let tags = workflow.list_tags(&caller, &registry).await?;
    let as_of = tags.as_of;
    let repositories = tags.repositories.iter().map(|repository| {
        let tags = repository.tags.iter().map(InventoryTag::from);
        let tags = tags.map(|tag| (tag.name, tag.obstacle)).collect();
        (repository.repository.clone(), tags)
    });
    Ok(TagList {
        repositories: repositories.collect(),
        within: tags.within,
        as_of,
    })
}

/// The dry run as the server computes it. It writes nothing.
#[server(endpoint = "preview")]
pub async fn preview(registry: String, policy: String) -> Result<PreviewSummary, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let preview = workflow.preview(&caller, &registry, &policy).await?;
    Ok(crate::pages::dry_run::summarise(&preview))
}

/// The policies that were deployed, newest first.
#[server(endpoint = "list_policy_versions")]
pub async fn list_policy_versions(registry: String) -> Result<Vec<PolicyVersion>, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow.list_policy_versions(&caller, &registry).await?)
}

/// The text of one of them; `digest` is its manifest's.
#[server(endpoint = "get_policy_text")]
pub async fn get_policy_text(registry: String, digest: String) -> Result<String, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let text = workflow.get_policy_text(&caller, &registry, &digest);
    Ok(text.await?)
}

/// The same workflow for another tool; `days` and `at` as in [`create_workflow`].
#[server(endpoint = "write_as_code")]
pub async fn write_as_code(
    registry: String,
    policy: String,
    days: String,
    at: String,
    tool: Tool,
) -> Result<String, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let schedule = super::door::schedule(&days, &at)?;
    let text = workflow.write_as_code(&caller, &registry, &policy, schedule, tool);
    Ok(text.await?)
}

/// Configures continuous patching. `days` is 1 to 30, `at` a time of day in UTC, `HH:MM`: the text of
/// the form's fields, so that what is wrong with it is said in its words. `comment` says why, to whoever
/// approves it.
#[server(endpoint = "create_workflow")]
pub async fn create_workflow(
    registry: String,
    policy: String,
    days: String,
    at: String,
    #[server(default)] run_now: bool,
    #[server(default)] comment: String,
) -> Result<Submission<AppliedChange>, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let policy = lines(&policy);
    let submitted = match super::door::schedule(&days, &at) {
        Ok(schedule) => {
            let change = ProposedChange::Create {
                policy: policy.clone(),
                schedule,
                run_now,
            };
            let deploy = workflow.create_workflow(&caller, &registry, &policy, schedule, run_now);
            let propose = workflow.propose(&caller, &registry, change, &comment);
            super::door::submit(&workflow, deploy, propose).await
        }
        Err(error) => Err(error),
    };
    let page = crate::paths::policy(&registry);
    let fields = [
        ("policy", policy.as_str()),
        ("days", &days),
        ("at", &at),
        ("comment", &comment),
    ];
    let submitted = super::door::keep_fields::<CreateWorkflow>(submitted, &page, &fields)?;
    super::door::go_on_from(&submitted, &crate::paths::overview(&registry));
    Ok(submitted)
}

/// Deploys another policy. `based_on` is the digest of the one that it was made from, empty where
/// there was none; `comment` says why.
#[server(endpoint = "update_policy")]
pub async fn update_policy(
    registry: String,
    policy: String,
    #[server(default)] based_on: String,
    #[server(default)] comment: String,
    #[server(default)] run_now: bool,
) -> Result<Submission<AppliedChange>, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let (policy, comment) = (lines(&policy), lines(&comment));
    let based_on = Some(based_on).filter(|digest| !digest.is_empty());
    let change = drydock_workflow::PolicyChange {
        text: policy.clone(),
        based_on: based_on.clone(),
        comment: comment.clone(),
    };
    let proposed = ProposedChange::Policy {
        text: policy.clone(),
        based_on,
        run_now,
    };
    let deploy = workflow.update_workflow(&caller, &registry, Some(change), None, run_now);
    let propose = workflow.propose(&caller, &registry, proposed, &comment);
    let submitted = super::door::submit(&workflow, deploy, propose).await;
    let page = crate::paths::policy(&registry);
    let fields = [("policy", policy.as_str()), ("comment", &comment)];
    let submitted = super::door::keep_fields::<UpdatePolicy>(submitted, &page, &fields)?;
    super::door::go_on_from(&submitted, &crate::paths::overview(&registry));
    Ok(submitted)
}

/// Moves the timer; `days`, `at` and `comment` as in [`create_workflow`]. `based_on` is the cron that the
/// page showed as deployed; empty to move it whatever it is. Without JavaScript nothing warns while the
/// fields change: `seen` is the cron whose warnings the page was written with, and where another one
/// would give some, nothing is saved until they were shown.
#[server(endpoint = "update_schedule")]
pub async fn update_schedule(
    registry: String,
    days: String,
    at: String,
    #[server(default)] comment: String,
    #[server(default)] based_on: String,
    #[server(default)] seen: String,
) -> Result<Submission<AppliedChange>, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let schedule = match super::door::schedule(&days, &at) {
        Ok(schedule) => super::door::require_warned(&workflow, &caller, &registry, schedule, &seen)
            .await
            .map(|()| schedule),
        Err(error) => Err(error),
    };
    let submitted = match schedule {
        Ok(schedule) => {
            let based_on = Some(based_on).filter(|cron| !cron.is_empty());
            let moved = drydock_workflow::ScheduleChange {
                schedule,
                based_on: based_on.clone(),
            };
            let change = ProposedChange::Schedule { schedule, based_on };
            let deploy = workflow.update_workflow(&caller, &registry, None, Some(moved), false);
            let propose = workflow.propose(&caller, &registry, change, &comment);
            super::door::submit(&workflow, deploy, propose).await
        }
        Err(error) => Err(error),
    };
    let page = crate::paths::schedule(&registry);
    let fields = [("days", days.as_str()), ("at", &at), ("comment", &comment)];
    let submitted = super::door::keep_fields::<UpdateSchedule>(submitted, &page, &fields)?;
    super::door::go_on_from(&submitted, &page);
    Ok(submitted)
}

/// Removes continuous patching; `confirmation` is the registry's name, typed by a person, `comment` as
/// in [`create_workflow`].
#[server(endpoint = "delete_workflow")]
pub async fn delete_workflow(
    registry: String,
    confirmation: String,
    #[server(default)] comment: String,
) -> Result<Submission<Vec<PartOutcome>>, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let change = ProposedChange::Delete {
        confirmation: confirmation.clone(),
    };
    let delete = workflow.delete_workflow(&caller, &registry, &confirmation);
    let propose = workflow.propose(&caller, &registry, change, &comment);
    let submitted = super::door::submit(&workflow, delete, propose).await?;
    super::door::go_on_from(&submitted, &crate::paths::overview(&registry));
    Ok(submitted)
}

/// A browser that posts a form by itself ends each line with two characters.
#[cfg(not(target_arch = "wasm32"))]
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n")
}
