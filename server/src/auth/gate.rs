use super::cookie::SessionCookie;
use anyhow::Result;
use chrono::TimeDelta;
use drydock_domain::audit::{Kind, Outcome};
use drydock_ledger::{Happening, Ledger, Token};
use drydock_workflow::{Caller, Role};
use http::HeaderMap;
use std::sync::Arc;

/// Turns links into sessions and sessions into callers.
#[derive(Clone)]
pub struct Gate {
    ledger: Ledger,
    cookie: Arc<SessionCookie>,
}

/// Long enough to walk from the terminal to the browser.
const LINK_LIFETIME: TimeDelta = TimeDelta::minutes(10);
/// A working day; then the operator takes a new link.
const SESSION_LIFETIME: TimeDelta = TimeDelta::hours(12);
/// A browser left open somewhere is signed out after this.
const IDLE_LIMIT: TimeDelta = TimeDelta::hours(2);

impl Gate {
    /// `port` is the console's own: it is part of the cookie's name.
    pub fn new(ledger: Ledger, port: u16) -> Self {
        Self {
            ledger,
            cookie: Arc::new(SessionCookie::new(port)),
        }
    }

    /// Makes a link's token: whoever opens the link first is the operator of this machine.
    pub async fn create_link(ledger: &Ledger) -> Result<Token> {
        Ok(ledger
            .create_link(&operator(), Role::Admin, LINK_LIFETIME)
            .await?)
    }

    /// Uses a link up. The answer is the `Set-Cookie` of a new session; `None` is for a token that is
    /// unknown, used or too old.
    pub async fn exchange(&self, token: &Token) -> Result<Option<String>> {
        let Some(link) = self.ledger.redeem_link(token).await? else {
            tracing::warn!("a sign-in link was opened that is unknown, used or too old");
            return Ok(None);
        };
        self.note(&link.actor, Kind::SignIn, "auth.login").await?;
        let session = self
            .ledger
            .create_session(&link.actor, link.role, SESSION_LIFETIME)
            .await?;
        self.ledger.extend_session(&session, IDLE_LIMIT).await?;
        tracing::info!(actor = link.actor, "signed in by link");
        Ok(Some(self.cookie.set(&session, SESSION_LIFETIME)))
    }

    /// Who sends this request, if its cookie is a session that is not over.
    pub async fn find_caller(&self, headers: &HeaderMap) -> Result<Option<Caller>> {
        let Some(token) = self.cookie.read(headers) else {
            return Ok(None);
        };
        let Some(session) = self.ledger.find_session(&token).await? else {
            return Ok(None);
        };
        self.ledger.extend_session(&token, IDLE_LIMIT).await?;
        Ok(Some(Caller::new(session.actor, session.role)))
    }

    /// The browser was signed in once: what it sent looks like a session, whether it is one or not.
    pub fn has_cookie(&self, headers: &HeaderMap) -> bool {
        self.cookie.read(headers).is_some()
    }

    /// Ends the session of this request. The answer is the `Set-Cookie` that forgets it.
    pub async fn sign_out(&self, headers: &HeaderMap) -> Result<String> {
        if let Some(token) = self.cookie.read(headers) {
            let session = self.ledger.find_session(&token).await?;
            self.ledger.delete_session(&token).await?;
            if let Some(session) = session {
                self.note(&session.actor, Kind::SignOut, "auth.logout")
                    .await?;
            }
        }
        Ok(self.cookie.clear())
    }

    /// Enters what a person did. A link that opens nothing is only in the log: anybody can send
    /// any number of those, and the trail keeps what it is given.
    async fn note(&self, actor: &str, kind: Kind, operation: &str) -> Result<()> {
        let happening = Happening {
            kind,
            actor,
            client: None,
            operation,
            object: "console",
            detail: "",
            outcome: Outcome::Succeeded,
        };
        self.ledger.note(happening).await?;
        Ok(())
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
