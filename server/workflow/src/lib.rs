//! The use cases of the console: authorise, begin an audit entry, act on Azure, complete the entry.
//!
//! What changes something takes an `&Entry`, which only [`Workflow`]'s audit makes.
mod archive;
mod as_code;
mod audit;
mod audit_trail;
mod cache;
mod calendar;
mod caller;
mod change;
mod compliance;
mod create;
mod definitions;
mod delete;
mod dry_run;
mod embeds;
mod error;
mod evidence;
mod image_facts;
mod lease;
mod lineage;
mod log;
mod log_hub;
mod measure;
mod notify;
mod overview;
mod policy;
mod preflight;
mod proposals;
mod reach;
mod registry_room;
mod runs;
mod sessions;
mod state;
mod tags;
mod update;
mod witness;
mod workflow;

pub use caller::{Caller, OwnSession};
pub use compliance::{ExportedFile, keep_feed};
pub use drydock_domain::access::{Denial, Operation, Role, Scope};
pub use drydock_domain::console::ServerPreview;
pub use drydock_ledger::Clock;
pub use error::{Barrier, WorkflowError};
pub use measure::{Figures, Measures};
pub use notify::Courier;
pub use update::{PolicyChange, ScheduleChange};
pub use workflow::Workflow;

type Answer<T> = Result<T, WorkflowError>;
