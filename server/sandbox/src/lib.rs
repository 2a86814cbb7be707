//! The sandbox: a small Azure on loopback. One plain HTTP listener answers as Entra, as Azure
//! Resource Manager, as a container registry and as the blob store of run logs; the path decides
//! which. Its state is on disk under the data directory and outlives restarts.
pub mod acr;
pub mod arm;
pub mod clock;
mod dispatch;
pub mod entra;
pub mod identity;
pub mod logs;
pub mod registry;
mod samples;
mod serve;
mod state;
pub mod store;
pub mod tasks;
pub mod tokens;

pub use clock::Clock;
pub use serve::{Sandbox, discard_uploads};
pub use state::{Endpoints, SandboxConfig, SandboxError, State};
