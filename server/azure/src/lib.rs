//! A client of Azure Resource Manager, ACR Tasks and a registry's data plane: exactly the calls
//! that continuous patching needs. Only this crate builds a request to Azure.
mod error;

pub use error::{AzureError, Failure};
