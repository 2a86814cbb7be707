//! No audit entry, no change.
use crate::registry_room::RegistryRoom;
use crate::{Answer, Caller, Workflow, WorkflowError};
use drydock_domain::access::{Operation, Reach};
use drydock_domain::audit::{Kind, Outcome};
use drydock_domain::console::{AuditOutcome, PartOutcome};
use drydock_ledger::{Entry, Happening};
use futures::future::BoxFuture;
use std::sync::Arc;

/// No registry's name is longer.
const OBJECT_LIMIT_BYTES: usize = 256;
/// Nor any of our own sentences.
const WHY_LIMIT_BYTES: usize = 2000;

/// What an audit entry is about to say of a registry.
pub(crate) struct Intent {
    pub operation: Operation,
    pub detail: String,
}

impl Workflow {
    /// May the caller do this to `object`? That somebody was denied is an entry too.
    pub(crate) async fn authorise(
        &self,
        caller: &Caller,
        operation: Operation,
        object: &str,
    ) -> Answer<()> {
        let allowed = caller.authorise(operation).map_err(WorkflowError::from);
        let whose = match operation {
            Operation::Read => Ok(()),
            _ if operation.is_of_the_console() => caller.require_everything(object),
            _ if caller.scope.reach(object) == Reach::Nothing => Err(Self::no_registry(object)),
            _ => caller.require_whole(object),
        };
        let Err(denial) = allowed.and(whose) else {
            return Ok(());
        };
        self.note_denial(caller, operation, object, &denial).await;
        Err(denial)
    }

    pub(crate) async fn note_denial(
        &self,
        caller: &Caller,
        operation: Operation,
        object: &str,
        denial: &WorkflowError,
    ) {
        // Anybody can ask for an object of any name, and the trail keeps what it is given.
        let object = &object[..object.floor_char_boundary(OBJECT_LIMIT_BYTES)];
        let why = denial.to_string();
        let why = &why[..why.floor_char_boundary(WHY_LIMIT_BYTES)];
        let denied = Happening {
            kind: Kind::Denial,
            actor: &caller.actor,
            client: None,
            operation: operation.as_str(),
            object,
            detail: why,
            outcome: Outcome::Denied,
        };
        // Nothing happens either way, so a trail that cannot be written makes no difference here.
        if let Err(error) = self.inner.ledger.note(denied).await {
            tracing::error!(%error, "a denial could not be entered into the audit trail");
        }
    }

    /// Begins the entry of what `actor` is about to do to a registry.
    pub(crate) async fn begin(
        &self,
        actor: &str,
        registry: &str,
        intent: &Intent,
    ) -> Answer<Entry> {
        let operation = intent.operation.as_str();
        let ledger = &self.inner.ledger;
        Ok(ledger
            .begin(actor, operation, registry, &intent.detail)
            .await?)
    }

    /// The shape of every change of a registry: authorise, begin an entry, wait for the change
    /// before, act, let go of what was read before, and complete the entry with what `outcome`
    /// makes of the answer. The act goes on when the caller goes away: a closed browser tab must
    /// not leave half a change.
    pub(crate) async fn change<T, A>(
        &self,
        caller: &Caller,
        room: Arc<RegistryRoom>,
        intent: Intent,
        act: A,
        outcome: fn(&T) -> AuditOutcome,
    ) -> Answer<T>
    where
        T: Send + 'static,
        A: for<'a> FnOnce(&'a Workflow, &'a Entry, &'a RegistryRoom) -> BoxFuture<'a, Answer<T>>
            + Send
            + 'static,
    {
        let object = &room.registry.name;
        self.authorise(caller, intent.operation, object).await?;
        let entry = self.begin(&caller.actor, object, &intent).await?;
        let workflow = self.clone();
        let acting = tokio::spawn(async move {
            let changing = room.changing.lock().await;
            let answer = act(&workflow, &entry, &room).await;
            room.forget();
            drop(changing);
            complete(entry, ended(&answer, outcome)).await;
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

/// How an answer ends its entry: with what `outcome` makes of it, or with its error.
pub(crate) fn ended<T>(answer: &Answer<T>, outcome: fn(&T) -> AuditOutcome) -> AuditOutcome {
    match answer {
        Ok(value) => outcome(value),
        Err(error) => AuditOutcome::Failed {
            detail: error.to_string(),
        },
    }
}

/// The change has happened: a lost completion must not turn it into a failure.
pub(crate) async fn complete(entry: Entry, ended: AuditOutcome) {
    let sequence = entry.sequence();
    if let Err(error) = entry.complete(&ended).await {
        tracing::error!(sequence, %error, "an audit entry could not be completed");
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
