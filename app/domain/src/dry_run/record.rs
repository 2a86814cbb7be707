use super::{InspectedImage, Receipt, Row};
use serde::{Deserialize, Serialize};

/// A dry run as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DryRunRecord {
    pub author: String,
    pub receipt: Receipt,
    /// The text that was tried.
    pub policy: String,
    /// Why the service's own check refuses the policy; there are no rows then.
    pub refusal: Option<String>,
    pub rows: Vec<Row>,
    /// What was in the images, where the dry run looked into them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<InspectedImage>,
}

/// One line of the list of kept dry runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptDryRun {
    /// Digest of the record: whoever has it can check what it says.
    pub digest: String,
    pub author: String,
    pub receipt: Receipt,
}
