//! The tokens of the sandbox: Entra's, the registry's refresh tokens and its access tokens, with
//! the claims and lifetimes of the real ones.
mod jwt;
pub mod scope;
mod user;

pub use jwt::TokenError;
pub use user::UserTokens;

use crate::{Clock, Endpoints, identity::Identity};
use chrono::TimeDelta;
use scope::Access;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use uuid::Uuid;

/// Who a token speaks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Principal {
    /// `oid`: what role assignments call `principalId`. The registry's admin user has its name.
    pub object_id: String,
    /// `appid`; a registry user has none.
    pub client_id: Option<String>,
}

/// Makes and checks every token.
pub struct TokenIssuer {
    signer: jwt::Signer,
    clock: Arc<dyn Clock>,
    tenant_id: String,
    login_server: String,
    arm_audiences: Vec<String>,
}

/// Seconds that an Entra token lives.
pub const ENTRA_LIFETIME_SECONDS: i64 = 3600;
const REFRESH_LIFETIME: TimeDelta = TimeDelta::hours(3);
const ACCESS_LIFETIME: TimeDelta = TimeDelta::minutes(75);
/// The audience of tokens for any registry's data plane.
pub const ACR_AUDIENCE: &str = "https://containerregistry.azure.net";
const ACR_ISSUER: &str = "Azure Container Registry";

#[derive(Serialize, Deserialize)]
struct EntraClaims {
    aud: String,
    iss: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    appid: String,
    appidacr: String,
    idtyp: String,
    oid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    scp: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upn: Option<String>,
    sub: String,
    tid: String,
    uti: String,
    ver: String,
}

/// Both kinds of the registry's tokens.
#[derive(Serialize, Deserialize)]
struct RegistryClaims {
    jti: String,
    sub: String,
    nbf: i64,
    exp: i64,
    iat: i64,
    iss: String,
    aud: String,
    version: String,
    grant_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    appid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions: Option<Permissions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access: Option<Vec<Access>>,
    roles: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Permissions {
    actions: Vec<String>,
    #[serde(rename = "notActions")]
    not_actions: Vec<String>,
}

impl TokenIssuer {
    pub fn new(identity: &Identity, endpoints: &Endpoints, clock: Arc<dyn Clock>) -> Self {
        Self {
            signer: jwt::Signer::new(identity.signing_key.reveal().as_bytes()),
            clock,
            tenant_id: endpoints.tenant_id.clone(),
            login_server: endpoints.login_server.clone(),
            arm_audiences: [
                "https://management.azure.com",
                "https://management.core.windows.net",
                endpoints.arm.as_str(),
            ]
            .map(|audience| audience.trim_end_matches('/').to_owned())
            .to_vec(),
        }
    }

    /// Whether a token can be had for this audience: Azure Resource Manager's, by any of its
    /// names, or the registries'.
    pub fn knows_audience(&self, audience: &str) -> bool {
        self.is_arm(audience) || is_acr(audience)
    }

    /// A token of Entra for one audience, written exactly as it was asked for.
    pub fn issue_entra(&self, principal: &Principal, audience: &str) -> String {
        self.signer.sign(&self.entra_claims(principal, audience))
    }

    fn entra_claims(&self, principal: &Principal, audience: &str) -> EntraClaims {
        let now = self.clock.now().timestamp();
        let appid = principal.client_id.clone().unwrap_or_default();
        EntraClaims {
            aud: audience.to_owned(),
            iss: format!("https://sts.windows.net/{}/", self.tenant_id),
            iat: now,
            nbf: now,
            exp: now + ENTRA_LIFETIME_SECONDS,
            appid,
            appidacr: "1".into(),
            idtyp: "app".into(),
            oid: principal.object_id.clone(),
            scp: None,
            upn: None,
            sub: principal.object_id.clone(),
            tid: self.tenant_id.clone(),
            uti: Uuid::new_v4().simple().to_string(),
            ver: "1.0".into(),
        }
    }

