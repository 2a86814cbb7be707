use super::limit::Limiter;
use super::refusal::{Code, Refusal};
use super::token::{self, Claims};
use chrono::TimeDelta;
use drydock_domain::audit::{Kind, Outcome};
use drydock_domain::embed::Embed;
use drydock_ledger::{Clock, EmbedSession, Happening, Ledger, NewEmbedSession, Token, VouchingKey};
use http::{HeaderMap, header};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

/// Short, as nobody can sign out of a frame.
const SESSION_LIFE: TimeDelta = TimeDelta::minutes(8);
/// Frames that are open at a time, over all hosts.
const SESSION_CAP: i64 = 2_000;
/// Things that are entered once; beyond this many, all are forgotten and may be entered again.
const SEEN_LIMIT: usize = 20_000;

/// Turns tokens of hosts into sessions, and sessions into scopes. Knows nothing of the console's.
#[derive(Clone)]
pub struct EmbedGate {
    ledger: Ledger,
    clock: Clock,
    limiter: Arc<Limiter>,
    /// What was entered already: a frame that shows the same place again is one view of it.
    seen: Arc<Mutex<HashSet<String>>>,
}

/// A session that was just made.
pub struct Opened {
    pub token: Token,
    pub life: TimeDelta,
}

impl EmbedGate {
    pub fn new(ledger: Ledger, clock: Clock) -> Self {
        Self {
            ledger,
            clock,
            limiter: Arc::default(),
            seen: Arc::default(),
        }
    }

    pub async fn find_embed(&self, id: &str) -> Result<Embed, Refusal> {
        let embed = self.ledger.find_embed(id).await?;
        embed.ok_or_else(|| Refusal::new(Code::EmbedUnknown, "there is no such embed"))
    }

    /// Uses a host's token up for a session of `embed`, in a frame whose parent is `origin`, as the
    /// browser told the frame. Only what a known key signed is entered into the trail: anybody can
    /// send anything else, any number of times.
    pub async fn exchange(
        &self,
        embed: &str,
        token: &str,
        origin: &str,
    ) -> Result<Opened, Refusal> {
        let claimed = token::claimed(token)?;
        let key = self
            .ledger
            .find_embed_key(&claimed.issuer, &claimed.kid)
            .await?;
        let key = key.ok_or_else(|| {
            let why = "no key of that `kid` is listed for the `iss`, or it was revoked";
            Refusal::new(Code::TokenKeyUnknown, why)
        })?;
        let claims = token::verify(token, &claimed, &key.jwk, self.clock.now())?;
        if !self.limiter.take(&key.id, self.clock.now()) {
            let why = "this key vouches for more visitors than it may; try again in a minute";
            return Err(Refusal::new(Code::RateLimited, why));
        }
        let visit = Visit {
            gate: self,
            actor: format!("{} at {}", claims.sub, claimed.issuer),
            embed,
        };
        let opened = visit.open(&claims, &claimed.issuer, &key, origin).await;
        if let Err(refusal) = &opened {
            let operation = match refusal.code {
                Code::TokenReplayed => "token.replayed",
                _ => "token.refused",
            };
            let code = refusal.code.as_str();
            visit
                .note(Kind::Denial, operation, code, Outcome::Denied)
                .await?;
        }
        opened
    }

    /// The session of `Authorization: Bearer …`.
    pub async fn find_session(
        &self,
        headers: &HeaderMap,
    ) -> Result<(Token, EmbedSession), Refusal> {
        let over = || {
            let why = "the frame's session is over; it asks its page for a new token";
            Refusal::new(Code::SessionExpired, why)
        };
        let value = headers.get(header::AUTHORIZATION);
        let text = value.and_then(|value| value.to_str().ok());
        let token = text.and_then(|text| text.strip_prefix("Bearer "));
        let token = Token::from_presented(token.ok_or_else(over)?);
        let session = self.ledger.find_embed_session(&token).await?;
        Ok((token, session.ok_or_else(over)?))
    }

