//! Findings that somebody accepts, with a reason, for a time.
use crate::audit::Intent;
use crate::{Answer, Caller, Workflow, WorkflowError};
use drydock_domain::access::Operation;
use drydock_domain::compliance::{Exception, KeptException};
use drydock_domain::console::AuditOutcome;

impl Workflow {
    /// Accepts what an exception names. The audit entry says which findings, by whose order and until
    /// when; the reason and the owner stand with the exception, for they may name people.
    pub async fn create_exception(
        &self,
        caller: &Caller,
        registry: &str,
        exception: Exception,
    ) -> Answer<KeptException> {
        let operation = Operation::ChangeExceptions;
        self.authorise(caller, operation, registry).await?;
        let exception =
            exception
                .checked(self.inner.clock.now())
                .map_err(|error| WorkflowError::Invalid {
                    field: error.field.into(),
                    why: error.why,
                })?;
        let room = self.room(caller, registry).await?;
        let package = match exception.package.as_str() {
            "" => "every package",
            package => package,
        };
        let intent = Intent {
            operation,
            detail: format!(
                "accept {} in {package} of {} until {}",
                exception.cve,
                exception.repositories,
                exception.expires_at.to_rfc3339()
            ),
        };
        self.change(
            caller,
            room,
            intent,
            move |workflow, entry, room| {
                Box::pin(async move {
                    let ledger = &workflow.inner.ledger;
                    let registry = &room.registry.name;
                    Ok(ledger.create_exception(entry, registry, &exception).await?)
                })
            },
            |kept: &KeptException| AuditOutcome::Succeeded {
                detail: format!("exception {}", kept.id),
            },
        )
        .await
    }

    /// Ends an exception before its time; it stays in the history.
    pub async fn withdraw_exception(
        &self,
        caller: &Caller,
        registry: &str,
        id: &str,
    ) -> Answer<()> {
        let operation = Operation::ChangeExceptions;
        self.authorise(caller, operation, registry).await?;
        let room = self.room(caller, registry).await?;
        let none = || WorkflowError::NotFound {
            what: "this exception, among those in force,".into(),
        };
        let kept = self
            .inner
            .ledger
            .list_exceptions(&room.registry.name)
            .await?;
        let kept = kept.into_iter().find(|kept| kept.id == id);
        let kept = kept.ok_or_else(none)?;
        let intent = Intent {
            operation,
            detail: format!(
                "withdraw the exception {} for {}",
                kept.id, kept.exception.cve
            ),
        };
        self.change(
            caller,
            room,
            intent,
            move |workflow, entry, room| {
                Box::pin(async move {
                    let ledger = &workflow.inner.ledger;
                    let registry = &room.registry.name;
                    let withdrawn = ledger.withdraw_exception(entry, registry, &kept.id).await?;
                    withdrawn.then_some(()).ok_or_else(none)
                })
            },
            |()| AuditOutcome::Succeeded {
                detail: "withdrawn".into(),
            },
        )
        .await
    }
}
