//! Whether a registry can be patched continuously, one line for each thing that must be so.
use crate::console::Registry;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What was found about one registry, in the order of [`Check::ALL`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preflight {
    pub registry: Registry,
    pub lines: Vec<Line>,
    pub as_of: DateTime<Utc>,
}

impl Preflight {
    /// The worst state of any line.
    pub fn state(&self) -> LineState {
        let states = self.lines.iter().map(|line| line.state);
        states.max().unwrap_or(LineState::Passed)
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub check: Check,
    pub state: LineState,
    /// What is so, in a sentence.
    pub finding: String,
    /// What to do about it, where there is something to do.
    pub remedy: Option<String>,
    /// What *Repair* would do, where it can.
    pub repair: Option<String>,
}

/// From best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LineState {
    Passed,
    /// It could not be looked at, so nothing is claimed.
    Unknown,
    /// Patching goes on, and there is something to know.
    Warned,
    /// Patching cannot work like this.
    Failed,
}

impl LineState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Unknown => "unknown",
            Self::Warned => "warned",
            Self::Failed => "failed",
        }
    }
}

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    Tier,
    Offer,
    RoleAssignmentMode,
    Network,
    Permissions,
    LastChange,
    Tasks,
    Timer,
    TaskRoles,
    Policy,
    CacheRules,
    ImageCount,
}

impl Check {
    pub const ALL: [Self; 12] = [
        Self::Tier,
        Self::Offer,
        Self::RoleAssignmentMode,
        Self::Network,
        Self::Permissions,
        Self::LastChange,
        Self::Tasks,
        Self::Timer,
        Self::TaskRoles,
        Self::Policy,
        Self::CacheRules,
        Self::ImageCount,
    ];

    /// As a form and an audit entry name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tier => "tier",
            Self::Offer => "offer",
            Self::RoleAssignmentMode => "role-assignment-mode",
            Self::Network => "network",
            Self::Permissions => "permissions",
            Self::LastChange => "last-change",
            Self::Tasks => "tasks",
            Self::Timer => "timer",
            Self::TaskRoles => "task-roles",
            Self::Policy => "policy",
            Self::CacheRules => "cache-rules",
            Self::ImageCount => "image-count",
        }
    }

    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|check| check.as_str() == name)
    }

    /// The line's heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Tier => "Tier and tasks",
            Self::Offer => "Subscription",
            Self::RoleAssignmentMode => "Permissions mode",
            Self::Network => "Network",
            Self::Permissions => "This console's roles",
            Self::LastChange => "Last change",
            Self::Tasks => "The three tasks",
            Self::Timer => "Timer",
            Self::TaskRoles => "Roles of the tasks",
            Self::Policy => "Policy",
            Self::CacheRules => "Cache rules",
            Self::ImageCount => "Image count",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_found_by_its_name_alone() {
        for check in Check::ALL {
            assert_eq!(Check::find(check.as_str()), Some(check));
            let json = serde_json::to_string(&check).unwrap();
            assert_eq!(json, format!("\"{}\"", check.as_str()));
        }
        assert_eq!(Check::find("Tier"), None);
    }

    #[test]
    fn what_was_not_seen_is_never_called_good() {
        use LineState::{Failed, Passed, Unknown, Warned};
        assert!(Passed < Unknown && Unknown < Warned && Warned < Failed);
    }
}
