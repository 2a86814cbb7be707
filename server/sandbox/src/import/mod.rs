//! `importImage`: an image of another registry, or of this one, comes into a repository here.
mod client;
mod copy;

pub use copy::{Import, Origin};

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

/// How far an import is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The names under which the image will be, as the client wrote them.
    Pending(Vec<String>),
    Succeeded,
    /// Why, in a sentence.
    Failed(String),
}

/// The imports of this process: a client that polls after a restart is told to ask again.
#[derive(Default)]
pub struct Imports(Mutex<HashMap<Uuid, Progress>>);

impl Imports {
    pub fn begin(&self, names: Vec<String>) -> Uuid {
        let id = Uuid::new_v4();
        self.lock().insert(id, Progress::Pending(names));
        id
    }

    pub fn find(&self, id: Uuid) -> Option<Progress> {
        self.lock().get(&id).cloned()
    }

    pub fn end(&self, id: Uuid, result: Result<(), ImportError>) {
        let progress = match result {
            Ok(()) => Progress::Succeeded,
            Err(error) => Progress::Failed(error.to_string()),
        };
        self.lock().insert(id, progress);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, Progress>> {
        // Each change is one insert: a panic leaves the map whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why an image does not come in. No message holds a credential.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("the source registry '{registry}' cannot be reached: {source}")]
    Unreachable {
        registry: String,
        source: reqwest::Error,
    },
    #[error("the source registry '{registry}' refuses {what} with {status}: {body}")]
    Refused {
        registry: String,
        what: String,
        status: u16,
        body: String,
    },
    #[error(
        "the source registry '{registry}' asks for a sign-in that is not understood: {challenge}"
    )]
    Challenge { registry: String, challenge: String },
    #[error("{what} is larger than the {limit} bytes that are read of it")]
    TooLarge { what: String, limit: usize },
    #[error("the source image nests its indexes too deep")]
    TooDeep,
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
    #[error("the import broke off: {0}")]
    Broken(#[from] tokio::task::JoinError),
}

#[cfg(test)]
mod tests;
