//! Which Azure to speak to, and as whom.
use crate::acr::AcrLogin;
use crate::credential::{CredentialConfig, credential};
use crate::gate::Gate;
use crate::log_tail::Pace;
use crate::transport::Loopback;
use crate::wire::{Call, Wire};
use crate::{AcrClient, ArmClient, AzureError, Cloud, LogTail, RegistryId, RegistryScope};
use azure_core::credentials::TokenCredential;
use azure_core::http::{Method, Transport, new_http_client};
use std::sync::Arc;
use url::Url;

/// Everything that differs between one Azure and another.
pub struct AzureConfig {
    pub cloud: Cloud,
    pub registries: RegistryScope,
    pub credential: CredentialConfig,
    /// Set for the sandbox alone: how it is reached.
    pub loopback: Option<Loopback>,
}

/// A connection: one credential, one transport. Cheap to clone.
#[derive(Clone)]
pub struct Azure {
    credential: Arc<dyn TokenCredential>,
    tenant_id: Option<String>,
    /// For calls that carry a token of their own, or none.
    plain: Wire,
    arm: ArmClient,
    cloud: Cloud,
    pace: Pace,
    loopback: bool,
}

impl Azure {
    /// Checks the configuration; nothing is sent before the first call.
    pub fn connect(config: AzureConfig) -> Result<Self, AzureError> {
        let cloud = config.cloud;
        require_https("ARM endpoint", &cloud.arm_endpoint)?;
        require_https("authority", &cloud.authority)?;
        let is_loopback = config.loopback.is_some();
        let (client, pace) = match &config.loopback {
            Some(loopback) => (loopback.client()?, Pace::LOOPBACK),
            None => (new_http_client(None), Pace::REMOTE),
        };
        let transport = Transport::new(client);
        let (credential, tenant_id) = credential(config.credential, &cloud.authority, &transport)?;
        let gate = Gate::default();
        let bearer = (credential.clone(), cloud.arm_scope.as_str());
        let wire = Wire::new(&transport, &gate, Some(bearer));
        Ok(Self {
            arm: ArmClient::new(wire, cloud.arm_endpoint.clone(), config.registries),
            credential,
            tenant_id,
            plain: Wire::new(&transport, &gate, None),
            cloud,
            pace,
            loopback: is_loopback,
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
        if !self.cloud.owns(login_server) {
            return Err(AzureError::Invalid {
                field: "login server".into(),
                why: format!("`{login_server}` is no registry of this cloud, and gets no token"),
            });
        }
        let login = AcrLogin {
            credential: self.credential.clone(),
            scope: self.cloud.acr_scope.clone(),
            tenant_id: self.tenant_id.clone(),
        };
        AcrClient::new(self.plain.clone(), login_server, login)
    }

    /// A run's log from byte `offset` on.
    pub fn log(&self, registry: &RegistryId, run_id: &str, offset: u64) -> LogTail {
        let wire = self.plain.clone();
        LogTail::new(self.arm.clone(), wire, registry, run_id, offset, self.pace)
    }

    /// Uploads the files of a quick run, as a gzipped tar; answers with the place that the run's
    /// request names. Uploaded again, they are a second archive, and the first is never used.
    pub async fn upload_source(
        &self,
        registry: &RegistryId,
        archive: Vec<u8>,
    ) -> Result<String, AzureError> {
        let (link, path) = self.arm.get_upload_link(registry).await?;
        let url = Url::parse(link.expose()).ok();
        let url = url.filter(|url| url.scheme() == "https").ok_or_else(|| {
            AzureError::internal("listBuildSourceUploadUrl: the answer holds no https address")
        })?;
        let call = Call::new(Method::Put, url, "the uploaded source")
            .header("x-ms-blob-type", "BlockBlob")
            .header("x-ms-version", "2022-11-02")
            .body("application/octet-stream", archive);
        self.plain.send(call).await?;
        Ok(path)
    }
}

/// What the ARM at `endpoint` says of its own cloud; asked without a token.
pub async fn discover_cloud(endpoint: &Url) -> Result<Cloud, AzureError> {
    require_https("ARM endpoint", endpoint)?;
    let mut url = endpoint.clone();
    url.set_path("metadata/endpoints");
    url.set_query(Some("api-version=2022-09-01"));
    let transport = Transport::new(new_http_client(None));
    let wire = Wire::new(&transport, &Gate::default(), None);
    let call = Call::new(Method::Get, url, "metadata/endpoints");
    Cloud::described(endpoint, &wire.send(call).await?.body)
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
