//! The head that was last published outside of the database, as the data directory remembers it: in a
//! file beside the key, so that whoever changes the database alone is found out without the registry.
use crate::signer::{Existing, write_new};
use crate::{Ledger, LedgerError};
use drydock_domain::audit::{Position, SignedStatement, parse_witness, statement_line};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The document that the registry holds.
const FILE: &str = "audit.head";

pub(crate) struct Published {
    path: PathBuf,
    head: Mutex<Option<SignedStatement>>,
}

impl Published {
    pub fn open(folder: &Path) -> Result<Self, LedgerError> {
        let path = folder.join(FILE);
        let failed = |source| LedgerError::PublishedHead {
            path: path.display().to_string(),
            source,
        };
        let head = match fs::read_to_string(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(failed(error)),
            Ok(document) => Some(
                parse_witness(&document)
                    .map_err(|error| failed(io::Error::new(ErrorKind::InvalidData, error)))?,
            ),
        };
        Ok(Self {
            path,
            head: Mutex::new(head),
        })
    }

    pub fn head(&self) -> Option<SignedStatement> {
        let head = self.head.lock().unwrap_or_else(PoisonError::into_inner);
        head.clone()
    }

    pub fn position(&self) -> Option<Position> {
        self.head().as_ref().map(Position::from)
    }

    fn remember(&self, published: &SignedStatement) -> Result<(), LedgerError> {
        let mut head = self.head.lock().unwrap_or_else(PoisonError::into_inner);
        let reached = head.as_ref().map(Position::from);
        if reached.is_some_and(|head| head.sequence >= Position::from(published).sequence) {
            return Ok(());
        }
        let line = statement_line(published) + "\n";
        let written = write_new(&self.path, &line, 0o644, Existing::Replace);
        written.map_err(|source| LedgerError::PublishedHead {
            path: self.path.display().to_string(),
            source,
        })?;
        *head = Some(published.clone());
        Ok(())
    }
}

impl Ledger {
    /// The head that was published last, as far as this data directory was told.
    pub fn published_head(&self) -> Option<SignedStatement> {
        self.writer.published.head()
    }

    /// From now on nothing is signed that contradicts this published head. The one that reaches
    /// furthest is remembered.
    pub fn remember_published(&self, head: &SignedStatement) -> Result<(), LedgerError> {
        self.writer.published.remember(head)
    }
}
