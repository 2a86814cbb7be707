//! What a use case can end in besides its answer.
use drydock_azure::AzureError;
use drydock_domain::access::Denial;
use drydock_domain::console::PartOutcome;
use drydock_ledger::LedgerError;
use std::time::Duration;

/// The branches that a caller takes. Each message says what happened, to what and why, in Azure's
/// words and with its ids where Azure refused; [`WorkflowError::remedy`] says what to do. Neither
/// ever holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum WorkflowError {
    #[error("{what} was not found")]
    NotFound { what: String },
    #[error("{field}: {why}")]
    Invalid { field: String, why: String },
    #[error("{why}")]
    Conflict { why: String },
    #[error("{0}")]
    Forbidden(#[from] Denial),
    /// Azure refused what the console's own credential asked for.
    #[error("Azure refused the console's own identity: {why}")]
    Refused { why: String },
    #[error("Azure asks for fewer requests: {why}")]
    Throttled {
        retry_after: Option<Duration>,
        why: String,
    },
    #[error("{why}")]
    Unavailable { why: String },
    /// A change failed at a step, and what had been made until then was taken back; each part says
    /// whether that worked.
    #[error("{step} failed: {cause}; {}", undoing(.undone))]
    Undone {
        step: String,
        cause: Box<WorkflowError>,
        undone: Vec<PartOutcome>,
    },
    #[error("{what}")]
    Internal {
        what: String,
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
}

impl WorkflowError {
    /// What to do about it, in sentences; `None` where the message says that itself.
    pub fn remedy(&self) -> Option<String> {
        let fixed = match self {
            Self::NotFound { .. }
            | Self::Invalid { .. }
            | Self::Conflict { .. }
            | Self::Forbidden(_) => return None,
            Self::Throttled { retry_after, .. } => {
                return Some(retry_after.map_or_else(
                    || "Try again in a minute.".into(),
                    |wait| format!("Try again in {} s.", wait.as_secs().max(1)),
                ));
            }
            Self::Undone { cause, .. } => return cause.remedy(),
            Self::Refused { .. } => {
                "Give the console's identity the role that allows it: the registry's preflight, \
                 under Settings, says which one is missing. A new role takes some minutes to work."
            }
            Self::Unavailable { .. } => {
                "Try again in a minute. Where something was to be changed, look first whether it \
                 was: only the answer may have been lost."
            }
            Self::Internal { .. } => {
                "The server's log has the details, under the id of this request."
            }
        };
        Some(fixed.into())
    }
}

fn undoing(undone: &[PartOutcome]) -> String {
    if undone.is_empty() {
        return "nothing had been changed before".into();
    }
    let parts: Vec<String> = undone
        .iter()
        .map(|part| format!("{}: {}", part.part, part.detail))
        .collect();
    parts.join("; ")
}

impl From<AzureError> for WorkflowError {
    fn from(error: AzureError) -> Self {
        let what = error.to_string();
        match error {
            AzureError::NotFound(_) => Self::NotFound {
                what: format!("what Azure was asked for ({what})"),
            },
            AzureError::Invalid { field, why } => Self::Invalid { field, why },
            AzureError::Conflict(_) => Self::Conflict { why: what },
            AzureError::Forbidden(_) => Self::Refused { why: what },
            AzureError::Throttled { retry_after, .. } => Self::Throttled {
                retry_after,
                why: what,
            },
            AzureError::Unavailable { .. } => Self::Unavailable { why: what },
            AzureError::Internal { .. } => Self::Internal {
                what,
                source: Some(Box::new(error)),
            },
        }
    }
}

impl From<LedgerError> for WorkflowError {
    fn from(error: LedgerError) -> Self {
        Self::Internal {
            what: "the audit trail cannot be written or read, so nothing was changed".into(),
            source: Some(Box::new(error)),
        }
    }
}
