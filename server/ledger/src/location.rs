use std::fmt;
use std::path::{Path, PathBuf};
use url::Url;

/// Where a ledger is kept. Shown without user and password.
#[derive(Clone)]
pub enum Location {
    Sqlite(PathBuf),
    /// `postgres://user:password@host/database?sslmode=…`, as libpq has it.
    Postgres(Url),
}

impl Location {
    /// A `postgres://` or `postgresql://` URL, else the path of an SQLite file.
    pub fn parse(text: &str) -> Self {
        match Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "postgres" | "postgresql") => Self::Postgres(url),
            _ => Self::Sqlite(PathBuf::from(text)),
        }
    }
}

impl From<&Path> for Location {
    fn from(path: &Path) -> Self {
        Self::Sqlite(path.to_path_buf())
    }
}

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => path.display().fmt(formatter),
            Self::Postgres(url) => write!(
                formatter,
                "PostgreSQL on {}, database {}",
                url.host_str().unwrap_or("this machine"),
                url.path().trim_start_matches('/')
            ),
        }
    }
}
