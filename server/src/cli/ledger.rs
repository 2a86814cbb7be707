//! Where the ledger is kept.
use crate::data_directory::DataDirectory;
use anyhow::{Result, ensure};
use clap::Args;
use drydock_ledger::{Clock, Ledger, Location};

/// May hold a password, which a command line would show to everybody on the machine.
const VARIABLE: &str = "DRYDOCK_LEDGER";

#[derive(Args, Clone, Debug, Default)]
pub struct LedgerArguments {
    /// The PostgreSQL database of the audit trail and the sessions, `postgres://…`; several Drydocks
    /// may share one [default: $DRYDOCK_LEDGER, else an SQLite file in the data directory]
    #[arg(long, value_name = "URL")]
    ledger: Option<String>,
}

impl LedgerArguments {
    /// Opens or creates it; the key that signs the trail stays in the data directory.
    pub async fn open(&self, data: &DataDirectory) -> Result<Ledger> {
        let location = self.location(data);
        Ok(Ledger::connect(&location, data.path(), Clock::system()).await?)
    }

    /// Opens the one that is there.
    ///
    /// # Errors
    /// The data directory holds none: a command that reads must not leave an empty one behind.
    pub async fn open_existing(&self, data: &DataDirectory) -> Result<Ledger> {
        if let Location::Sqlite(path) = self.location(data) {
            ensure!(
                path.is_file(),
                "{} holds no ledger yet: start one with `drydock serve`",
                data.path().display()
            );
        }
        self.open(data).await
    }

    pub fn location(&self, data: &DataDirectory) -> Location {
        let variable = || std::env::var(VARIABLE).ok().filter(|url| !url.is_empty());
        self.ledger.clone().or_else(variable).map_or_else(
            || Location::Sqlite(data.ledger()),
            |text| Location::parse(&text),
        )
    }
}
