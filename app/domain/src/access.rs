//! Who may do what: decided here once, so that a button shows the same refusal as the server gives.
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a caller may do, each role including the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reads everything, changes nothing.
    Viewer,
    /// Starts and cancels runs.
    Operator,
    /// Configures and removes continuous patching.
    Admin,
}

impl Role {
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Operator, Self::Admin];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }

    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

/// Everything the console can be asked for, as an audit entry names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Operation {
    Read,
    StartRun,
    CancelRun,
    /// Starts again what failed of a cycle.
    RetryRuns,
    CreateWorkflow,
    UpdateWorkflow,
    DeleteWorkflow,
    /// Puts right what the preflight found.
    RepairWorkflow,
    /// Lets Azure itself say what a policy selects: a run, though it changes nothing.
    DryRun,
    /// Declares or lifts a time in which nothing should change.
    ChangeFreezes,
    /// Makes or revokes a link that a calendar program reads the planned runs by.
    ShareCalendar,
}

impl Operation {
    pub const ALL: [Self; 11] = [
        Self::Read,
        Self::StartRun,
        Self::CancelRun,
        Self::RetryRuns,
        Self::CreateWorkflow,
        Self::UpdateWorkflow,
        Self::DeleteWorkflow,
        Self::RepairWorkflow,
        Self::DryRun,
        Self::ChangeFreezes,
        Self::ShareCalendar,
    ];

    /// The dotted verb of the audit entry.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "console.read",
            Self::StartRun => "run.start",
            Self::CancelRun => "run.cancel",
            Self::RetryRuns => "run.retry",
            Self::CreateWorkflow => "workflow.create",
            Self::UpdateWorkflow => "workflow.update",
            Self::DeleteWorkflow => "workflow.delete",
            Self::RepairWorkflow => "workflow.repair",
            Self::DryRun => "run.dry",
            Self::ChangeFreezes => "calendar.freeze",
            Self::ShareCalendar => "calendar.share",
        }
    }

    /// The least role that may do it.
    pub fn needs(self) -> Role {
        match self {
            Self::Read => Role::Viewer,
            Self::StartRun | Self::CancelRun | Self::RetryRuns | Self::DryRun => Role::Operator,
            Self::CreateWorkflow
            | Self::UpdateWorkflow
            | Self::DeleteWorkflow
            | Self::RepairWorkflow
            | Self::ChangeFreezes
            | Self::ShareCalendar => Role::Admin,
        }
    }
}

/// Why a caller may not do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Denial {
    pub operation: Operation,
    pub role: Role,
}

impl fmt::Display for Denial {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} needs the role {}, and this session has {}; ask an administrator",
            self.operation.as_str(),
            self.operation.needs().as_str(),
            self.role.as_str()
        )
    }
}

impl std::error::Error for Denial {}

/// May somebody with `role` do `operation`?
pub fn authorise(role: Role, operation: Operation) -> Result<(), Denial> {
    if role >= operation.needs() {
        Ok(())
    } else {
        Err(Denial { operation, role })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_may_do_all_that_the_roles_before_it_may() {
        let allowed = |role| {
            Operation::ALL
                .into_iter()
                .filter(|operation| authorise(role, *operation).is_ok())
                .count()
        };
        assert_eq!(allowed(Role::Viewer), 1);
        assert_eq!(allowed(Role::Operator), 5);
        assert_eq!(allowed(Role::Admin), Operation::ALL.len());
    }

    #[test]
    fn a_denial_names_the_role_that_would_do() {
        let denial = authorise(Role::Viewer, Operation::DeleteWorkflow).unwrap_err();
        assert_eq!(
            denial.to_string(),
            "workflow.delete needs the role admin, and this session has viewer; ask an administrator"
        );
    }
}
