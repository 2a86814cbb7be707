//! Who may do what: decided here once, so that a button shows the same refusal as the server gives.
mod scope;

pub use scope::{ParseScopeError, Reach, Scope, short_of};

use serde::{Deserialize, Serialize};
use std::fmt;

/// What somebody is to this console. Roles are no ladder: an auditor reads what an operator cannot,
/// and changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// A view in another site's frame: one view, one scope.
    Embed,
    /// Reads what runs, what is patched and what is open.
    Viewer,
    /// Reads everything, the audit trail too, and takes evidence away. Changes nothing.
    Auditor,
    /// Starts, cancels and repeats runs.
    Operator,
    /// Changes the policy and its schedule.
    Editor,
    /// The second pair of eyes on policies, exceptions and removal.
    Approver,
    /// All of it: connections, people, embeds, retention.
    Admin,
}

impl Role {
    pub const ALL: [Self; 7] = [
        Self::Embed,
        Self::Viewer,
        Self::Auditor,
        Self::Operator,
        Self::Editor,
        Self::Approver,
        Self::Admin,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Embed => "embed",
            Self::Viewer => "viewer",
            Self::Auditor => "auditor",
            Self::Operator => "operator",
            Self::Editor => "editor",
            Self::Approver => "approver",
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
    /// What runs, what is patched, what is open.
    Read,
    /// Who did what.
    ReadAudit,
    /// Evidence that leaves the console: findings, reports, the audit pack.
    Export,
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
    /// Asks for a change of the workflow that a second person has to approve.
    Propose,
    /// Takes one's own proposal back.
    Withdraw,
    /// Says yes to somebody else's change, which is carried out then.
    Approve,
    /// Says no to it.
    Reject,
    /// Accepts a finding for a time, with a reason and an owner.
    ChangeExceptions,
    /// Deadlines, exposure of repositories, vulnerability feeds.
    ChangeCompliance,
    /// Who may put which view into a frame.
    ChangeEmbeds,
    /// Where notifications go, how long evidence is kept, who is signed in.
    ChangeSettings,
}

impl Operation {
    pub const ALL: [Self; 21] = [
        Self::Read,
        Self::ReadAudit,
        Self::Export,
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
        Self::Propose,
        Self::Withdraw,
        Self::Approve,
        Self::Reject,
        Self::ChangeExceptions,
        Self::ChangeCompliance,
        Self::ChangeEmbeds,
        Self::ChangeSettings,
    ];

    /// The dotted verb of the audit entry.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "console.read",
            Self::ReadAudit => "audit.read",
            Self::Export => "export.create",
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
            Self::Propose => "policy.propose",
            Self::Withdraw => "policy.withdraw",
            Self::Approve => "policy.approve",
            Self::Reject => "policy.reject",
            Self::ChangeExceptions => "exception.change",
            Self::ChangeCompliance => "compliance.change",
            Self::ChangeEmbeds => "embed.change",
            Self::ChangeSettings => "setting.change",
        }
    }

    /// Changes something, if only by starting a run; the others read.
    pub fn is_change(self) -> bool {
        !matches!(self, Self::Read | Self::ReadAudit | Self::Export)
    }

    /// Is about every registry at once, so nobody does it whose reach ends somewhere.
    pub fn is_of_the_console(self) -> bool {
        matches!(
            self,
            Self::ReadAudit | Self::ChangeCompliance | Self::ChangeEmbeds | Self::ChangeSettings
        )
    }

    /// The roles that may do it, the least first.
    pub fn roles(self) -> &'static [Role] {
        use Role::{Admin, Approver, Auditor, Editor, Embed, Operator, Viewer};
        match self {
            Self::Read => &[Embed, Viewer, Auditor, Operator, Editor, Approver, Admin],
            Self::ReadAudit | Self::Export => &[Auditor, Approver, Admin],
            Self::StartRun | Self::CancelRun | Self::RetryRuns | Self::DryRun => {
                &[Operator, Editor, Admin]
            }
            Self::CreateWorkflow
            | Self::UpdateWorkflow
            | Self::RepairWorkflow
            | Self::Propose
            | Self::Withdraw
            | Self::ChangeFreezes
            | Self::ShareCalendar => &[Editor, Admin],
            Self::Approve | Self::Reject | Self::ChangeExceptions => &[Approver, Admin],
            Self::DeleteWorkflow
            | Self::ChangeCompliance
            | Self::ChangeEmbeds
            | Self::ChangeSettings => &[Admin],
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
        let roles: Vec<&str> = self
            .operation
            .roles()
            .iter()
            .map(|role| role.as_str())
            .collect();
        write!(
            formatter,
            "{} needs the role {}, and this session has {}; ask an administrator",
            self.operation.as_str(),
            roles.join(" or "),
            self.role.as_str()
        )
    }
}

impl std::error::Error for Denial {}

/// May somebody with `role` do `operation`?
pub fn authorise(role: Role, operation: Operation) -> Result<(), Denial> {
    if operation.roles().contains(&role) {
        Ok(())
    } else {
        Err(Denial { operation, role })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_admin_may_do_everything_and_an_auditor_only_reads() {
        let may = |role, operation| authorise(role, operation).is_ok();
        for operation in Operation::ALL {
            assert!(may(Role::Admin, operation), "{}", operation.as_str());
            let reads = !operation.is_change();
            assert_eq!(
                may(Role::Auditor, operation),
                reads,
                "{}",
                operation.as_str()
            );
            let is_plain = operation == Operation::Read;
            assert_eq!(
                may(Role::Viewer, operation),
                is_plain,
                "{}",
                operation.as_str()
            );
        }
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
