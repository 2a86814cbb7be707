//! What a person is given who signed in: tokens for a resource, for the program, and for later.
use super::{ENTRA_LIFETIME_SECONDS, Principal, TokenError, TokenIssuer};
use crate::identity::{Identity, USER_NAME};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

/// The tokens of one sign-in.
pub struct UserTokens {
    /// For the resource.
    pub access: String,
    /// For more of them, for any resource, by the same client.
    pub refresh: String,
    /// Tells the client who signed in.
    pub id: String,
    /// The same, shorter: base64 of `{"uid","utid"}`.
    pub client_info: String,
}

const REFRESH_LIFETIME: TimeDelta = TimeDelta::days(90);
/// No resource has this name, so the token opens none.
const REFRESH_AUDIENCE: &str = "refresh";

#[derive(Serialize, Deserialize)]
struct RefreshClaims {
    aud: String,
    appid: String,
    oid: String,
    jti: String,
    nbf: i64,
    exp: i64,
}

impl TokenIssuer {
    /// Tokens for the one person of the directory, who uses the program `client_id`.
    pub fn issue_user(&self, identity: &Identity, client_id: &str, audience: &str) -> UserTokens {
        let principal = Principal {
            object_id: identity.user_object_id.to_string(),
            client_id: Some(client_id.to_owned()),
        };
        let mut access = self.entra_claims(&principal, audience);
        access.appidacr = "0".into();
        access.idtyp = "user".into();
        access.scp = Some("user_impersonation".into());
        access.upn = Some(USER_NAME.into());
        let client_info = json!({"uid": principal.object_id, "utid": self.tenant_id});
        UserTokens {
            access: self.signer.sign(&access),
            refresh: self
                .signer
                .sign(&self.refresh_claims(&principal, client_id)),
            id: self.id_token(&principal, client_id),
            client_info: URL_SAFE_NO_PAD.encode(client_info.to_string()),
        }
    }

    /// Whether a refresh token is good for `client_id`.
    ///
    /// # Errors
    /// The token is not ours, not valid now, no refresh token, or another client's.
    pub fn verify_entra_refresh(&self, token: &str, client_id: &str) -> Result<(), TokenError> {
        let claims: RefreshClaims = self.signer.verify(token, self.clock.now())?;
        if claims.aud != REFRESH_AUDIENCE {
            return Err(TokenError::Audience(claims.aud));
        }
        match claims.appid.eq_ignore_ascii_case(client_id) {
            true => Ok(()),
            false => Err(TokenError::Kind("refresh token of another client".into())),
        }
    }

    fn refresh_claims(&self, principal: &Principal, client_id: &str) -> RefreshClaims {
        let now = self.clock.now();
        RefreshClaims {
            aud: REFRESH_AUDIENCE.into(),
            appid: client_id.to_owned(),
            oid: principal.object_id.clone(),
            jti: Uuid::new_v4().to_string(),
            nbf: now.timestamp(),
            exp: (now + REFRESH_LIFETIME).timestamp(),
        }
    }

    fn id_token(&self, principal: &Principal, client_id: &str) -> String {
        let now = self.clock.now().timestamp();
        self.signer.sign(&json!({
            "aud": client_id,
            "iss": format!("https://sts.windows.net/{}/", self.tenant_id),
            "iat": now,
            "nbf": now,
            "exp": now + ENTRA_LIFETIME_SECONDS,
            "name": "Operator",
            "oid": principal.object_id,
            "preferred_username": USER_NAME,
            "upn": USER_NAME,
            "sub": principal.object_id,
            "tid": self.tenant_id,
            "ver": "2.0",
        }))
    }
}
