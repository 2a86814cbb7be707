//! Views of the console in other sites' frames: who may embed what, and how much a visitor sees.
mod headers;
mod origin;
mod pattern;
mod route;

pub use headers::{FrameHeader, frame_headers};
pub use origin::{Origin, ParseOriginError};
pub use pattern::{ParsePatternError, RepositoryPattern};
pub use route::EmbedRoute;

use crate::access::Role;
use crate::run::ImageStatus;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What one frame shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EmbedView {
    /// A registry at a glance.
    Overview,
    /// Originals and patches of some repositories.
    Lineage,
    /// Cycles, and each run with its log while it is written.
    Runs,
}

impl EmbedView {
    pub const ALL: [Self; 3] = [Self::Overview, Self::Lineage, Self::Runs];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Lineage => "lineage",
            Self::Runs => "runs",
        }
    }

    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.as_str() == name)
    }

    /// The other views tell of the whole registry: a part of their repositories would leave sums and
    /// logs that tell of the rest.
    pub fn takes_repositories(self) -> bool {
        self == Self::Lineage
    }
}

/// How much one embed, or one visitor of it, sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmbedScope {
    pub view: EmbedView,
    pub registry: String,
    /// Never empty where the view takes them, else empty.
    pub repositories: Vec<RepositoryPattern>,
    /// Only images of these statuses; empty means all. For runs alone.
    pub statuses: Vec<ImageStatus>,
    /// `Viewer` or `Auditor`.
    pub role: Role,
}

/// Why a scope is none, or is wider than the one that it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeError {
    /// `view`, `registry`, `repos`, `locked` or `role`.
    pub field: &'static str,
    pub why: String,
}

impl fmt::Display for ScopeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.field, self.why)
    }
}

impl std::error::Error for ScopeError {}

impl EmbedScope {
    /// Can it be carried out as it stands? What a view cannot lock it must not pretend to lock.
    pub fn check(&self) -> Result<(), ScopeError> {
        let refuse = |field, why: &str| {
            let why = why.to_owned();
            Err(ScopeError { field, why })
        };
        let view = self.view;
        if self.registry.is_empty() {
            return refuse("registry", "name the registry");
        }
        match (view.takes_repositories(), self.repositories.is_empty()) {
            (true, true) => return refuse("repos", "name at least one repository or pattern"),
            (false, false) => {
                return refuse(
                    "repos",
                    "this view tells of the whole registry; leave them out",
                );
            }
            (true, false) | (false, true) => {}
        }
        if !self.statuses.is_empty() && view != EmbedView::Runs {
            return refuse(
                "locked",
                "only the view `runs` can be locked to a status of images",
            );
        }
        if !matches!(self.role, Role::Viewer | Role::Auditor) {
            return refuse("role", "an embed shows at most what an auditor sees");
        }
        Ok(())
    }

    /// What a visitor sees who is granted `asked` of this scope.
    ///
    /// # Errors
    /// Whatever is wider than this scope is refused, not cut: a host that asks for more than it was
    /// given has to hear of it.
    pub fn narrow(&self, asked: &Self) -> Result<Self, ScopeError> {
        asked.check()?;
        let refuse = |field, why: String| Err(ScopeError { field, why });
        if asked.view != self.view {
            let why = format!("this embed shows `{}`", self.view.as_str());
            return refuse("view", why);
        }
        if asked.registry != self.registry {
            return refuse("registry", "this embed shows another registry".into());
        }
        let wider = asked
            .repositories
            .iter()
            .find(|asked| !self.repositories.iter().any(|given| given.covers(asked)));
        if let Some(wider) = wider {
            return refuse("repos", format!("`{wider}` is not in this embed"));
        }
        if asked.role == Role::Auditor && self.role == Role::Viewer {
            return refuse("role", "this embed shows what a viewer sees".into());
        }
        let statuses = match (self.statuses.is_empty(), asked.statuses.is_empty()) {
            (true, _) => asked.statuses.clone(),
            (false, true) => self.statuses.clone(),
            (false, false) => {
                let given = |status: &ImageStatus| self.statuses.contains(status);
                if !asked.statuses.iter().all(given) {
                    return refuse("locked", "this embed is locked to other statuses".into());
                }
                asked.statuses.clone()
            }
        };
        Ok(Self {
            statuses,
            ..asked.clone()
        })
    }

    pub fn shows_repository(&self, repository: &str) -> bool {
        let mut patterns = self.repositories.iter();
        patterns.any(|pattern| pattern.matches(repository))
    }

    /// May a visitor be shown this?
    pub fn shows(&self, route: &EmbedRoute) -> bool {
        match (self.view, route) {
            (_, EmbedRoute::Start) => true,
            (EmbedView::Runs, EmbedRoute::Run(_)) => true,
            (EmbedView::Lineage, EmbedRoute::Repository(name)) => self.shows_repository(name),
            (EmbedView::Overview, _)
            | (EmbedView::Runs, EmbedRoute::Repository(_))
            | (EmbedView::Lineage, EmbedRoute::Run(_)) => false,
        }
    }
}

/// A site that may embed, and the keys by which its backend vouches for its visitors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmbedHost {
    pub id: String,
    pub name: String,
    pub origin: Origin,
    pub keys: Vec<EmbedKey>,
}

/// A host's public key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmbedKey {
    pub id: String,
    /// As the host's tokens name it.
    pub kid: String,
    /// `EdDSA` or `ES256`.
    pub algorithm: String,
    /// RFC 7638, of SHA-256, in base64url.
    pub thumbprint: String,
    pub created_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
}

/// One view for some sites.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Embed {
    /// Part of the frame's address; no secret.
    pub id: String,
    pub scope: EmbedScope,
    /// The hosts' origins: what `frame-ancestors` says.
    pub origins: Vec<Origin>,
    pub created_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
}

/// A page that a browser would not put into somebody's frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockedFrame {
    /// The site above the frame that is not listed, where the browser told.
    pub ancestor: String,
    pub at: DateTime<Utc>,
}

#[cfg(test)]
mod tests;