    /// Who presents a token of Entra to Azure Resource Manager.
    ///
    /// # Errors
    /// The token is not ours, not valid now, or meant for something else.
    pub fn verify_arm(&self, token: &str) -> Result<Principal, TokenError> {
        self.verify_entra(token, |audience| self.is_arm(audience))
    }

    /// Who wants a registry's refresh token for a token of Entra. A registry takes its own
    /// audience and, while its policy `azureADAuthenticationAsArmPolicy` is on, ARM's.
    ///
    /// # Errors
    /// As `verify_arm`.
    pub fn verify_exchange(&self, token: &str) -> Result<Principal, TokenError> {
        self.verify_entra(token, |audience| self.knows_audience(audience))
    }

    fn verify_entra(
        &self,
        token: &str,
        accepts: impl Fn(&str) -> bool,
    ) -> Result<Principal, TokenError> {
        let claims: EntraClaims = self.signer.verify(token, self.clock.now())?;
        if !accepts(&claims.aud) {
            return Err(TokenError::Audience(claims.aud));
        }
        Ok(Principal {
            object_id: claims.oid,
            client_id: Some(claims.appid),
        })
    }

    /// A refresh token of the registry.
    pub fn issue_refresh(&self, principal: &Principal) -> String {
        let mut claims = self.registry_claims(principal, "refresh_token", REFRESH_LIFETIME);
        claims.tenant = Some(self.tenant_id.clone());
        claims.permissions = Some(Permissions {
            actions: ["read", "write", "delete"].map(str::to_owned).to_vec(),
            not_actions: Vec::new(),
        });
        self.signer.sign(&claims)
    }

    /// Whose refresh token this is.
    ///
    /// # Errors
    /// The token is not ours, not valid now, or of another kind.
    pub fn verify_refresh(&self, token: &str) -> Result<Principal, TokenError> {
        let claims = self.verify_registry(token, "refresh_token")?;
        Ok(Principal {
            object_id: claims.sub,
            client_id: claims.appid,
        })
    }

    /// An access token for what was granted.
    pub fn issue_access(&self, principal: &Principal, access: Vec<Access>) -> String {
        let mut claims = self.registry_claims(principal, "access_token", ACCESS_LIFETIME);
        claims.access = Some(access);
        self.signer.sign(&claims)
    }

    /// What an access token allows.
    ///
    /// # Errors
    /// The token is not ours, not valid now, or of another kind: a refresh token or a token of
    /// Entra opens nothing.
    pub fn verify_access(&self, token: &str) -> Result<Vec<Access>, TokenError> {
        let claims = self.verify_registry(token, "access_token")?;
        Ok(claims.access.unwrap_or_default())
    }

    fn verify_registry(&self, token: &str, kind: &str) -> Result<RegistryClaims, TokenError> {
        let claims: RegistryClaims = self.signer.verify(token, self.clock.now())?;
        if claims.aud != self.login_server {
            return Err(TokenError::Audience(claims.aud));
        }
        if claims.grant_type != kind {
            return Err(TokenError::Kind(claims.grant_type));
        }
        Ok(claims)
    }

    fn registry_claims(
        &self,
        principal: &Principal,
        grant_type: &str,
        lifetime: TimeDelta,
    ) -> RegistryClaims {
        let now = self.clock.now();
        RegistryClaims {
            jti: Uuid::new_v4().to_string(),
            sub: principal.object_id.clone(),
            nbf: now.timestamp(),
            exp: (now + lifetime).timestamp(),
            iat: now.timestamp(),
            iss: ACR_ISSUER.into(),
            aud: self.login_server.clone(),
            version: "1.0".into(),
            grant_type: grant_type.into(),
            tenant: None,
            appid: principal.client_id.clone(),
            permissions: None,
            access: None,
            roles: Vec::new(),
        }
    }

    fn is_arm(&self, audience: &str) -> bool {
        let audience = audience.trim_end_matches('/');
        self.arm_audiences.iter().any(|ours| ours == audience)
    }
}

fn is_acr(audience: &str) -> bool {
    audience.trim_end_matches('/') == ACR_AUDIENCE
}
