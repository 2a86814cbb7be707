//! Who asks the registry, and whether they may.
use super::error::RegistryError;
use crate::{
    State,
    acr::credentials,
    gate,
    tls::Channel,
    tokens::{
        TokenError,
        scope::{self, Access, Need},
    },
};
use http::{HeaderValue, StatusCode, header, request::Parts};
use serde_json::{Value, json};

const UNAUTHORIZED: &str =
    "authentication required, visit https://aka.ms/acr/authorization for more information.";

/// Whoever sent a request, before it is known what they need.
pub(crate) struct Caller {
    granted: Granted,
    /// `realm="…",service="…"` of a challenge.
    challenge: String,
}

enum Granted {
    /// A user and a password: everything, unless the registry narrows it to these actions.
    User(Option<Vec<&'static str>>),
    /// An access token: what it lists.
    Listed(Vec<Access>),
    /// Nothing was presented.
    Nothing,
    /// Something was presented that is not accepted, and the challenge's word for it.
    Refused(&'static str),
}

impl Caller {
    /// Reads the `Authorization` header.
    pub fn authenticate(state: &State, parts: &Parts) -> Self {
        let service = &state.endpoints.login_server;
        // How the client came is how it has to come for a token.
        let scheme = Channel::of(parts).scheme();
        let realm = format!("{scheme}://{service}/oauth2/token");
        let challenge = format!("realm=\"{realm}\",service=\"{service}\"");
        let header = parts.headers.get(header::AUTHORIZATION);
        let header = header.map(|value| value.to_str().unwrap_or_default());
        let granted = match header.map(|value| value.split_once(' ').unwrap_or((value, ""))) {
            None => Granted::Nothing,
            Some((kind, token)) if kind.eq_ignore_ascii_case("bearer") => {
                match state.tokens.verify_access(token.trim()) {
                    Ok(access) => Granted::Listed(access),
                    Err(TokenError::Malformed) => Granted::Refused("malformed_token"),
                    Err(_) => Granted::Refused("invalid_token"),
                }
            }
            Some((kind, encoded)) if kind.eq_ignore_ascii_case("basic") => {
                match credentials::check_basic(state, encoded.trim()) {
                    Some(principal) => Granted::User(gate::narrowed_to(state, &principal)),
                    None => Granted::Refused("invalid_credentials"),
                }
            }
            Some(_) => Granted::Refused("malformed_token"),
        };
        Self { granted, challenge }
    }

    /// Any valid credential will do.
    ///
    /// # Errors
    /// 401 with a challenge that names no scope.
    pub fn require_any(&self) -> Result<(), RegistryError> {
        match self.granted {
            Granted::User(_) | Granted::Listed(_) => Ok(()),
            Granted::Nothing | Granted::Refused(_) => Err(self.challenge(None)),
        }
    }

    /// # Errors
    /// 401 with a challenge that names the scope to ask for.
    pub fn require(&self, need: &Need) -> Result<(), RegistryError> {
        if self.may(need) {
            return Ok(());
        }
        Err(self.challenge(Some(need)))
    }

    pub fn may(&self, need: &Need) -> bool {
        match &self.granted {
            Granted::User(None) => true,
            Granted::User(Some(actions)) => need.is_met_by(actions),
            Granted::Listed(access) => scope::covers(access, need),
            Granted::Nothing | Granted::Refused(_) => false,
        }
    }

    fn challenge(&self, need: Option<&Need>) -> RegistryError {
        let mut challenge = format!("Bearer {}", self.challenge);
        // No space after the commas: Azure's own client cannot read it otherwise.
        if let Some(need) = need {
            challenge.push_str(&format!(",scope=\"{}\"", need.scope()));
        }
        match self.granted {
            Granted::Refused(error) => challenge.push_str(&format!(",error=\"{error}\"")),
            Granted::Listed(_) | Granted::User(_) => {
                challenge.push_str(",error=\"insufficient_scope\"");
            }
            Granted::Nothing => {}
        }
        let challenge = HeaderValue::from_str(&challenge)
            .expect("scopes are made of names, which are plain ASCII");
        RegistryError::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", UNAUTHORIZED)
            .with_detail(need.map_or(Value::Null, wanted))
            .with_header(header::WWW_AUTHENTICATE, challenge)
    }
}

fn wanted(need: &Need) -> Value {
    let wanted = |action| json!({"Type": need.kind(), "Name": need.name(), "Action": action});
    need.ask.iter().map(wanted).collect()
}
