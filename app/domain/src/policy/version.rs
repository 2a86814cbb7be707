use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One policy that was deployed, by the digest of its manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyVersion {
    pub digest: String,
    /// When it was applied, else when the registry first saw it.
    pub at: Option<DateTime<Utc>>,
    /// `None` where it was not applied by this console.
    pub application: Option<PolicyApplication>,
    pub is_deployed: bool,
}

/// Who applied a policy with this console, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyApplication {
    pub author: String,
    /// Who approved it, where that takes a second person.
    #[serde(default)]
    pub approver: Option<String>,
    /// Empty for the first policy, which comes with the workflow.
    pub comment: String,
    /// Sequence of the audit entry.
    pub entry: i64,
}
