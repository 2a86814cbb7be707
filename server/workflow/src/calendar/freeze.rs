//! Times in which nothing should change. Azure knows nothing of them: they are kept here, and shown.
use crate::audit::Intent;
use crate::{Answer, Caller, Workflow, WorkflowError};
use chrono::{DateTime, TimeDelta, Utc};
use drydock_domain::access::Operation;
use drydock_domain::calendar::{Freeze, KeptFreeze};
use drydock_domain::console::AuditOutcome;

/// A name is a line in a list, not a text.
const MAX_NAME_CHARACTERS: usize = 80;
/// A change freeze is a season; a longer one is a slip of the keyboard.
const MAX_LENGTH: TimeDelta = TimeDelta::days(366);

impl Workflow {
    /// Declares `from <= instant < to` a freeze. The timer is left as it is.
    pub async fn create_freeze(
        &self,
        caller: &Caller,
        registry: &str,
        name: &str,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Answer<KeptFreeze> {
        let operation = Operation::ChangeFreezes;
        self.authorise(caller, operation, registry).await?;
        let freeze = checked(name, from, to)?;
        let room = self.room(caller, registry).await?;
        let intent = Intent {
            operation,
            detail: format!(
                "declare `{}` from {} to {}",
                freeze.name(),
                freeze.from().to_rfc3339(),
                freeze.to().to_rfc3339()
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
                    Ok(ledger.create_freeze(entry, registry, &freeze).await?)
                })
            },
            |kept: &KeptFreeze| AuditOutcome::Succeeded {
                detail: format!("freeze {}", kept.id),
            },
        )
        .await
    }

    pub async fn delete_freeze(&self, caller: &Caller, registry: &str, id: &str) -> Answer<()> {
        let operation = Operation::ChangeFreezes;
        self.authorise(caller, operation, registry).await?;
        let room = self.room(caller, registry).await?;
        let kept = self.inner.ledger.list_freezes(&room.registry.name).await?;
        let kept = kept.into_iter().find(|kept| kept.id == id);
        let kept = kept.ok_or_else(no_freeze)?;
        let intent = Intent {
            operation,
            detail: format!("lift `{}`, freeze {}", kept.freeze.name(), kept.id),
        };
        self.change(
            caller,
            room,
            intent,
            move |workflow, entry, room| {
                Box::pin(async move {
                    let ledger = &workflow.inner.ledger;
                    let registry = &room.registry.name;
                    let was_there = ledger.delete_freeze(entry, registry, &kept.id).await?;
                    was_there.then_some(()).ok_or_else(no_freeze)
                })
            },
            |()| AuditOutcome::Succeeded {
                detail: "lifted".into(),
            },
        )
        .await
    }
}

fn checked(name: &str, from: DateTime<Utc>, to: DateTime<Utc>) -> Answer<Freeze> {
    let name = name.trim();
    let invalid = |field: &str, why: String| WorkflowError::Invalid {
        field: field.into(),
        why,
    };
    if name.is_empty() || name.chars().count() > MAX_NAME_CHARACTERS {
        let why = format!("give the freeze a name of 1 to {MAX_NAME_CHARACTERS} characters");
        return Err(invalid("name", why));
    }
    if to - from > MAX_LENGTH {
        let days = (to - from).num_days();
        let why = format!(
            "this freeze would last {days} days; it may last {} at most",
            MAX_LENGTH.num_days()
        );
        return Err(invalid("to", why));
    }
    Freeze::new(name, from, to).map_err(|error| invalid("to", error.to_string()))
}

fn no_freeze() -> WorkflowError {
    WorkflowError::NotFound {
        what: "this freeze".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_freeze_has_a_name_and_ends_within_a_year() {
        let from = DateTime::UNIX_EPOCH;
        let days = |n| from + TimeDelta::days(n);
        let field = |name, to| match checked(name, from, to) {
            Err(WorkflowError::Invalid { field, .. }) => Some(field),
            Err(error) => panic!("{error}"),
            Ok(_) => None,
        };
        assert_eq!(field("year's end", days(366)), None);
        assert_eq!(field("year's end", days(367)).as_deref(), Some("to"));
        assert_eq!(field("year's end", days(0)).as_deref(), Some("to"));
        assert_eq!(field(" ", days(1)).as_deref(), Some("name"));
    }
}
