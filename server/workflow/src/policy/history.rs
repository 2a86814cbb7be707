//! The policies that were deployed: those of this console from its own records, which outlive the
//! workflow, the others as far as the registry still has them.
use crate::change::done;
use crate::policy::artifact;
use crate::registry_room::RegistryRoom;
use crate::{Answer, Caller, Workflow, WorkflowError};
use chrono::{DateTime, Utc};
use drydock_azure::AzureError;
use drydock_domain::access::Operation;
use drydock_domain::console::PartOutcome;
use drydock_domain::policy::{PolicyApplication, PolicyVersion};
use drydock_domain::tag::Digest;
use drydock_ledger::Entry;
use serde::Deserialize;
use serde_json::json;
use std::collections::HashSet;

/// A policy that has just been deployed.
pub(crate) struct Applied<'a> {
    /// Of its manifest.
    pub digest: &'a str,
    pub text: &'a str,
    pub by: Author<'a>,
}

/// Whose policy it is, and why.
#[derive(Clone, Copy)]
pub(crate) struct Author<'a> {
    pub name: &'a str,
    /// Who approved it, where that takes a second person.
    pub approver: Option<&'a str>,
    pub comment: &'a str,
}

#[derive(Deserialize)]
struct Record {
    digest: String,
    /// Digest of the kept text.
    text: String,
    author: String,
    #[serde(default)]
    approver: Option<String>,
    comment: String,
    at: DateTime<Utc>,
    entry: i64,
}

impl Workflow {
    /// Keeps the text and who applied it. The policy is deployed: what cannot be kept is a step
    /// that failed, and changes nothing about that.
    pub(crate) async fn remember_policy(
        &self,
        entry: &Entry,
        room: &RegistryRoom,
        applied: Applied<'_>,
    ) -> PartOutcome {
        match self.keep_version(entry, room, &applied).await {
            Ok(text) => done("history", format!("{} is kept as {text}", applied.digest)),
            Err(error) => PartOutcome {
                part: "history".into(),
                done: false,
                detail: error.to_string(),
            },
        }
    }

    async fn keep_version(
        &self,
        entry: &Entry,
        room: &RegistryRoom,
        applied: &Applied<'_>,
    ) -> Answer<String> {
        let evidence = &self.inner.evidence;
        let text = evidence.keep(applied.text.as_bytes().to_vec()).await?;
        let sequence = entry.sequence();
        let record = json!({
            "digest": applied.digest,
            "text": text,
            "author": applied.by.name,
            "approver": applied.by.approver,
            "comment": applied.by.comment,
            "at": self.inner.clock.now(),
            "entry": sequence,
        });
        let kept = evidence.keep(record.to_string().into_bytes()).await?;
        let (registry, name) = (&room.registry.name, sequence.to_string());
        let shelved = self.inner.policies.add(registry, &name, &kept);
        shelved.map_err(shelf_error)?;
        Ok(text)
    }

    /// Oldest first; each verified against its digest.
    async fn policy_records(&self, room: &RegistryRoom) -> Answer<Vec<Record>> {
        let shelved = self.inner.policies.runs(&room.registry.name);
        let mut records: Vec<Record> = Vec::new();
        for digest in shelved.map_err(shelf_error)?.values() {
            let bytes = self.inner.evidence.read(digest).await?.unwrap_or_default();
            records.push(serde_json::from_slice(&bytes).map_err(|error| {
                WorkflowError::Internal {
                    what: format!("the record {digest} of a policy cannot be read: {error}"),
                    source: Some(Box::new(error)),
                }
            })?);
        }
        records.sort_by_key(|record| record.entry);
        Ok(records)
    }

    /// Every policy that is known to have been deployed, newest first.
    pub async fn list_policy_versions(
        &self,
        caller: &Caller,
        registry: &str,
    ) -> Answer<Vec<PolicyVersion>> {
        caller.authorise(Operation::Read)?;
        let room = self.room(caller, registry).await?;
        let records = self.policy_records(&room).await?;
        let repository = artifact::repository();
        let manifests = match room.acr.list_manifests(&repository).await {
            Ok(manifests) => manifests,
            Err(AzureError::NotFound(_)) => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        let deployed = artifact::find(&room.acr).await?;
        let deployed = deployed.map(|manifest| manifest.digest);
        let ours: HashSet<&str> = records.iter().map(|it| it.digest.as_str()).collect();
        let foreign = manifests
            .into_iter()
            .filter(|manifest| !ours.contains(manifest.digest.as_str()))
            .map(|manifest| PolicyVersion {
                at: manifest.created_time.or(manifest.last_update_time),
                digest: manifest.digest,
                application: None,
                is_deployed: false,
            });
        let mut versions: Vec<PolicyVersion> = foreign.collect();
        versions.extend(records.into_iter().map(|record| PolicyVersion {
            digest: record.digest,
            at: Some(record.at),
            application: Some(PolicyApplication {
                author: record.author,
                approver: record.approver,
                comment: caller.reached_words(&room.registry.name, record.comment),
                entry: record.entry,
            }),
            is_deployed: false,
        }));
        versions.sort_by_key(|version| {
            let entry = version.application.as_ref().map(|it| it.entry);
            std::cmp::Reverse((version.at, entry))
        });
        // The same policy may have been applied twice: what is deployed is the last of them.
        let last = versions
            .iter_mut()
            .find(|version| Some(&version.digest) == deployed.as_ref());
        if let Some(last) = last {
            last.is_deployed = true;
        }
        Ok(versions)
    }

    /// The text of a policy by the digest of its manifest.
    pub async fn get_policy_text(
        &self,
        caller: &Caller,
        registry: &str,
        digest: &str,
    ) -> Answer<String> {
        caller.authorise(Operation::Read)?;
        let digest = Digest::parse(digest).map_err(|error| WorkflowError::Invalid {
            field: "digest".into(),
            why: error.to_string(),
        })?;
        let room = self.room(caller, registry).await?;
        let text = self.policy_text(&room, &digest).await?;
        Ok(caller.reached_policy(&room.registry.name, &text))
    }

    async fn policy_text(&self, room: &RegistryRoom, digest: &Digest) -> Answer<String> {
        let records = self.policy_records(room).await?;
        let kept = records.iter().find(|it| it.digest == digest.as_str());
        if let Some(kept) = kept {
            let bytes = self.inner.evidence.read(&kept.text).await?;
            let bytes = bytes.ok_or_else(|| WorkflowError::NotFound {
                what: format!("the kept text of the policy {digest}"),
            })?;
            return String::from_utf8(bytes).map_err(|error| WorkflowError::Internal {
                what: format!("the kept policy {digest} is no text"),
                source: Some(Box::new(error)),
            });
        }
        let repository = artifact::repository();
        let manifest = room.acr.find_manifest(&repository, digest.as_str()).await?;
        match manifest {
            Some(manifest) => artifact::read(&room.acr, &manifest).await,
            None => Err(WorkflowError::NotFound {
                what: format!("the policy {digest}"),
            }),
        }
    }
}

fn shelf_error(error: std::io::Error) -> WorkflowError {
    WorkflowError::Internal {
        what: format!("the list of kept policies cannot be written or read: {error}"),
        source: Some(Box::new(error)),
    }
}
