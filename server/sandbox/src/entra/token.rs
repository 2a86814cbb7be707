//! The token endpoint.
use super::{EntraError, device};
use crate::{State, acr::token::Form, identity::USER_NAME, rights, tokens::ENTRA_LIFETIME_SECONDS};
use serde_json::{Value, json};

/// Programs that act for a person and have no secret of their own, by the ids that they have in
/// every tenant: the Azure CLI and Azure PowerShell.
const PUBLIC_CLIENTS: [&str; 2] = [
    "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
    "1950a258-227b-4e31-a9cf-717495945fc2",
];

/// A token for the resource that `scope` (or, at the older endpoint, `resource`) names.
///
/// # Errors
/// Entra's own, in the order in which Entra finds them.
pub(super) fn issue(state: &State, form: &Form) -> Result<Value, EntraError> {
    match form.get("grant_type") {
        "client_credentials" => for_client(state, form),
        "password" => {
            let client = public_client(form)?;
            check_user(state, form.get("username"), form.get("password"))?;
            for_user(state, form, client)
        }
        "urn:ietf:params:oauth:grant-type:device_code" | "device_code" => {
            let audience = user_audience(state, form)?;
            device::redeem(state, form)?;
            Ok(user_tokens(state, form, public_client(form)?, &audience))
        }
        "refresh_token" => {
            let client = public_client(form)?;
            let token = match form.get("refresh_token") {
                "" => return Err(EntraError::ParameterMissing("refresh_token")),
                token => token,
            };
            let valid = state.tokens.verify_entra_refresh(token, client);
            valid.map_err(EntraError::RefreshToken)?;
            for_user(state, form, client)
        }
        "" => Err(EntraError::ParameterMissing("grant_type")),
        other => Err(EntraError::GrantUnsupported(other.to_owned())),
    }
}

fn for_client(state: &State, form: &Form) -> Result<Value, EntraError> {
    let client = client_id(form)?;
    if !rights::is_client(&state.identity, client) {
        return Err(EntraError::ClientUnknown(client.to_owned()));
    }
    let secret = form.get("client_secret");
    if secret.is_empty() {
        return Err(EntraError::ParameterMissing("client_secret"));
    }
    let principal = rights::sign_in(&state.identity, client, secret);
    let principal = principal.ok_or_else(|| EntraError::SecretWrong(client.to_owned()))?;
    let audience = match (form.get("scope"), form.get("resource")) {
        ("", "") => return Err(EntraError::ParameterMissing("scope")),
        ("", resource) => resource,
        // `https://management.core.windows.net//.default` is the audience
        // `https://management.core.windows.net/`: only the suffix goes.
        (scope, _) => scope
            .strip_suffix("/.default")
            .ok_or_else(|| EntraError::ScopeInvalid(scope.to_owned()))?,
    };
    check_audience(state, audience)?;
    Ok(json!({
        "token_type": "Bearer",
        "expires_in": ENTRA_LIFETIME_SECONDS - 1,
        "ext_expires_in": ENTRA_LIFETIME_SECONDS - 1,
        "access_token": state.tokens.issue_entra(&principal, audience),
    }))
}

fn for_user(state: &State, form: &Form, client: &str) -> Result<Value, EntraError> {
    let audience = user_audience(state, form)?;
    Ok(user_tokens(state, form, client, &audience))
}

fn user_tokens(state: &State, form: &Form, client: &str, audience: &str) -> Value {
    let tokens = state.tokens.issue_user(&state.identity, client, audience);
    json!({
        "token_type": "Bearer",
        "scope": form.get("scope"),
        "expires_in": ENTRA_LIFETIME_SECONDS - 1,
        "ext_expires_in": ENTRA_LIFETIME_SECONDS - 1,
        "access_token": tokens.access,
        "refresh_token": tokens.refresh,
        "id_token": tokens.id,
        "client_info": tokens.client_info,
    })
}

fn client_id(form: &Form) -> Result<&str, EntraError> {
    match form.get("client_id") {
        "" => Err(EntraError::ParameterMissing("client_id")),
        client => Ok(client),
    }
}

/// A client that needs no secret.
pub(super) fn public_client(form: &Form) -> Result<&str, EntraError> {
    let client = client_id(form)?;
    let known = PUBLIC_CLIENTS
        .iter()
        .any(|known| known.eq_ignore_ascii_case(client));
    match known {
        true => Ok(client),
        false => Err(EntraError::ClientUnknown(client.to_owned())),
    }
}

pub(super) fn check_user(state: &State, name: &str, password: &str) -> Result<(), EntraError> {
    if name.is_empty() {
        return Err(EntraError::ParameterMissing("username"));
    }
    if password.is_empty() {
        return Err(EntraError::ParameterMissing("password"));
    }
    if !name.eq_ignore_ascii_case(USER_NAME) {
        return Err(EntraError::UserUnknown(name.to_owned()));
    }
    match state.identity.user_password.matches(password) {
        true => Ok(()),
        false => Err(EntraError::PasswordWrong),
    }
}

/// The one resource among the scopes; those about the person name none.
fn user_audience(state: &State, form: &Form) -> Result<String, EntraError> {
    const ABOUT_THE_PERSON: [&str; 4] = ["openid", "profile", "email", "offline_access"];
    let mut scopes = form
        .get("scope")
        .split(' ')
        .filter(|scope| !scope.is_empty() && !ABOUT_THE_PERSON.contains(scope));
    let audience = match (scopes.next(), form.get("resource")) {
        (None, "") => return Err(EntraError::ParameterMissing("scope")),
        (None, resource) => resource,
        (Some(scope), _) => match scope.rsplit_once('/') {
            Some((audience, ".default" | "user_impersonation")) => audience,
            _ => return Err(EntraError::ScopeInvalid(scope.to_owned())),
        },
    };
    check_audience(state, audience)?;
    Ok(audience.to_owned())
}

fn check_audience(state: &State, audience: &str) -> Result<(), EntraError> {
    match state.tokens.knows_audience(audience) {
        true => Ok(()),
        false => Err(EntraError::ResourceUnknown(audience.to_owned())),
    }
}
