//! What a delete would make unreadable, kept first: the runs, their logs and the policy.
use crate::change::done;
use crate::policy::artifact;
use crate::registry_room::RegistryRoom;
use crate::{Answer, Workflow, WorkflowError};
use drydock_azure::RunFilter;
use drydock_domain::console::PartOutcome;
use drydock_domain::run::{Run, TaskName};
use drydock_ledger::Entry;
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::io;
use std::path::{Path, PathBuf};

/// The most that a registry is asked for, as the az extension asks.
const RUN_LIMIT: u32 = 1000;
/// Logs that are read at a time.
const READERS: usize = 8;

/// A folder of files that are named by the SHA-256 of their content, so that each can be checked
/// against the audit entry that names it.
pub(crate) struct Evidence {
    folder: PathBuf,
}

impl Evidence {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Keeps some bytes; answers with their digest, `sha256:…`.
    pub(crate) async fn keep(&self, bytes: Vec<u8>) -> Answer<String> {
        let folder = self.folder.clone();
        let written = tokio::task::spawn_blocking(move || write(&folder, &bytes)).await;
        written
            .map_err(io::Error::other)
            .flatten()
            .map_err(|error| WorkflowError::Internal {
                what: format!(
                    "the evidence could not be written to {}: {error}; nothing else was done",
                    self.folder.display()
                ),
                source: Some(Box::new(error)),
            })
    }
}

impl Evidence {
    /// What was kept under a digest, `sha256:…`, its bytes verified against it; `None` where
    /// nothing was.
    pub(crate) async fn read(&self, digest: &str) -> Answer<Option<Vec<u8>>> {
        let path = self.folder.join(digest.trim_start_matches("sha256:"));
        let unreadable = |why: String| WorkflowError::Internal {
            what: format!("the evidence {}: {why}", path.display()),
            source: None,
        };
        let bytes = match tokio::fs::read(&path).await {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unreadable(format!("it cannot be read: {error}"))),
        };
        match format!("sha256:{}", hex::encode(Sha256::digest(&bytes))) {
            actual if actual == digest => Ok(Some(bytes)),
            actual => Err(WorkflowError::Conflict {
                why: format!(
                    "The evidence {digest} was changed since it was kept, and proves nothing any \
                     more: its bytes now have the digest {actual}."
                ),
            }),
        }
    }
}

fn write(folder: &Path, bytes: &[u8]) -> io::Result<String> {
    let name = hex::encode(Sha256::digest(bytes));
    let path = folder.join(&name);
    if !path.exists() {
        std::fs::create_dir_all(folder)?;
        let unfinished = folder.join(format!("{name}.part"));
        std::fs::write(&unfinished, bytes)?;
        std::fs::File::open(&unfinished)?.sync_all()?;
        std::fs::rename(unfinished, path)?;
    }
    Ok(format!("sha256:{name}"))
}

impl Workflow {
    /// Writes one JSON document that lists the runs as they are now and names the digest of each
    /// log and of the policy; its own digest stands in the answer.
    pub(crate) async fn keep_evidence(
        &self,
        entry: &Entry,
        room: &RegistryRoom,
    ) -> Answer<PartOutcome> {
        let filter = RunFilter {
            tasks: TaskName::ALL.to_vec(),
            ..RunFilter::default()
        };
        let arm = self.inner.azure.arm();
        let runs = arm.list_runs(&room.id, &filter, RUN_LIMIT).await?;
        let reads: Vec<_> = runs.iter().map(|run| self.keep_run(room, run)).collect();
        let records: Vec<Value> = stream::iter(reads).buffered(READERS).try_collect().await?;
        let logs = records.iter().filter(|run| run["log"].is_string()).count();
        let document = json!({
            "registry": room.registry,
            "kept_at": self.inner.clock.now(),
            "audit_entry": entry.sequence(),
            "policy": self.keep_policy(room).await?,
            "runs": records,
        });
        let digest = self.inner.evidence.keep(document.to_string().into_bytes());
        let digest = digest.await?;
        let detail = format!("{} runs and {logs} logs are kept as {digest}", runs.len());
        Ok(done("evidence", detail))
    }

    /// A log that cannot be had any more does not hold up the delete: the record says why.
    async fn keep_run(&self, room: &RegistryRoom, run: &Run) -> Answer<Value> {
        let mut tail = self.inner.azure.log(&room.id, &run.id, 0);
        Ok(match tail.read_now().await {
            Ok(log) => json!({
                "run": run,
                "log": self.inner.evidence.keep(log.bytes.to_vec()).await?,
                "complete": log.complete,
            }),
            Err(error) => json!({"run": run, "log_unreadable": error.to_string()}),
        })
    }

    pub(crate) async fn keep_policy(&self, room: &RegistryRoom) -> Answer<Value> {
        let Some(manifest) = artifact::find(&room.acr).await? else {
            return Ok(Value::Null);
        };
        let text = match artifact::read(&room.acr, &manifest).await {
            Ok(text) => self.inner.evidence.keep(text.into_bytes()).await?,
            Err(error) => format!("unreadable: {error}"),
        };
        Ok(json!({"manifest": manifest.digest, "text": text}))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_content_is_one_file_under_its_own_digest() {
        let folder = tempfile::tempdir().unwrap();
        let kept = write(folder.path(), b"a log").unwrap();
        assert_eq!(kept, write(folder.path(), b"a log").unwrap());
        let name = kept.strip_prefix("sha256:").unwrap();
        assert_eq!(std::fs::read(folder.path().join(name)).unwrap(), b"a log");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
