//! As whom the console speaks to Azure.
mod certificate;

use crate::{AzureError, Secret};
use azure_core::cloud::{CloudConfiguration, CustomConfiguration};
use azure_core::credentials::TokenCredential;
use azure_core::http::{ClientOptions, Transport};
use azure_identity::{
    AzureCliCredential, ClientAssertionCredential, ClientAssertionCredentialOptions,
    ClientSecretCredential, ClientSecretCredentialOptions, ManagedIdentityCredential,
    ManagedIdentityCredentialOptions, UserAssignedId, WorkloadIdentityCredential,
    WorkloadIdentityCredentialOptions,
};
use certificate::CertificateAssertion;
use std::path::PathBuf;
use std::sync::Arc;
use url::Url;

/// As whom. Nothing of it is stored: each start is told again.
pub enum CredentialConfig {
    ClientSecret {
        tenant_id: String,
        client_id: String,
        secret: Secret,
    },
    /// A PEM file that holds the certificate and its private key (RSA).
    ClientCertificate {
        tenant_id: String,
        client_id: String,
        file: PathBuf,
    },
    /// A Kubernetes service account's token, exchanged; read anew each time.
    WorkloadIdentity {
        tenant_id: String,
        client_id: String,
        token_file: PathBuf,
    },
    /// The identity of the machine or container; the system-assigned one without a client id.
    ManagedIdentity { client_id: Option<String> },
    /// Whoever is signed in to the Azure CLI: for development.
    AzureCli { tenant_id: Option<String> },
}

/// The credential, and its tenant where it is known.
pub(crate) type Credential = (Arc<dyn TokenCredential>, Option<String>);

pub(crate) fn credential(
    config: CredentialConfig,
    authority: &Url,
    transport: &Transport,
) -> Result<Credential, AzureError> {
    let mut cloud = CustomConfiguration::default();
    cloud.authority_host = authority.as_str().to_owned();
    let client_options = ClientOptions {
        transport: Some(transport.clone()),
        cloud: Some(Arc::new(CloudConfiguration::Custom(cloud))),
        ..ClientOptions::default()
    };
    match config {
        CredentialConfig::ClientSecret {
            tenant_id,
            client_id,
            secret,
        } => {
            let options = ClientSecretCredentialOptions { client_options };
            let secret = secret.expose().to_owned().into();
            let made = ClientSecretCredential::new(&tenant_id, client_id, secret, Some(options));
            finish("client secret", made, Some(tenant_id))
        }
        CredentialConfig::ClientCertificate {
            tenant_id,
            client_id,
            file,
        } => {
            let assertion = CertificateAssertion::read(&file, authority, &tenant_id, &client_id)?;
            let options = ClientAssertionCredentialOptions { client_options };
            let made = ClientAssertionCredential::new(
                tenant_id.clone(),
                client_id,
                assertion,
                Some(options),
            );
            finish("client certificate", made, Some(tenant_id))
        }
        CredentialConfig::WorkloadIdentity {
            tenant_id,
            client_id,
            token_file,
        } => {
            let mut options = WorkloadIdentityCredentialOptions::default();
            options.credential_options.client_options = client_options;
            options.tenant_id = Some(tenant_id.clone());
            options.client_id = Some(client_id);
            options.token_file_path = Some(token_file);
            let made = WorkloadIdentityCredential::new(Some(options));
            finish("workload identity", made, Some(tenant_id))
        }
        CredentialConfig::ManagedIdentity { client_id } => {
            let options = ManagedIdentityCredentialOptions {
                user_assigned_id: client_id.map(UserAssignedId::ClientId),
                client_options,
            };
            let made = ManagedIdentityCredential::new(Some(options));
            finish("managed identity", made, None)
        }
        CredentialConfig::AzureCli { tenant_id } => {
            let options = azure_identity::AzureCliCredentialOptions {
                tenant_id: tenant_id.clone(),
                ..azure_identity::AzureCliCredentialOptions::default()
            };
            finish(
                "Azure CLI",
                AzureCliCredential::new(Some(options)),
                tenant_id,
            )
        }
    }
}

fn finish<C: TokenCredential + 'static>(
    kind: &str,
    made: azure_core::Result<Arc<C>>,
    tenant_id: Option<String>,
) -> Result<Credential, AzureError> {
    match made {
        Ok(credential) => Ok((credential, tenant_id)),
        Err(error) => Err(AzureError::Invalid {
            field: format!("{kind} credential"),
            why: error.to_string(),
        }),
    }
}
