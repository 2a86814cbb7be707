use super::config::{ProxyKind, SignInConfig};
use super::cookie::Cookies;
use super::identity::{Granted, Identity};
use super::oidc::Oidc;
use super::proxy::{peer, take_identity};
use anyhow::Result;
use axum::extract::Request;
use chrono::TimeDelta;
use drydock_domain::audit::{Kind, Outcome};
use drydock_ledger::{Client, Happening, Ledger, NewSession, Session, Token};
use drydock_workflow::{Caller, OwnSession, Role, Scope};
use http::HeaderMap;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Turns links, a provider's word and a proxy's into sessions, and sessions into callers.
#[derive(Clone)]
pub struct Gate {
    pub(super) ledger: Ledger,
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub config: SignInConfig,
    pub cookies: Cookies,
    pub oidc: Option<Oidc>,
    /// Where browsers find the console.
    pub url: String,
    /// When each person was last entered whom the proxy signs in with every request.
    visits: Mutex<HashMap<String, Instant>>,
    /// When an attempt of nobody known was last entered.
    failed: Mutex<Option<Instant>>,
}

/// Who sends a request.
pub enum Found {
    Caller {
        caller: Caller,
        /// The `Set-Cookie` of a session whose token is changed.
        cookie: Option<String>,
    },
    /// Somebody whom the proxy knows, and who has no role here.
    Stranger(Identity),
    Nobody,
}

/// Whoever opens a link is the operator of this machine, one person under whatever name the system
/// has for them: a link says who may read the data directory, and not who reads it.
const OPERATOR: &str = "operator";
/// Long enough to walk from the terminal to the browser.
const LINK_LIFETIME: TimeDelta = TimeDelta::minutes(10);
/// Whoever comes by a proxy signs in once in this time, as far as the trail is concerned.
const VISIT: Duration = Duration::from_secs(3600);
/// Anybody can fail any number of times, and the trail keeps what it is given.
const BETWEEN_FAILURES: Duration = Duration::from_secs(10);

impl Gate {
    /// `address` is the console's own: its port is part of the cookies' names.
    ///
    /// # Errors
    /// Where the provider's client cannot start.
    pub fn new(ledger: Ledger, address: SocketAddr, config: SignInConfig) -> Result<Self> {
        let oidc = config.oidc.clone().map(Oidc::new).transpose()?;
        let url = config.public_url.clone();
        Ok(Self {
            ledger,
            inner: Arc::new(Inner {
                cookies: Cookies::new(address.port(), config.is_secure()),
                oidc,
                url: url.unwrap_or_else(|| format!("http://{address}")),
                visits: Mutex::default(),
                failed: Mutex::default(),
                config,
            }),
        })
    }

    /// Makes a link's token: whoever opens the link first is the operator of this machine.
    pub async fn create_link(ledger: &Ledger) -> Result<Token> {
        Ok(ledger
            .create_link(&operator(), Role::Admin, LINK_LIFETIME)
            .await?)
    }

    /// Uses a link up. The answer is the `Set-Cookie` of a new session; `None` is for a token that is
    /// unknown, used or too old.
    pub async fn exchange(&self, token: &Token, browser: &Browser<'_>) -> Result<Option<String>> {
        let Some(link) = self.ledger.redeem_link(token).await? else {
            tracing::warn!("a sign-in link was opened that is unknown, used or too old");
            return Ok(None);
        };
        let granted = Granted {
            identity: Identity {
                name: link.actor,
                subject: OPERATOR.to_owned(),
                values: Vec::new(),
            },
            role: link.role,
            scope: Scope::everything(),
        };
        Ok(Some(self.begin(&granted, "link", None, browser).await?))
    }

    /// Begins a session with a token of its own, and ends the one that the browser had: what somebody
    /// slipped into the browser before is worth nothing afterwards. The answer is the `Set-Cookie`.
    pub(super) async fn begin(
        &self,
        granted: &Granted,
        method: &str,
        id_token: Option<&str>,
        browser: &Browser<'_>,
    ) -> Result<String> {
        if let Some((_, session)) = self.session(browser.headers).await? {
            self.ledger.end_session(&session.id).await?;
        }
        let new = NewSession {
            actor: &granted.identity.name,
            subject: &granted.identity.subject,
            role: granted.role,
            scope: granted.scope.clone(),
            method,
            id_token,
        };
        let limits = &self.inner.config.limits;
        let (id, token) = self.ledger.begin_session(&new, limits).await?;
        let detail = format!("session {id}, {}, by {method}", granted.role.as_str());
        let happening = signing(new.actor, "auth.login", &detail, Outcome::Succeeded);
        self.note(happening, browser).await?;
        tracing::info!(session = id, method, "signed in");
        Ok(self.inner.cookies.set_session(&token, limits.life))
    }

    /// Who sends this request: by its cookie, else by the headers of a trusted proxy, which are taken
    /// out of it either way.
    pub async fn find_caller(&self, request: &mut Request) -> Result<Found> {
        let config = &self.inner.config;
        let vouched = take_identity(config.proxy.as_ref(), request);
        if let Some((token, session)) = self.session(request.headers()).await? {
            let renewed = self.ledger.keep_session(&session, &token, &config.limits);
            let left = session.expires_at - session.used_at;
            let renewed = renewed.await?;
            let cookie = renewed.map(|token| self.inner.cookies.set_session(&token, left));
            let caller = caller(session);
            return Ok(Found::Caller { caller, cookie });
        }
        let Some(identity) = vouched else {
            return Ok(Found::Nobody);
        };
        match identity.granted(&config.grants) {
            Ok(granted) => {
                self.note_visit(&granted, &Browser::of(request)).await?;
                let Granted {
                    identity,
                    role,
                    scope,
                } = granted;
                let caller = Caller::new(identity.name, role).within(scope);
                let caller = caller.known_as(identity.subject);
                Ok(Found::Caller {
                    caller,
                    cookie: None,
                })
            }
            Err(stranger) => Ok(Found::Stranger(stranger)),
        }
    }

