//! The token endpoint: client credentials.
use super::EntraError;
use crate::{
    State,
    acr::{credentials::service_principal, token::Form},
    tokens::ENTRA_LIFETIME_SECONDS,
};
use serde_json::{Value, json};

/// A token for a client id and a secret, for the resource that `scope` (or, at the older
/// endpoint, `resource`) names.
///
/// # Errors
/// Entra's own, in the order in which Entra finds them.
pub(super) fn issue(state: &State, form: &Form) -> Result<Value, EntraError> {
    match form.get("grant_type") {
        "client_credentials" => {}
        "" => return Err(EntraError::ParameterMissing("grant_type")),
        other => return Err(EntraError::GrantUnsupported(other.to_owned())),
    }
    let client = match form.get("client_id") {
        "" => return Err(EntraError::ParameterMissing("client_id")),
        client => client,
    };
    if !client.eq_ignore_ascii_case(&state.endpoints.client_id) {
        return Err(EntraError::ClientUnknown(client.to_owned()));
    }
    match form.get("client_secret") {
        "" => return Err(EntraError::ParameterMissing("client_secret")),
        secret if !state.identity.client_secret.matches(secret) => {
            return Err(EntraError::SecretWrong(client.to_owned()));
        }
        _ => {}
    }
    let audience = audience(form)?;
    if !state.tokens.knows_audience(&audience) {
        return Err(EntraError::ResourceUnknown(audience));
    }
    Ok(json!({
        "token_type": "Bearer",
        "expires_in": ENTRA_LIFETIME_SECONDS - 1,
        "ext_expires_in": ENTRA_LIFETIME_SECONDS - 1,
        "access_token": state.tokens.issue_entra(&service_principal(state), &audience),
    }))
}

/// `https://management.core.windows.net//.default` is the audience
/// `https://management.core.windows.net/`: only the suffix goes.
fn audience(form: &Form) -> Result<String, EntraError> {
    match (form.get("scope"), form.get("resource")) {
        ("", "") => Err(EntraError::ParameterMissing("scope")),
        ("", resource) => Ok(resource.to_owned()),
        (scope, _) => match scope.strip_suffix("/.default") {
            Some(audience) => Ok(audience.to_owned()),
            None => Err(EntraError::ScopeInvalid(scope.to_owned())),
        },
    }
}
