//! What a use case can end in besides its answer.
use drydock_azure::{AzureError, Failure, SIGN_IN_CODE, TASKS_NOT_ALLOWED};
use drydock_domain::access::{Denial, short_of};
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
    /// The digest that somebody asked for may never have been there.
    #[error("no image with this digest is in {repository}")]
    NoSuchImage { repository: String },
    #[error("{field}: {why}")]
    Invalid { field: String, why: String },
    #[error("{why}")]
    Conflict { why: String },
    #[error("{0}")]
    Forbidden(#[from] Denial),
    /// The caller's role would do, and the caller does not reach all that it is about.
    #[error("{}", short_of(.object, .scope))]
    OutOfScope { object: String, scope: String },
    /// Who proposed a change wants to decide it.
    #[error(
        "you proposed this change yourself, so somebody else has to decide it; withdraw it where it \
         is no longer wanted"
    )]
    OwnProposal,
    /// Azure refused what the console's own credential asked for.
    #[error("Azure refused {}: {why}", .by.whom())]
    Refused { by: Barrier, why: String },
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

/// What stands between the console and Azure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barrier {
    /// A role is missing.
    Role,
    /// Entra does not accept the credential.
    Credential,
    /// The registry's network rules.
    Network,
    /// The subscription may run no tasks.
    Offer,
}

impl Barrier {
    fn of(failure: &Failure) -> Self {
        if failure.code == TASKS_NOT_ALLOWED {
            Self::Offer
        } else if failure.code.starts_with(SIGN_IN_CODE) {
            Self::Credential
        } else if failure.message.contains("is not allowed access") {
            Self::Network
        } else {
            Self::Role
        }
    }

    fn whom(self) -> &'static str {
        match self {
            Self::Role => "the console's own identity",
            Self::Credential => "the console's own credential",
            Self::Network => "the console's address",
            Self::Offer => "tasks to this subscription",
        }
    }

    fn remedy(self) -> &'static str {
        match self {
            Self::Role => {
                "Give the console's identity the role that allows it: the registry's preflight, \
                 under Settings, says which one is missing. A new role takes some minutes to work."
            }
            Self::Credential => {
                "Start the console with a credential that Entra accepts: a secret or a certificate \
                 may have ended or been replaced, and the code says what is wrong with this one."
            }
            Self::Network => {
                "Allow the address of the machine that the console runs on in the registry's network \
                 rules, or reach the registry by a private endpoint. The registry's preflight, under \
                 Settings, says whether tasks pass the rules."
            }
            Self::Offer => {
                "Upgrade the subscription to pay-as-you-go, or move the registry to another one: \
                 Azure runs no tasks for the credits of a free trial. Where it is none, Azure's \
                 support lifts the bar."
            }
        }
    }
}

impl WorkflowError {
    /// What to do about it, in sentences; `None` where the message says that itself.
    pub fn remedy(&self) -> Option<String> {
        let fixed = match self {
            Self::NotFound { .. } => {
                "It may have been deleted, or the console's identity may not see it."
            }
            Self::NoSuchImage { .. }
            | Self::Invalid { .. }
            | Self::Conflict { .. }
            | Self::Forbidden(_)
            | Self::OutOfScope { .. }
            | Self::OwnProposal => return None,
            Self::Throttled { retry_after, .. } => {
                return Some(retry_after.map_or_else(
                    || "Try again in a minute.".into(),
                    |wait| format!("Try again in {} s.", wait.as_secs().max(1)),
                ));
            }
            Self::Undone { cause, .. } => return cause.remedy(),
            Self::Refused { by, .. } => by.remedy(),
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
            AzureError::Forbidden(failure) => Self::Refused {
                by: Barrier::of(&failure),
                why: what,
            },
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
        match error {
            LedgerError::Contradicted(_) | LedgerError::Forged { .. } => Self::Conflict {
                why: error.to_string(),
            },
            LedgerError::NotFound { .. }
            | LedgerError::Open { .. }
            | LedgerError::Key { .. }
            | LedgerError::PublishedHead { .. }
            | LedgerError::ForeignSchema { .. }
            | LedgerError::Unavailable { .. }
            | LedgerError::Internal { .. } => Self::Internal {
                what: "the audit trail cannot be written or read, so nothing was changed".into(),
                source: Some(Box::new(error)),
            },
        }
    }
}
