//! Which Azure the console drives, and as whom.
use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use drydock_azure::{
    AzureConfig, Cloud, CredentialConfig, RegistryId, RegistryScope, Secret, discover_cloud,
};

#[derive(Args, Clone, Debug, Default)]
pub struct AzureArguments {
    /// Drive a real Azure instead of the sandbox: `public`, `china`, `government`, or the https
    /// address of another cloud's Resource Manager
    #[arg(long, value_name = "CLOUD")]
    pub azure: Option<String>,
    /// As whom [default: what the AZURE_ variables of the environment tell, else the machine's
    /// managed identity]
    #[arg(long, value_name = "KIND", requires = "azure")]
    pub azure_credential: Option<CredentialKind>,
    /// Offer this registry (an ARM resource id) and no others; may be repeated [default: every
    /// registry that the credential sees]
    #[arg(long = "registry", value_name = "RESOURCE_ID", requires = "azure")]
    pub registries: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CredentialKind {
    /// AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_FEDERATED_TOKEN_FILE
    WorkloadIdentity,
    /// The machine's own, or the one of AZURE_CLIENT_ID
    ManagedIdentity,
    /// AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET
    ClientSecret,
    /// AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_CERTIFICATE_PATH (PEM, with an RSA key)
    ClientCertificate,
    /// Whoever is signed in to `az`; for development
    AzureCli,
}

/// A variable of the environment; an empty one counts as none.
type Read<'a> = &'a dyn Fn(&str) -> Option<String>;

impl AzureArguments {
    /// `None` for the sandbox. Asks another cloud for its addresses.
    ///
    /// # Errors
    /// An unknown cloud, a registry that is no resource id, or a variable that is missing.
    pub async fn config(&self) -> Result<Option<AzureConfig>> {
        let Some(name) = &self.azure else {
            return Ok(None);
        };
        let read = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let credential = credential(self.azure_credential, &read)?;
        let registries = scope(&self.registries)?;
        let cloud = match Cloud::find(name) {
            Some(cloud) => cloud,
            None => {
                let endpoint = name.parse().with_context(|| {
                    format!(
                        "`{name}` is no cloud: say public, china, government, or an https address"
                    )
                })?;
                discover_cloud(&endpoint).await.with_context(|| {
                    format!(
                        "{name} does not say which cloud it is; check the address, and the \
                         network and proxy on the way there"
                    )
                })?
            }
        };
        Ok(Some(AzureConfig {
            cloud,
            registries,
            credential,
            loopback: None,
        }))
    }
}

fn scope(ids: &[String]) -> Result<RegistryScope> {
    if ids.is_empty() {
        return Ok(RegistryScope::Visible);
    }
    let parsed = ids.iter().map(|id| {
        RegistryId::parse(id).context(
            "--registry takes /subscriptions/S/resourceGroups/G/providers/\
             Microsoft.ContainerRegistry/registries/R",
        )
    });
    Ok(RegistryScope::Listed(parsed.collect::<Result<_>>()?))
}

fn credential(chosen: Option<CredentialKind>, read: Read) -> Result<CredentialConfig> {
    let kind = chosen.unwrap_or_else(|| told(read));
    let needed = |name: &'static str| {
        read(name).with_context(|| {
            format!(
                "the credential {} needs the variable {name}",
                kind_name(kind)
            )
        })
    };
    Ok(match kind {
        CredentialKind::WorkloadIdentity => CredentialConfig::WorkloadIdentity {
            tenant_id: needed("AZURE_TENANT_ID")?,
            client_id: needed("AZURE_CLIENT_ID")?,
            token_file: needed("AZURE_FEDERATED_TOKEN_FILE")?.into(),
        },
        CredentialKind::ManagedIdentity => CredentialConfig::ManagedIdentity {
            client_id: read("AZURE_CLIENT_ID"),
        },
        CredentialKind::ClientSecret => CredentialConfig::ClientSecret {
            tenant_id: needed("AZURE_TENANT_ID")?,
            client_id: needed("AZURE_CLIENT_ID")?,
            secret: Secret::new(needed("AZURE_CLIENT_SECRET")?),
        },
        CredentialKind::ClientCertificate => {
            if read("AZURE_CLIENT_CERTIFICATE_PASSWORD").is_some() {
                bail!("a certificate with a password is not read: write its key without one");
            }
            CredentialConfig::ClientCertificate {
                tenant_id: needed("AZURE_TENANT_ID")?,
                client_id: needed("AZURE_CLIENT_ID")?,
                file: needed("AZURE_CLIENT_CERTIFICATE_PATH")?.into(),
            }
        }
        CredentialKind::AzureCli => CredentialConfig::AzureCli {
            tenant_id: read("AZURE_TENANT_ID"),
        },
    })
}

/// The kind that the environment is made for. The Azure CLI is never guessed: who is signed in to
/// it is a person, and not this console.
fn told(read: Read) -> CredentialKind {
    let kinds = [
        (
            "AZURE_FEDERATED_TOKEN_FILE",
            CredentialKind::WorkloadIdentity,
        ),
        ("AZURE_CLIENT_SECRET", CredentialKind::ClientSecret),
        (
            "AZURE_CLIENT_CERTIFICATE_PATH",
            CredentialKind::ClientCertificate,
        ),
    ];
    let found = kinds.into_iter().find(|(name, _)| read(name).is_some());
    found.map_or(CredentialKind::ManagedIdentity, |(_, kind)| kind)
}

fn kind_name(kind: CredentialKind) -> String {
    let value = kind.to_possible_value();
    value.map_or_else(String::new, |value| value.get_name().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(chosen: Option<CredentialKind>, variables: &[&str]) -> Result<CredentialConfig> {
        let read = |name: &str| variables.contains(&name).then(|| format!("the {name}"));
        credential(chosen, &read)
    }

    #[test]
    fn the_environment_tells_the_kind_of_credential() {
        const APP: [&str; 2] = ["AZURE_TENANT_ID", "AZURE_CLIENT_ID"];
        let with = |name| check(None, &[APP[0], APP[1], name]).unwrap();
        assert!(matches!(
            with("AZURE_FEDERATED_TOKEN_FILE"),
            CredentialConfig::WorkloadIdentity { .. }
        ));
        assert!(matches!(
            with("AZURE_CLIENT_SECRET"),
            CredentialConfig::ClientSecret { .. }
        ));
        assert!(matches!(
            with("AZURE_CLIENT_CERTIFICATE_PATH"),
            CredentialConfig::ClientCertificate { .. }
        ));
        assert!(matches!(
            check(None, &APP).unwrap(),
            CredentialConfig::ManagedIdentity { client_id: Some(_) }
        ));
    }

    #[test]
    fn what_is_missing_is_named() {
        let refusal = |chosen, variables: &[&str]| match check(Some(chosen), variables) {
            Ok(_) => panic!("it lacks something"),
            Err(error) => error.to_string(),
        };
        assert_eq!(
            refusal(CredentialKind::ClientSecret, &["AZURE_TENANT_ID"]),
            "the credential client-secret needs the variable AZURE_CLIENT_ID"
        );
        let locked = ["AZURE_CLIENT_CERTIFICATE_PASSWORD"];
        assert!(refusal(CredentialKind::ClientCertificate, &locked).contains("password"));
        assert!(scope(&["reg".to_owned()]).is_err());
    }
}
