//! The use cases of the console: authorise, begin an audit entry, act on Azure, complete the entry.
//!
//! What changes something takes an `&Entry`, which only [`Workflow`]'s audit makes.
mod archive;
mod archive_keep;
mod archive_shelf;
mod as_code;
mod audit;
mod audit_trail;
mod cache;
mod calendar;
mod calendar_feed;
mod calendar_freeze;
mod caller;
mod change;
mod create;
mod definitions;
mod delete;
mod dry_run;
mod dry_run_inspect;
mod dry_run_record;
mod dry_run_times;
mod error;
mod evidence;
mod image_facts;
mod lineage;
mod lineage_drawing;
mod lineage_sightings;
mod log;
mod log_hub;
mod overview;
mod policy_artifact;
mod policy_gate;
mod policy_history;
mod preflight;
mod registry_room;
mod run_cancel;
mod run_facts;
mod run_log;
mod run_retry;
mod run_start;
mod run_tree;
mod run_watch;
mod runs;
mod state;
mod tags;
mod update;
mod workflow;

pub use caller::Caller;
pub use drydock_domain::access::{Denial, Operation, Role};
pub use drydock_domain::console::ServerPreview;
pub use drydock_ledger::Clock;
pub use error::{Barrier, WorkflowError};
pub use update::PolicyChange;
pub use workflow::Workflow;

type Answer<T> = Result<T, WorkflowError>;
