//! The sandbox: a small Azure on loopback. One listener answers, over TLS, as Entra, as Azure
//! Resource Manager, as a container registry and as the blob store of run logs; the path decides
//! which. Its state is on disk under the data directory and outlives restarts.
pub mod acr;
pub mod arm;
pub mod clock;
mod control;
pub mod deployments;
pub mod discovery;
mod dispatch;
pub mod entra;
pub mod faults;
mod gate;
pub mod identity;
mod import;
pub mod logs;
pub mod registry;
mod rights;
mod running;
mod samples;
mod serve;
mod state;
pub mod store;
pub mod tasks;
pub mod tls;
pub mod tokens;
mod unread;

pub use clock::Clock;
pub use running::RunningSandbox;
pub use serve::{Sandbox, discard_uploads};
pub use state::{Endpoints, SandboxConfig, SandboxError, State};
