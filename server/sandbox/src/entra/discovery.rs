//! The openid-configuration, in the manner of Entra and of AD FS.
use crate::State;
use serde_json::{Value, json};

/// Which of the documents is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// `/{tenant}/.well-known/…`
    EntraV1,
    /// `/{tenant}/v2.0/.well-known/…`
    EntraV2,
    /// `/adfs/.well-known/…`
    Adfs,
}

/// What clients read of it: where to send a person, and where to ask for tokens.
pub(super) fn document(state: &State, manner: Manner) -> Value {
    let tenant = &state.endpoints.tenant_id;
    let authority = &state.endpoints.authority;
    let (base, version, issuer) = match manner {
        Manner::EntraV1 => (
            format!("{authority}{tenant}"),
            "",
            format!("https://sts.windows.net/{tenant}/"),
        ),
        Manner::EntraV2 => (
            format!("{authority}{tenant}"),
            "/v2.0",
            format!("{authority}{tenant}/v2.0"),
        ),
        Manner::Adfs => (format!("{authority}adfs"), "", format!("{authority}adfs")),
    };
    json!({
        "token_endpoint": format!("{base}/oauth2{version}/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
        "jwks_uri": format!("{base}/discovery/v2.0/keys"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": issuer,
        "authorization_endpoint": format!("{base}/oauth2{version}/authorize"),
        "device_authorization_endpoint": format!("{base}/oauth2{version}/devicecode"),
        "grant_types_supported": [
            "client_credentials",
            "password",
            "refresh_token",
            "urn:ietf:params:oauth:grant-type:device_code",
        ],
        "tenant_region_scope": null,
        "cloud_instance_name": authority.authority(),
    })
}
