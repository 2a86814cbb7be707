//! Users and passwords that the registry knows.
use crate::{State, rights, tokens::Principal};
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// The user whose password is a refresh token.
const TOKEN_USER: &str = "00000000-0000-0000-0000-000000000000";

/// Whose user and password these are: a refresh token with the zero GUID, the registry's admin
/// user, or a service principal by its client id and secret.
pub(crate) fn check(state: &State, user: &str, password: &str) -> Option<Principal> {
    let identity = &state.identity;
    if user == TOKEN_USER {
        return state.tokens.verify_refresh(password).ok();
    }
    if user.eq_ignore_ascii_case(&identity.registry_name) {
        let known = [&identity.admin_password, &identity.admin_password2];
        let is_enabled = state.resources.settings.get().admin_user_enabled;
        let matches = known.iter().any(|known| known.matches(password));
        return (is_enabled && matches).then(|| Principal {
            object_id: identity.registry_name.clone(),
            client_id: None,
        });
    }
    rights::sign_in(identity, user, password)
}

/// The same, of what follows `Basic ` in a header.
pub(crate) fn check_basic(state: &State, encoded: &str) -> Option<Principal> {
    let decoded = STANDARD.decode(encoded).ok()?;
    let decoded = String::from_utf8(decoded).ok()?;
    let (user, password) = decoded.split_once(':')?;
    check(state, user, password)
}
