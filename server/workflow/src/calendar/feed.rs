//! The planned runs for calendar programs.
use crate::audit::Intent;
use crate::{Answer, Caller, Workflow, WorkflowError};
use chrono::TimeDelta;
use drydock_domain::access::{Operation, Role};
use drydock_domain::calendar::{Feed, Plan, to_ics};
use drydock_domain::console::AuditOutcome;
use drydock_ledger::Token;

/// How far a feed reaches ahead. It says nothing of the past, where the timer may have been another
/// one, or none.
const AHEAD: TimeDelta = TimeDelta::days(366);

impl Workflow {
    /// The planned runs as iCalendar text, of the year to come; without an event where
    /// there is no timer, or it is switched off.
    pub async fn read_feed(&self, caller: &Caller, registry: &str) -> Answer<String> {
        caller.authorise(Operation::Read)?;
        let state = self.get_workflow(caller, registry).await?;
        let now = state.as_of;
        let plan = match (&state.cron, state.next_run) {
            (Some(cron), Some(_)) => Plan::read(cron).ok(),
            _ => None,
        };
        Ok(to_ics(&Feed {
            registry: &state.registry.name,
            plan: plan.as_ref(),
            from: now,
            to: now + AHEAD,
            as_of: now,
            url: "",
        }))
    }

    /// The same for whoever presents a link's token, which is for one registry, and reads nothing else.
    pub async fn read_shared_feed(&self, token: &Token) -> Answer<String> {
        let registry = self.inner.ledger.find_feed(token).await?;
        let registry = registry.ok_or_else(no_link)?;
        let reader = Caller::new("calendar link", Role::Viewer);
        self.read_feed(&reader, &registry).await
    }

    /// Makes a link for a calendar program: the answer is its token, which is never told again.
    pub async fn create_feed(&self, caller: &Caller, registry: &str) -> Answer<Token> {
        let intent = Intent {
            operation: Operation::ShareCalendar,
            detail: "make a calendar link".into(),
        };
        let room = self.room(caller, registry).await?;
        self.change(
            caller,
            room,
            intent,
            |workflow, entry, room| {
                Box::pin(async move {
                    let ledger = &workflow.inner.ledger;
                    Ok(ledger.create_feed(entry, &room.registry.name).await?)
                })
            },
            |_| AuditOutcome::Succeeded {
                detail: "made".into(),
            },
        )
        .await
    }

    /// Revokes a link: whoever holds it reads nothing from now on.
    pub async fn delete_feed(&self, caller: &Caller, registry: &str, id: &str) -> Answer<()> {
        let intent = Intent {
            operation: Operation::ShareCalendar,
            detail: format!("revoke the calendar link {id}"),
        };
        let room = self.room(caller, registry).await?;
        let id = id.to_owned();
        self.change(
            caller,
            room,
            intent,
            move |workflow, entry, room| {
                Box::pin(async move {
                    let ledger = &workflow.inner.ledger;
                    let registry = &room.registry.name;
                    let was_there = ledger.delete_feed(entry, registry, &id).await?;
                    was_there.then_some(()).ok_or_else(no_link)
                })
            },
            |()| AuditOutcome::Succeeded {
                detail: "revoked".into(),
            },
        )
        .await
    }
}

fn no_link() -> WorkflowError {
    WorkflowError::NotFound {
        what: "this calendar link".into(),
    }
}