    pub async fn is_over(&self, token: &Token) -> bool {
        // A ledger that cannot be read now must not end a thousand frames.
        matches!(self.ledger.find_embed_session(token).await, Ok(None))
    }

    /// Enters that a visitor was shown a place, once for a session.
    pub async fn note_view(
        &self,
        token: &Token,
        session: &EmbedSession,
        place: &str,
    ) -> Result<(), Refusal> {
        if !self.is_new(format!("{} {place}", token.expose())) {
            return Ok(());
        }
        let visit = Visit {
            gate: self,
            actor: session.actor(),
            embed: &session.embed,
        };
        let shown = format!("{} {place}", session.scope.registry);
        visit
            .note(Kind::View, "embed.loaded", &shown, Outcome::Succeeded)
            .await
    }

    /// Enters that a browser would not put a frame under `ancestor`, once for an hour's worth of them.
    pub async fn note_blocked(&self, embed: &str, ancestor: &str) -> Result<(), Refusal> {
        let hour = self.clock.now().timestamp() / 3_600;
        if !self.is_new(format!("{embed} {ancestor} {hour}")) {
            return Ok(());
        }
        let visit = Visit {
            gate: self,
            actor: "a browser".to_owned(),
            embed,
        };
        visit
            .note(Kind::Denial, "embed.blocked", ancestor, Outcome::Denied)
            .await
    }

    fn is_new(&self, thing: String) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= SEEN_LIMIT {
            seen.clear();
        }
        seen.insert(thing)
    }
}

/// One visitor's attempt at one embed.
struct Visit<'v> {
    gate: &'v EmbedGate,
    actor: String,
    embed: &'v str,
}

impl Visit<'_> {
    async fn open(
        &self,
        claims: &Claims,
        issuer: &str,
        key: &VouchingKey,
        origin: &str,
    ) -> Result<Opened, Refusal> {
        let ledger = &self.gate.ledger;
        let embed = self.gate.find_embed(self.embed).await?;
        if embed.revoked_at.is_some() {
            return Err(Refusal::new(Code::EmbedRevoked, "this embed was revoked"));
        }
        let is_listed = embed.origins.iter().any(|listed| listed.as_str() == issuer);
        if claims.origin != issuer || origin != issuer || !is_listed {
            let why =
                "`iss`, `origin` and the page around the frame are to be one site of this embed";
            return Err(Refusal::new(Code::TokenOrigin, why));
        }
        let scope = embed.scope.narrow(&claims.scope()?)?;
        if !ledger
            .consume_embed_token(&key.host, &claims.jti, claims.over())
            .await?
        {
            let why = "this token was used before: mint a new one for each frame and each refresh";
            return Err(Refusal::new(Code::TokenReplayed, why));
        }
        let used = format!("token {}", claims.jti);
        self.note(Kind::SignIn, "token.consumed", &used, Outcome::Succeeded)
            .await?;
        let session = NewEmbedSession {
            embed: self.embed,
            key: &key.id,
            origin,
            subject: &claims.sub,
            scope: &scope,
        };
        let made = ledger
            .create_embed_session(&session, SESSION_LIFE, SESSION_CAP)
            .await?;
        let token = made.ok_or_else(|| {
            let why = format!("{SESSION_CAP} frames are open already; try again in some minutes");
            Refusal::new(Code::SessionsFull, why)
        })?;
        let lasts = format!("a session of {} min", SESSION_LIFE.num_minutes());
        self.note(Kind::SignIn, "token.minted", &lasts, Outcome::Succeeded)
            .await?;
        Ok(Opened {
            token,
            life: SESSION_LIFE,
        })
    }

    async fn note(
        &self,
        kind: Kind,
        operation: &str,
        detail: &str,
        outcome: Outcome,
    ) -> Result<(), Refusal> {
        let happening = Happening {
            kind,
            actor: &self.actor,
            client: None,
            operation,
            object: self.embed,
            detail,
            outcome,
        };
        self.gate.ledger.note(happening).await?;
        Ok(())
    }
}
