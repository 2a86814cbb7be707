use crate::mention::mentions;
use drydock_domain::audit::{Body, Kind, Outcome};

/// An entry before it has a sequence, pseudonyms and a place in the chain.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub kind: Kind,
    /// Names and addresses: they go into the table beside the chain.
    pub actor: String,
    pub client: Option<Client>,
    pub operation: String,
    pub object: String,
    pub detail: String,
    pub outcome: Option<Outcome>,
    /// Sequence and instant of the entry that this one completes.
    pub completes: Option<(i64, i64)>,
    /// What an entry from before the chain said of its instant.
    pub imported_at: Option<i64>,
}

/// From where somebody acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    pub address: String,
    pub user_agent: String,
}

impl Client {
    pub(crate) fn to_data(&self) -> String {
        format!("{}\n{}", self.address, self.user_agent)
    }
}

impl Draft {
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            actor: String::new(),
            client: None,
            operation: String::new(),
            object: String::new(),
            detail: String::new(),
            outcome: None,
            completes: None,
            imported_at: None,
        }
    }

    pub fn begin(actor: &str, operation: &str, object: &str, detail: &str) -> Self {
        Self {
            actor: clean(actor),
            operation: clean(operation),
            object: clean(object),
            detail: clean(detail),
            ..Self::new(Kind::Begin)
        }
    }

    pub fn complete(of: i64, begun_at: i64, outcome: Outcome, detail: &str) -> Self {
        Self {
            detail: clean(detail),
            outcome: Some(outcome),
            completes: Some((of, begun_at)),
            ..Self::new(Kind::Complete)
        }
    }

    pub fn to_body(&self, sequence: i64, now: i64, actor: String, client: String) -> Body<'_> {
        Body {
            actor: actor.into(),
            at: self.imported_at.unwrap_or(now),
            begun_at: self.completes.map(|(_, begun_at)| begun_at),
            client: client.into(),
            detail: self.detail.as_str().into(),
            imported: self.imported_at.is_some(),
            kind: self.kind,
            object: self.object.as_str().into(),
            of: self.completes.map(|(of, _)| of),
            operation: self.operation.as_str().into(),
            outcome: self.outcome,
            sequence,
        }
    }

    pub fn mentions(&self) -> impl Iterator<Item = &str> {
        mentions([&self.object, &self.detail]).into_iter()
    }
}

/// PostgreSQL keeps no NUL in a text.
pub(crate) fn clean(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}
