//! A room per address.
pub mod audit;
pub mod compliance;
pub mod dry_run;
pub mod embeds;
pub mod images;
pub mod lineage;
pub mod not_found;
pub mod notifications;
pub mod overview;
pub mod policy;
pub mod preflight;
pub mod registries;
pub mod run;
pub mod runs;
pub mod schedule;
pub mod sessions;
pub mod settings;
