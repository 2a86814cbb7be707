//! A client of Azure Resource Manager, ACR Tasks and a registry's data plane: exactly the calls
//! that continuous patching needs. Only this crate builds a request to Azure.
//!
//! The sandbox is reached by the same code: [`AzureConfig::loopback`] is the only difference.
mod acr;
mod arm;
mod cloud;
mod connection;
mod credential;
mod error;
mod gate;
mod log_tail;
mod secret;
mod transport;
mod wire;

pub use acr::{
    AcrClient, Descriptor, ImageManifest, MANIFEST_TYPES, Manifest, ManifestRecord,
    RepositoryRecord, TagRecord,
};
pub use arm::{
    ArmClient, CacheRule, CacheRuleProperties, NetworkRuleSet, Permission, RegistryId,
    RegistryList, RegistryProperties, RegistryResource, RegistryScope, RoleAssignment,
    RoleAssignmentProperties, RunFilter, Subscription, SubscriptionPolicies, Task, TaskDefinition,
    TimerTrigger, extension_assignment_name, role_assignment_name,
};
pub use cloud::Cloud;
pub use connection::{Azure, AzureConfig, discover_cloud};
pub use credential::CredentialConfig;
pub use error::{AzureError, Failure, SIGN_IN_CODE, TASKS_NOT_ALLOWED};
pub use log_tail::{LogPiece, LogTail};
pub use secret::Secret;
pub use transport::Loopback;
