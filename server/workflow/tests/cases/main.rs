//! The use cases against an Azure in memory that fails where it is told to.
mod azure;
mod bench;
mod create;
mod delete;
mod runs;
mod update;
