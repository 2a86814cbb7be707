use crate::tag::RepositoryName;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A repository, `web/shop`, or all whose names begin alike, `web/*`. `*` alone is all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RepositoryPattern(String);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is neither a repository, such as web/shop, nor the beginning of some, such as web/*"
)]
pub struct ParsePatternError(String);

impl RepositoryPattern {
    pub fn parse(text: &str) -> Result<Self, ParsePatternError> {
        let text = text.trim();
        let name = text.strip_suffix('*').unwrap_or(text);
        // `web/` and `web-` are beginnings of names, not names.
        let stem = match name.len() < text.len() {
            true => name.trim_end_matches(['/', '-', '.', '_']),
            false => name,
        };
        let is_all = text == "*";
        if is_all || RepositoryName::parse(stem).is_ok() {
            return Ok(Self(text.to_owned()));
        }
        Err(ParsePatternError(text.escape_debug().to_string()))
    }

    pub fn matches(&self, repository: &str) -> bool {
        match self.0.strip_suffix('*') {
            Some(beginning) => repository.starts_with(beginning),
            None => repository == self.0,
        }
    }

    /// Everything that `other` matches, this one does too.
    pub fn covers(&self, other: &Self) -> bool {
        match (self.0.strip_suffix('*'), other.0.strip_suffix('*')) {
            (Some(given), Some(asked)) => asked.starts_with(given),
            (_, None) => self.matches(&other.0),
            (None, Some(_)) => false,
        }
    }

    /// The one repository, where it is no pattern.
    pub fn name(&self) -> Option<&str> {
        (!self.0.ends_with('*')).then_some(&*self.0)
    }
}

impl fmt::Display for RepositoryPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl TryFrom<String> for RepositoryPattern {
    type Error = ParsePatternError;

    fn try_from(text: String) -> Result<Self, ParsePatternError> {
        Self::parse(&text)
    }
}

impl From<RepositoryPattern> for String {
    fn from(pattern: RepositoryPattern) -> Self {
        pattern.0
    }
}
