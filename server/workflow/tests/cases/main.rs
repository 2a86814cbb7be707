//! The use cases against an Azure in memory that fails where it is told to.
mod archive;
mod azure;
mod bench;
mod compliance;
mod create;
mod delete;
mod dry_run;
mod notify;
mod overview;
mod preflight;
mod proposals;
mod retry;
mod runs;
mod update;
