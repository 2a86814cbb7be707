use super::{Finding, fits};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

/// A finding that somebody accepts, until a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    pub cve: String,
    /// Empty for every package.
    pub package: String,
    /// As in [`fits`].
    pub repositories: String,
    pub reason: String,
    /// The team or role that answers for it; who accepted it is another question.
    pub owner: String,
    /// From then on the finding counts again.
    pub expires_at: DateTime<Utc>,
}

/// An exception as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptException {
    pub id: String,
    pub exception: Exception,
    pub created_at: DateTime<Utc>,
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// Who accepted it, as the audit entry names them.
    pub accepted_by: String,
    /// Sequence of the audit entry.
    pub entry: i64,
    /// Why it does not count: it is not what the audit trail recorded. A sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubt: Option<String>,
}

/// A field that cannot be as it is, and why; a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct InvalidException {
    pub field: &'static str,
    pub why: String,
}

/// Long enough for a ticket's number and two sentences.
const MAX_REASON_CHARACTERS: usize = 1000;
const MAX_NAME_CHARACTERS: usize = 120;

impl Exception {
    /// Trims its texts and checks them. It has to expire after `now`, and within two years: nothing is
    /// accepted for ever.
    pub fn checked(mut self, now: DateTime<Utc>) -> Result<Self, InvalidException> {
        for text in [
            &mut self.cve,
            &mut self.package,
            &mut self.repositories,
            &mut self.reason,
            &mut self.owner,
        ] {
            *text = text.trim().to_owned();
        }
        self.cve.make_ascii_uppercase();
        let invalid = |field, why: String| Err(InvalidException { field, why });
        let limit = |text: &str, most: usize| (1..=most).contains(&text.chars().count());
        if !limit(&self.cve, MAX_NAME_CHARACTERS) {
            return invalid(
                "cve",
                "Name the vulnerability, such as CVE-2026-1234.".into(),
            );
        }
        if self.package.chars().count() > MAX_NAME_CHARACTERS {
            let why = format!("A package's name has at most {MAX_NAME_CHARACTERS} characters.");
            return invalid("package", why);
        }
        if !limit(&self.repositories, MAX_NAME_CHARACTERS) {
            let why = "Name the repositories, such as web/api or web/*; * stands for all.";
            return invalid("repositories", why.into());
        }
        if !limit(&self.reason, MAX_REASON_CHARACTERS) {
            let why = format!("Give a reason of 1 to {MAX_REASON_CHARACTERS} characters.");
            return invalid("reason", why);
        }
        if !limit(&self.owner, MAX_NAME_CHARACTERS) {
            return invalid(
                "owner",
                "Say who answers for it, as a team or a role.".into(),
            );
        }
        let latest = now + chrono::TimeDelta::days(2 * 366);
        if self.expires_at <= now || self.expires_at > latest {
            let why = "It has to end on a day to come, within two years.";
            return invalid("expires", why.into());
        }
        Ok(self)
    }
}

impl KeptException {
    /// Holds at this instant.
    pub fn is_in_force(&self, at: DateTime<Utc>) -> bool {
        self.doubt.is_none()
            && self.created_at <= at
            && at < self.exception.expires_at
            && self.withdrawn_at.is_none_or(|withdrawn| at < withdrawn)
    }

    /// Who accepted it and who answers for it, where in the audit trail, and until when and why: a
    /// phrase that follows *accepted by*.
    pub fn phrase(&self) -> String {
        let accepted = &self.exception;
        format!(
            "{}, for {} (audit entry {}) until {}: {}",
            self.accepted_by,
            accepted.owner,
            self.entry,
            accepted
                .expires_at
                .to_rfc3339_opts(SecondsFormat::Secs, true),
            accepted.reason
        )
    }

    pub fn covers(&self, finding: &Finding, at: DateTime<Utc>) -> bool {
        let accepted = &self.exception;
        self.is_in_force(at)
            && accepted.cve.eq_ignore_ascii_case(&finding.cve)
            && (accepted.package.is_empty() || accepted.package == finding.package)
            && fits(&accepted.repositories, &finding.repository)
    }
}
