//! The clouds, and the addresses and audiences of each.
use crate::AzureError;
use serde::Deserialize;
use url::Url;

/// One Azure: where it answers, and for whom its tokens are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cloud {
    /// `https://login.microsoftonline.com`, without a path.
    pub authority: Url,
    /// `https://management.azure.com`, without a path.
    pub arm_endpoint: Url,
    /// `https://management.azure.com/.default`.
    pub arm_scope: String,
    /// `https://containerregistry.azure.net/.default`.
    pub acr_scope: String,
    /// `azurecr.io`. A registry's tokens go to no host that does not end so; `None` where the
    /// cloud does not say.
    pub acr_suffix: Option<String>,
}

/// The audience of registries, the same in every cloud.
const ACR_SCOPE: &str = "https://containerregistry.azure.net/.default";

impl Cloud {
    pub fn public() -> Self {
        Self::known(
            "https://login.microsoftonline.com",
            "https://management.azure.com",
            "azurecr.io",
        )
    }

    pub fn china() -> Self {
        Self::known(
            "https://login.chinacloudapi.cn",
            "https://management.chinacloudapi.cn",
            "azurecr.cn",
        )
    }

    pub fn government() -> Self {
        Self::known(
            "https://login.microsoftonline.us",
            "https://management.usgovcloudapi.net",
            "azurecr.us",
        )
    }

    /// One with the public cloud's audiences at addresses of its own, as the sandbox is.
    pub fn at(arm_endpoint: Url, authority: Url) -> Self {
        Self {
            authority,
            arm_endpoint,
            acr_suffix: None,
            ..Self::public()
        }
    }

    /// `public`, `china` or `government`; `None` for another word.
    pub fn find(name: &str) -> Option<Self> {
        match name {
            "public" => Some(Self::public()),
            "china" => Some(Self::china()),
            "government" => Some(Self::government()),
            _ => None,
        }
    }

    fn known(authority: &str, arm_endpoint: &str, acr_suffix: &str) -> Self {
        let url = |text: &str| Url::parse(text).expect("the addresses above are URLs");
        Self {
            authority: url(authority),
            arm_endpoint: url(arm_endpoint),
            arm_scope: format!("{arm_endpoint}/.default"),
            acr_scope: ACR_SCOPE.into(),
            acr_suffix: Some(acr_suffix.into()),
        }
    }

    /// Reads what an ARM says of its own cloud at `/metadata/endpoints` (api-version 2022-09-01).
    pub(crate) fn described(arm_endpoint: &Url, metadata: &[u8]) -> Result<Self, AzureError> {
        let what = "metadata/endpoints";
        let found: Metadata =
            serde_json::from_slice(metadata).map_err(|source| AzureError::decode(what, source))?;
        let authority = Url::parse(&found.authentication.login_endpoint)
            .map_err(|_| AzureError::internal(format!("{what}: it names no login endpoint")))?;
        let audience = found.authentication.audiences.into_iter().next();
        let audience = audience
            .filter(|audience| !audience.is_empty())
            .ok_or_else(|| AzureError::internal(format!("{what}: it names no audience")))?;
        Ok(Self {
            authority,
            arm_endpoint: arm_endpoint.clone(),
            // An audience that ends in a slash keeps it: the two together make two.
            arm_scope: format!("{audience}/.default"),
            acr_scope: ACR_SCOPE.into(),
            acr_suffix: found.suffixes.acr_login_server.map(|suffix| {
                let suffix = suffix.trim_start_matches('.');
                suffix.to_owned()
            }),
        })
    }

    /// Whether a login server is one of this cloud.
    pub(crate) fn owns(&self, login_server: &str) -> bool {
        self.acr_suffix.as_deref().is_none_or(|suffix| {
            let host = login_server.to_ascii_lowercase();
            // A cloud of one registry names its host and port; a domain is no registry.
            (suffix.contains(':') && host == suffix)
                || host
                    .strip_suffix(suffix)
                    .is_some_and(|name| name.ends_with('.'))
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    authentication: Authentication,
    #[serde(default)]
    suffixes: Suffixes,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Authentication {
    login_endpoint: String,
    #[serde(default)]
    audiences: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Suffixes {
    acr_login_server: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cloud_has_its_own_addresses() {
        let check = |name, arm_scope, server| {
            let cloud = Cloud::find(name).unwrap();
            assert_eq!(cloud.arm_scope, arm_scope);
            assert!(cloud.owns(server) && !cloud.owns(&format!("{server}.example.org")));
        };
        check(
            "public",
            "https://management.azure.com/.default",
            "reg-a1b2.azurecr.io",
        );
        check(
            "china",
            "https://management.chinacloudapi.cn/.default",
            "Reg.AzureCR.cn",
        );
        check(
            "government",
            "https://management.usgovcloudapi.net/.default",
            "reg.azurecr.us",
        );
        assert_eq!(Cloud::find("Public"), None);
    }

    #[test]
    fn another_cloud_describes_itself() {
        let arm: Url = "https://arm.example.org/".parse().unwrap();
        let metadata = br#"{"name": "x", "authentication": {
            "loginEndpoint": "https://login.example.org/adfs",
            "audiences": ["https://management.example.org/"], "tenant": "adfs"},
            "suffixes": {"acrLoginServer": "azurecr.example.org"}}"#;
        let cloud = Cloud::described(&arm, metadata).unwrap();
        assert_eq!(cloud.authority.as_str(), "https://login.example.org/adfs");
        assert_eq!(cloud.arm_scope, "https://management.example.org//.default");
        assert!(cloud.owns("reg.azurecr.example.org"));
        for other in ["azurecr.example.org", "fakeazurecr.example.org"] {
            assert!(!cloud.owns(other));
        }
        let alone = Cloud {
            acr_suffix: Some("localhost:5080".into()),
            ..cloud
        };
        assert!(alone.owns("localhost:5080") && !alone.owns("localhost:5081"));
        assert!(Cloud::described(&arm, br#"{"authentication": {"loginEndpoint": ""}}"#).is_err());
    }
}
