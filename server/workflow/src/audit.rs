//! No audit entry, no change.
use crate::{Answer, Caller, Workflow, WorkflowError};
use drydock_domain::access::Operation;
use drydock_domain::console::{AuditEntry, AuditOutcome, PartOutcome};
use drydock_ledger::Entry;
use futures::future::BoxFuture;

/// What an audit entry is about to say.
pub(crate) struct Intent {
    pub operation: Operation,
    pub object: String,
    pub detail: String,
}

impl Workflow {
    /// Newest first, `limit` of those before entry `before`.
    pub async fn list_entries(
        &self,
        caller: &Caller,
        limit: u32,
        before: Option<i64>,
    ) -> Answer<Vec<AuditEntry>> {
        caller.authorise(Operation::Read)?;
        Ok(self.inner.ledger.list_entries(limit, before).await?)
    }

    /// Authorises, begins an entry, acts, and completes the entry with what `outcome` makes of
    /// the answer. The act goes on when the caller goes away: a closed browser tab must not leave
    /// half a change.
    pub(crate) async fn audited<T, A>(
        &self,
        caller: &Caller,
        intent: Intent,
        act: A,
        outcome: fn(&T) -> AuditOutcome,
    ) -> Answer<T>
    where
        T: Send + 'static,
        A: for<'e> FnOnce(&'e Entry) -> BoxFuture<'e, Answer<T>> + Send + 'static,
    {
        caller.authorise(intent.operation)?;
        let entry = self
            .inner
            .ledger
            .begin(
                &caller.actor,
                intent.operation.as_str(),
                &intent.object,
                &intent.detail,
            )
            .await?;
        let acting = tokio::spawn(async move {
            let answer = act(&entry).await;
            let ended = match &answer {
                Ok(value) => outcome(value),
                Err(error) => AuditOutcome::Failed {
                    detail: error.to_string(),
                },
            };
            let sequence = entry.sequence();
            // The change has happened: a lost completion must not turn it into a failure.
            if let Err(error) = entry.complete(&ended).await {
                tracing::error!(sequence, %error, "an audit entry could not be completed");
            }
            answer
        });
        acting.await.unwrap_or_else(|error| {
            Err(WorkflowError::Internal {
                what: "the change broke off; look at the workflow's state before trying again"
                    .into(),
                source: Some(Box::new(error)),
            })
        })
    }
}

/// Success only where every part was done.
pub(crate) fn parts_outcome(parts: &[PartOutcome]) -> AuditOutcome {
    let sentence = |parts: &[&PartOutcome]| {
        let sentences: Vec<String> = parts
            .iter()
            .map(|part| format!("{}: {}", part.part, part.detail))
            .collect();
        sentences.join("; ")
    };
    let failed: Vec<&PartOutcome> = parts.iter().filter(|part| !part.done).collect();
    if failed.is_empty() {
        AuditOutcome::Succeeded {
            detail: sentence(&parts.iter().collect::<Vec<_>>()),
        }
    } else {
        AuditOutcome::Failed {
            detail: sentence(&failed),
        }
    }
}
