//! Nouns and rules of continuous patching: pure, without I/O and without a clock, the same code
//! in the browser and on the server.
pub mod access;
pub mod console;
pub mod cron;
mod hash;
pub mod inventory;
pub mod json;
pub mod lineage;
pub mod nearest;
pub mod patch_report;
pub mod policy;
pub mod run;
pub mod schedule;
pub mod selection;
pub mod tag;
pub mod task_log;
pub mod verdict;
