//! A client of Azure Resource Manager, ACR Tasks and a registry's data plane: exactly the calls
//! that continuous patching needs. Only this crate builds a request to Azure.
//!
//! The sandbox is reached by the same code: [`AzureConfig::loopback`] is the only difference.
mod acr;
mod arm;
mod connection;
mod error;
mod log_tail;
mod secret;
mod transport;
mod wire;

pub use acr::{
    AcrClient, Descriptor, ImageManifest, MANIFEST_TYPES, Manifest, ManifestRecord,
    RepositoryRecord, TagRecord,
};
pub use arm::{
    ArmClient, Permission, RegistryId, RegistryResource, RoleAssignment, RunFilter, Task,
    TaskDefinition, TimerTrigger, role_assignment_name,
};
pub use connection::{Azure, AzureConfig, CredentialConfig};
pub use error::{AzureError, Failure};
pub use log_tail::{LogPiece, LogTail};
pub use secret::Secret;
