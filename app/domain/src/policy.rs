//! The policy document: what continuous patching covers, and in which tags it writes.
use serde::{Deserialize, Serialize};

/// How patch tags are named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TagConvention {
    /// `3.11-1`, `3.11-2`, …
    #[default]
    Incremental,
    /// `3.11-patched`, moved by each patch.
    Floating,
}
