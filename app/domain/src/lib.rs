//! Nouns and rules of continuous patching: pure, without I/O and without a clock, the same code
//! in the browser and on the server.
pub mod access;
pub mod as_code;
pub mod audit;
pub mod calendar;
pub mod console;
pub mod cron;
pub mod dry_run;
mod hash;
pub mod images_file;
mod instant;
pub mod inventory;
pub mod json;
pub mod known_failure;
pub mod lineage;
pub mod log_text;
pub mod login_server;
pub mod nearest;
pub mod patch_report;
pub mod policy;
pub mod preflight;
pub mod run;
pub mod schedule;
pub mod selection;
pub mod splice;
pub mod tag;
pub mod task_log;
pub mod verdict;
