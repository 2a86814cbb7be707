//! Which Azure to speak to, and as whom.
use crate::acr::AcrLogin;
use crate::log_tail::Pace;
use crate::transport::Loopback;
use crate::wire::Wire;
use crate::{AcrClient, ArmClient, AzureError, LogTail, RegistryId, Secret};
use azure_core::cloud::{CloudConfiguration, CustomConfiguration};
use azure_core::credentials::TokenCredential;
use azure_core::http::{ClientOptions, Transport, new_http_client};
use azure_identity::{ClientSecretCredential, ClientSecretCredentialOptions};
use std::net::SocketAddr;
use std::sync::Arc;
use url::Url;

/// Everything that differs between one Azure and another.
pub struct AzureConfig {
    /// `https://management.azure.com`, without a path.
    pub arm_endpoint: Url,
    /// `https://login.microsoftonline.com`, without a path.
    pub authority: Url,
    /// `https://management.azure.com/.default`.
    pub arm_scope: String,
    /// `https://containerregistry.azure.net/.default`.
    pub acr_scope: String,
    pub subscription_id: String,
    pub credential: CredentialConfig,
    /// Set for the sandbox alone: where `https://localhost:PORT` is answered, without TLS.
    pub loopback: Option<SocketAddr>,
}

/// As whom.
pub enum CredentialConfig {
    ClientSecret {
        tenant_id: String,
        client_id: String,
        secret: Secret,
    },
}

/// A connection: one credential, one transport. Cheap to clone.
#[derive(Clone)]
pub struct Azure {
    credential: Arc<dyn TokenCredential>,
    tenant_id: Option<String>,
    transport: Transport,
    arm: ArmClient,
    acr_scope: String,
    pace: Pace,
    loopback: bool,
}

impl Azure {
    /// Checks the configuration; nothing is sent before the first call.
    pub fn connect(config: AzureConfig) -> Result<Self, AzureError> {
        require_https("ARM endpoint", &config.arm_endpoint)?;
        require_https("authority", &config.authority)?;
        let client = new_http_client(None);
        let (transport, pace) = match config.loopback {
            Some(to) if !to.ip().is_loopback() => {
                return Err(AzureError::Invalid {
                    field: "sandbox address".into(),
                    why: format!(
                        "{to} is not a loopback address, and TLS is left out on loopback only"
                    ),
                });
            }
            Some(to) => {
                let loopback = Transport::new(Arc::new(Loopback::new(client, to)));
                (loopback, Pace::LOOPBACK)
            }
            None => (Transport::new(client), Pace::REMOTE),
        };
        let (credential, tenant_id) = credential(config.credential, &config.authority, &transport)?;
        let wire = Wire::new(&transport, Some((credential.clone(), &config.arm_scope)));
        Ok(Self {
            arm: ArmClient::new(wire, config.arm_endpoint, config.subscription_id),
            credential,
            tenant_id,
            transport,
            acr_scope: config.acr_scope,
            pace,
            loopback: config.loopback.is_some(),
        })
    }

    pub fn arm(&self) -> &ArmClient {
        &self.arm
    }

    /// Whether this is the sandbox.
    pub fn is_sandbox(&self) -> bool {
        self.loopback
    }

    /// The data plane of a registry. Keep the client: its tokens are cached in it.
    pub fn registry(&self, login_server: &str) -> Result<AcrClient, AzureError> {
        let login = AcrLogin {
            credential: self.credential.clone(),
            scope: self.acr_scope.clone(),
            tenant_id: self.tenant_id.clone(),
        };
        AcrClient::new(Wire::new(&self.transport, None), login_server, login)
    }

    /// A run's log from byte `offset` on.
    pub fn log(&self, registry: &RegistryId, run_id: &str, offset: u64) -> LogTail {
        let wire = Wire::new(&self.transport, None);
        LogTail::new(self.arm.clone(), wire, registry, run_id, offset, self.pace)
    }
}

type Credential = (Arc<dyn TokenCredential>, Option<String>);

fn credential(
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
            let credential =
                ClientSecretCredential::new(&tenant_id, client_id, secret, Some(options)).map_err(
                    |error| AzureError::Invalid {
                        field: "client secret credential".into(),
                        why: error.to_string(),
                    },
                )?;
            Ok((credential, Some(tenant_id)))
        }
    }
}

/// Tokens travel to these addresses.
fn require_https(field: &str, url: &Url) -> Result<(), AzureError> {
    if url.scheme() == "https" && url.host_str().is_some() {
        Ok(())
    } else {
        Err(AzureError::Invalid {
            field: field.into(),
            why: format!("`{url}` is not an https address"),
        })
    }
}
