//! The use cases of the console: authorise, begin an audit entry, act on Azure, complete the entry.
//!
//! What changes something takes an `&Entry`, which only [`Workflow`]'s audit makes.
mod audit;
mod cache;
mod caller;
mod change;
mod create;
mod definitions;
mod delete;
mod error;
mod lineage;
mod log;
mod overview;
mod policy_artifact;
mod policy_gate;
mod registry_room;
mod run_cancel;
mod run_facts;
mod run_log;
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
pub use error::WorkflowError;
pub use workflow::Workflow;

type Answer<T> = Result<T, WorkflowError>;
