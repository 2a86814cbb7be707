//! Findings that somebody accepts, with a reason, for a time.
use super::accepted::{acceptance, named, withdrawal};
use crate::audit::Intent;
use crate::{Answer, Caller, Workflow, WorkflowError};
use drydock_domain::access::Operation;
use drydock_domain::compliance::{Exception, KeptException};
use drydock_domain::console::AuditOutcome;

impl Workflow {
    /// Accepts what an exception names. The audit entry says who did, which findings and until when, and
    /// binds all of it; the reason and the owner stand with the exception, for they may name people.
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
        let intent = Intent {
            operation,
            detail: acceptance(&exception),
        };
        let actor = caller.actor.clone();
        self.change(
            caller,
            room,
            intent,
            move |workflow, entry, room| {
                Box::pin(async move {
                    let ledger = &workflow.inner.ledger;
                    let registry = &room.registry.name;
                    let kept = ledger.create_exception(entry, registry, &exception).await?;
                    Ok(KeptException {
                        accepted_by: actor,
                        ..kept
                    })
                })
            },
            |kept: &KeptException| AuditOutcome::Succeeded {
                detail: named(&kept.id),
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
        let kept = self.exceptions(&room.registry.name).await?;
        let kept = kept.into_iter().find(|kept| kept.id == id);
        let kept = kept.ok_or_else(none)?;
        let intent = Intent {
            operation,
            detail: withdrawal(&kept),
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
