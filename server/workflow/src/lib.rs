//! The use cases of the console: authorise, begin an audit entry, act on Azure, complete the entry.
mod caller;
mod error;
mod workflow;

pub use caller::Caller;
pub use drydock_domain::access::{Denial, Operation, Role};
pub use error::WorkflowError;
pub use workflow::Workflow;
