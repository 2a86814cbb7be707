use crate::chain::Appended;
use crate::draft::{Client, Draft, clean};
use crate::writer::Request;
use crate::{Ledger, LedgerError};
use drydock_domain::audit::{Kind, Outcome, SignedStatement};
use drydock_domain::console::AuditOutcome;
use tokio::sync::oneshot;

/// An audit entry that has been begun and is on disk. Only [`Ledger::begin`] makes one, so whoever
/// asks for an `&Entry` cannot change anything unrecorded.
pub struct Entry {
    ledger: Ledger,
    begun: Appended,
}

impl Entry {
    pub fn sequence(&self) -> i64 {
        self.begun.sequence
    }

    /// Writes how it ended, as an entry of its own. One that is dropped instead stays open, and is
    /// closed as [`AuditOutcome::Unknown`] at the next start.
    pub async fn complete(self, outcome: &AuditOutcome) -> Result<(), LedgerError> {
        let (outcome, detail) = match outcome {
            AuditOutcome::Succeeded { detail } => (Outcome::Succeeded, detail.as_str()),
            AuditOutcome::Failed { detail } => (Outcome::Failed, detail.as_str()),
            AuditOutcome::Denied { detail } => (Outcome::Denied, detail.as_str()),
            AuditOutcome::Unknown => (Outcome::Unknown, ""),
        };
        let Appended { sequence, at } = self.begun;
        let draft = Draft::complete(sequence, at, outcome, detail);
        let appended = self.ledger.append(draft).await?;
        appended.map(drop).ok_or(LedgerError::NotFound {
            what: "an open audit entry to complete",
        })
    }
}

/// Something that is over when it is recorded: a denial, a sign-in, an export, a look at the trail.
#[derive(Clone, Debug)]
pub struct Happening<'h> {
    /// Neither [`Kind::Begin`] nor [`Kind::Complete`].
    pub kind: Kind,
    pub actor: &'h str,
    pub client: Option<Client>,
    /// A dotted verb: `auth.login`, `audit.view`.
    pub operation: &'h str,
    pub object: &'h str,
    /// Free text that names no person.
    pub detail: &'h str,
    pub outcome: Outcome,
}

impl Ledger {
    /// Records that `actor` is about to do `operation` (a dotted verb) to `object`. No person is to
    /// be named in `object` and `detail`.
    pub async fn begin(
        &self,
        actor: &str,
        operation: &str,
        object: &str,
        detail: &str,
    ) -> Result<Entry, LedgerError> {
        self.begin_from(actor, None, operation, object, detail)
            .await
    }

    /// The same for somebody of whom it is known from where they act.
    pub async fn begin_from(
        &self,
        actor: &str,
        client: Option<Client>,
        operation: &str,
        object: &str,
        detail: &str,
    ) -> Result<Entry, LedgerError> {
        let begun = self
            .record(Draft {
                client,
                ..Draft::begin(actor, operation, object, detail)
            })
            .await?;
        Ok(Entry {
            ledger: self.clone(),
            begun,
        })
    }

    /// Records what has happened; answers with its sequence.
    pub async fn note(&self, happening: Happening<'_>) -> Result<i64, LedgerError> {
        if matches!(happening.kind, Kind::Begin | Kind::Complete) {
            return Err(LedgerError::Internal {
                what: "what has happened is neither a beginning nor a completion".into(),
            });
        }
        let draft = Draft {
            kind: happening.kind,
            actor: clean(happening.actor),
            client: happening.client,
            operation: clean(happening.operation),
            object: clean(happening.object),
            detail: clean(happening.detail),
            outcome: Some(happening.outcome),
            ..Draft::new(happening.kind)
        };
        Ok(self.record(draft).await?.sequence)
    }

    /// Closes the entries of processes that died in between; to be called once, at the start, before
    /// anything is begun. Answers with their number. Other processes that live keep theirs.
    pub async fn close_abandoned(&self) -> Result<u64, LedgerError> {
        self.writer.close_abandoned(true).await
    }

    /// Signs a checkpoint at the end of the trail: what to publish where the ledger's writer cannot
    /// change it. One is signed every hour and every thousand entries without being asked.
    pub async fn sign_head(&self) -> Result<SignedStatement, LedgerError> {
        self.writer.seal().await
    }

    pub(crate) async fn record(&self, draft: Draft) -> Result<Appended, LedgerError> {
        let appended = self.append(draft).await?;
        appended.ok_or_else(|| LedgerError::Internal {
            what: "only a completion can come to nothing".into(),
        })
    }

    async fn append(&self, draft: Draft) -> Result<Option<Appended>, LedgerError> {
        let gone = || LedgerError::Internal {
            what: "the task that writes the audit trail has ended".into(),
        };
        let (reply, answer) = oneshot::channel();
        let request = Request { draft, reply };
        self.requests.send(request).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}