    /// The browser was signed in once: what it sent looks like a session, whether it is one or not.
    pub fn has_cookie(&self, headers: &HeaderMap) -> bool {
        self.inner.cookies.session(headers).is_some()
    }

    /// Where a proxy's word on roles comes from.
    pub fn proxy_claim(&self) -> &str {
        let proxy = self.inner.config.proxy.as_ref();
        proxy.map_or("", |proxy| match proxy.kind {
            ProxyKind::EasyAuth => proxy.roles_claim.as_str(),
            ProxyKind::Oauth2Proxy => "X-Auth-Request-Groups",
        })
    }

    /// Ends the session of this request. The answer is the `Set-Cookie` that forgets it, and the ID
    /// token of a session that a provider began.
    pub async fn sign_out(&self, browser: &Browser<'_>) -> Result<(String, Option<String>)> {
        let mut id_token = None;
        if let Some((_, session)) = self.session(browser.headers).await? {
            id_token = self.ledger.end_session(&session.id).await?;
            let detail = format!("session {}", session.id);
            let mut happening = signing(&session.actor, "auth.logout", &detail, Outcome::Succeeded);
            happening.kind = Kind::SignOut;
            self.note(happening, browser).await?;
        }
        Ok((self.inner.cookies.clear_session(), id_token))
    }

    async fn session(&self, headers: &HeaderMap) -> Result<Option<(Token, Session)>> {
        let Some(token) = self.inner.cookies.session(headers) else {
            return Ok(None);
        };
        let session = self.ledger.find_session(&token).await?;
        Ok(session.map(|session| (token, session)))
    }

    /// Enters that somebody known was refused, and whoever is unknown now and then: a link or an answer
    /// that opens nothing is else only in the log.
    pub(super) async fn note_failure(&self, who: Option<&str>, why: &str, browser: &Browser<'_>) {
        tracing::warn!(why, "somebody could not sign in");
        let is_due = who.is_some() || {
            let mut failed = self
                .inner
                .failed
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let is_due = failed.is_none_or(|at| at.elapsed() >= BETWEEN_FAILURES);
            if is_due {
                *failed = Some(Instant::now());
            }
            is_due
        };
        if !is_due {
            return;
        }
        let happening = signing(
            who.unwrap_or("nobody known"),
            "auth.failed",
            why,
            Outcome::Denied,
        );
        // Nobody was let in, so a trail that cannot be written makes no difference here.
        if let Err(error) = self.note(happening, browser).await {
            tracing::error!(
                error = format!("{error:#}"),
                "a refusal could not be entered"
            );
        }
    }

    async fn note_visit(&self, granted: &Granted, browser: &Browser<'_>) -> Result<()> {
        let name = &granted.identity.name;
        let is_new = {
            let mut visits = self
                .inner
                .visits
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            visits.retain(|_, at| at.elapsed() < VISIT);
            let is_new = !visits.contains_key(name);
            visits.entry(name.clone()).or_insert_with(Instant::now);
            is_new
        };
        if is_new {
            let detail = format!("{}, by the proxy in front", granted.role.as_str());
            let happening = signing(name, "auth.login", &detail, Outcome::Succeeded);
            self.note(happening, browser).await?;
        }
        Ok(())
    }

    async fn note(&self, happening: Happening<'_>, browser: &Browser<'_>) -> Result<()> {
        let client = browser.client();
        self.ledger
            .note(Happening {
                client,
                ..happening
            })
            .await?;
        Ok(())
    }
}

/// What is known of whoever signs in or out, before it is known who it is.
pub struct Browser<'r> {
    pub headers: &'r HeaderMap,
    pub address: Option<std::net::IpAddr>,
}

impl<'r> Browser<'r> {
    pub fn of(request: &'r Request) -> Self {
        Self {
            headers: request.headers(),
            address: peer(request),
        }
    }

    fn client(&self) -> Option<Client> {
        let agent = self.headers.get(http::header::USER_AGENT);
        let agent = agent.and_then(|value| value.to_str().ok());
        Some(Client {
            address: self.address?.to_string(),
            user_agent: agent.unwrap_or_default().to_owned(),
        })
    }
}

fn signing<'h>(
    actor: &'h str,
    operation: &'h str,
    detail: &'h str,
    outcome: Outcome,
) -> Happening<'h> {
    Happening {
        kind: Kind::SignIn,
        actor,
        client: None,
        operation,
        object: "console",
        detail,
        outcome,
    }
}

fn caller(session: Session) -> Caller {
    let role = session.viewing_as.unwrap_or(session.role);
    Caller {
        session: Some(OwnSession {
            id: session.id,
            role: session.role,
        }),
        ..Caller::new(session.actor, role)
            .within(session.scope)
            .known_as(session.subject)
    }
}

/// Whoever may read the data directory, named as the system names them.
pub fn operator() -> String {
    let names = ["USER", "LOGNAME"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok());
    names
        .into_iter()
        .find(|name| !name.is_empty())
        .unwrap_or("operator".to_owned())
}
