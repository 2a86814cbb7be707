//! What the dry run and the policy's budget ask of the server.
use crate::error::ApiError;
use drydock_domain::console::{AppliedChange, AzureDryRun};
use drydock_domain::dry_run::{Averages, Depth, DryRunRecord, ImageInside, Inspection, KeptDryRun};
use drydock_domain::inventory::Obstacle;
use drydock_domain::proposal::Submission;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// Every tag with its content.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DryRunTags {
    pub repositories: Vec<(String, Vec<DryRunTag>)>,
    /// See [`drydock_domain::console::RegistryTags::within`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Vec<String>>,
    pub as_of: Option<chrono::DateTime<chrono::Utc>>,
}

/// Name, obstacle, the digest's hexadecimal digits, size in bytes: short, since pages carry all.
pub type DryRunTag = (String, Option<Obstacle>, String, u64);

/// How long scans and patches took, by image.
#[server(endpoint = "get_averages")]
pub async fn get_averages(registry: String) -> Result<Averages, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow.get_averages(&caller, &registry).await?)
}

#[server(endpoint = "list_dry_run_tags")]
pub async fn list_dry_run_tags(registry: String) -> Result<DryRunTags, ApiError> {
    use drydock_domain::inventory::InventoryTag;
    let (workflow, caller) = super::door::open()?;
    let listed = workflow.list_tags(&caller, &registry).await?;
    let repositories = listed.repositories.into_iter().map(|repository| {
        let tags = repository.tags.into_iter().map(|tag| {
            let obstacle = InventoryTag::from(&tag).obstacle;
            let digits = tag.digest.strip_prefix("sha256:").unwrap_or_default();
            (tag.tag, obstacle, digits.to_owned(), tag.size_bytes)
        });
        (repository.repository, tags.collect())
    });
    Ok(DryRunTags {
        repositories: repositories.collect(),
        within: listed.within,
        as_of: listed.as_of,
    })
}

/// What the policy picks, looked into as deep as was asked for, or how far that is. Reads only.
#[server(endpoint = "inspect_dry_run")]
pub async fn inspect_dry_run(
    registry: String,
    policy: String,
    depth: Depth,
) -> Result<Inspection, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let inspection = workflow.inspect_dry_run(&caller, &registry, &policy, depth);
    Ok(inspection.await?)
}

/// What was found in one image: by the inspection of a policy's text, or by a kept dry run where
/// `record` is its digest.
#[server(endpoint = "find_inside")]
pub async fn find_inside(
    registry: String,
    policy: String,
    depth: Depth,
    repository: String,
    original: String,
    record: Option<String>,
) -> Result<Option<ImageInside>, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let image = (repository.as_str(), original.as_str());
    Ok(match record {
        Some(record) => {
            workflow
                .find_kept_inside(&caller, &registry, &record, image)
                .await?
        }
        None => {
            workflow
                .find_inside(&caller, &registry, &policy, depth, image)
                .await?
        }
    })
}

/// Tries a policy now and keeps the record; answers with its digest. A browser without JavaScript
/// is led to it.
#[server(endpoint = "record_dry_run")]
pub async fn record_dry_run(
    registry: String,
    policy: String,
    #[server(default)] depth: Depth,
) -> Result<String, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let text = policy.replace("\r\n", "\n");
    let digest = workflow.record_dry_run(&caller, &registry, &text, depth);
    let digest = digest.await?;
    super::door::go_on(&crate::paths::kept_dry_run(&registry, &digest));
    Ok(digest)
}

/// The kept dry runs, newest first.
#[server(endpoint = "list_dry_runs")]
pub async fn list_dry_runs(registry: String) -> Result<Vec<KeptDryRun>, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow.list_dry_runs(&caller, &registry).await?)
}

/// A kept dry run without what was in each image: [`find_inside`] gives that.
#[server(endpoint = "get_dry_run")]
pub async fn get_dry_run(registry: String, digest: String) -> Result<DryRunRecord, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let record = workflow.get_dry_run(&caller, &registry, &digest).await?;
    Ok(DryRunRecord {
        images: Vec::new(),
        ..record
    })
}

/// Deploys or proposes the policy of a kept dry run, unless anything moved since.
#[server(endpoint = "apply_dry_run")]
pub async fn apply_dry_run(
    registry: String,
    digest: String,
    comment: String,
) -> Result<Submission<AppliedChange>, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let apply = workflow.apply_dry_run(&caller, &registry, &digest, &comment);
    let propose = workflow.propose_dry_run(&caller, &registry, &digest, &comment);
    let submitted = super::door::submit(&workflow, apply, propose).await?;
    super::door::go_on_from(&submitted, &crate::paths::policy(&registry));
    Ok(submitted)
}

/// What Azure's own tool selects: a quick run, which takes some seconds of task time.
#[server(endpoint = "ask_azure")]
pub async fn ask_azure(registry: String, policy: String) -> Result<AzureDryRun, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let text = policy.replace("\r\n", "\n");
    Ok(workflow.dry_run(&caller, &registry, &text).await?)
}
