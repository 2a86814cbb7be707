//! Entra token → the registry's refresh token → an access token per scope, each kept until shortly
//! before it ends.
use super::AcrLogin;
use crate::wire::{Call, Wire};
use crate::{AzureError, Secret};
use azure_core::http::Method;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::Mutex;
use url::{Url, form_urlencoded};

/// A token without a readable end is used for this long.
const SHORT: Duration = Duration::from_secs(300);
/// Taken off each token's life, so that none ends on its way.
const MARGIN: Duration = Duration::from_secs(60);

pub(super) struct Tokens {
    wire: Wire,
    base: Url,
    service: String,
    login: AcrLogin,
    /// One lock for the whole table: callers who need the same new token wait for one exchange.
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    refresh: Option<Token>,
    access: HashMap<String, Token>,
}

struct Token {
    value: Secret,
    until: Instant,
}

#[derive(Deserialize)]
struct Exchanged {
    refresh_token: String,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
}

impl Tokens {
    pub(super) fn new(wire: Wire, base: Url, service: String, login: AcrLogin) -> Self {
        Self {
            wire,
            base,
            service,
            login,
            kept: Mutex::default(),
        }
    }

    /// The value of `Authorization` for a call that needs `scope`.
    pub(super) async fn bearer(&self, scope: &str) -> Result<String, AzureError> {
        let mut kept = self.kept.lock().await;
        let now = Instant::now();
        if let Some(token) = kept.access.get(scope).filter(|token| token.until > now) {
            return Ok(format!("Bearer {}", token.value.expose()));
        }
        let access = match self.access_token(&mut kept, scope).await {
            // The refresh token may have been revoked before its end.
            Err(AzureError::Forbidden(_)) if kept.refresh.take().is_some() => {
                self.access_token(&mut kept, scope).await?
            }
            other => other?,
        };
        let bearer = format!("Bearer {}", access.value.expose());
        kept.access.retain(|_, token| token.until > now);
        kept.access.insert(scope.to_owned(), access);
        Ok(bearer)
    }

    pub(super) async fn forget(&self, scope: &str) {
        self.kept.lock().await.access.remove(scope);
    }

    async fn access_token(&self, kept: &mut Kept, scope: &str) -> Result<Token, AzureError> {
        let refresh = match kept
            .refresh
            .take()
            .filter(|token| token.until > Instant::now())
        {
            Some(token) => token,
            None => self.exchange().await?,
        };
        let form = [
            ("grant_type", "refresh_token"),
            ("service", &self.service),
            ("scope", scope),
            ("refresh_token", refresh.value.expose()),
        ];
        let answer = self.post("oauth2/token", &form).await;
        kept.refresh = Some(refresh);
        let granted: Granted = answer?.json("oauth2/token")?;
        Ok(Token::new(granted.access_token))
    }

    async fn exchange(&self) -> Result<Token, AzureError> {
        let entra = self
            .login
            .credential
            .get_token(&[&self.login.scope], None)
            .await
            .map_err(|error| AzureError::Unavailable {
                what: format!("no Entra token for the registry {}: {error}", self.service),
            })?;
        let mut form = vec![
            ("grant_type", "access_token"),
            ("service", self.service.as_str()),
            ("access_token", entra.token.secret()),
        ];
        if let Some(tenant) = &self.login.tenant_id {
            form.push(("tenant", tenant));
        }
        let answer = self.post("oauth2/exchange", &form).await?;
        let exchanged: Exchanged = answer.json("oauth2/exchange")?;
        Ok(Token::new(exchanged.refresh_token))
    }

    async fn post(
        &self,
        path: &'static str,
        form: &[(&str, &str)],
    ) -> Result<crate::wire::Answer, AzureError> {
        let mut url = self.base.clone();
        url.set_path(path);
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let call = Call::new(Method::Post, url, path)
            .body("application/x-www-form-urlencoded", body.into_bytes());
        self.wire.send(call).await
    }
}

impl Token {
    fn new(value: String) -> Self {
        let life = remaining(&value).unwrap_or(SHORT);
        Self {
            until: Instant::now() + life.saturating_sub(MARGIN),
            value: Secret::new(value),
        }
    }
}

/// The time until a JWT's `exp`. Read for caching only; the registry is the judge of its tokens.
fn remaining(jwt: &str) -> Option<Duration> {
    #[derive(Deserialize)]
    struct Claims {
        exp: u64,
    }
    let claims = URL_SAFE_NO_PAD
        .decode(jwt.split('.').nth(1)?.trim_end_matches('='))
        .ok()?;
    let claims: Claims = serde_json::from_slice(&claims).ok()?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    Duration::from_secs(claims.exp).checked_sub(now)
}
