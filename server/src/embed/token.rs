//! The token by which a host's backend vouches for one visitor, for one frame, once.
use super::refusal::{Code, Refusal};
use chrono::{DateTime, TimeDelta, Utc};
use drydock_domain::access::Role;
use drydock_domain::embed::{EmbedScope, EmbedView, RepositoryPattern};
use drydock_domain::run::ImageStatus;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use std::collections::BTreeMap;

pub const AUDIENCE: &str = "acr-console:embed";
const LONGEST: i64 = 60;
/// As far as two machines' clocks may differ.
const SKEW: TimeDelta = TimeDelta::seconds(5);
const MAX_NAME_BYTES: usize = 256;

/// What a token says before anybody has looked at its signature: enough to find the key.
pub struct Claimed {
    pub issuer: String,
    pub kid: String,
    algorithm: Algorithm,
}

#[derive(Deserialize)]
struct Issuer {
    iss: String,
}

/// `iss`, the host's origin, and the header's `kid`.
pub fn claimed(token: &str) -> Result<Claimed, Refusal> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| {
        let why = "the token's header cannot be read, or its `alg` is none of EdDSA and ES256";
        Refusal::new(Code::TokenAlgorithm, why)
    })?;
    if !matches!(header.alg, Algorithm::EdDSA | Algorithm::ES256) {
        let why = "sign the token with EdDSA or ES256";
        return Err(Refusal::new(Code::TokenAlgorithm, why));
    }
    let kid = header.kid.ok_or_else(|| {
        Refusal::new(
            Code::TokenKeyUnknown,
            "the token's header names no key in `kid`",
        )
    })?;
    let claims = jsonwebtoken::dangerous::insecure_decode_claims::<Issuer>(token);
    let claims = claims.map_err(|_| {
        Refusal::new(
            Code::TokenMalformed,
            "the token's claims are no JSON with an `iss`",
        )
    })?;
    Ok(Claimed {
        issuer: claims.iss,
        kid,
        algorithm: header.alg,
    })
}

/// What a host vouches for. Claims that are not known are left alone.
#[derive(Debug, Deserialize)]
pub struct Claims {
    pub aud: String,
    pub sub: String,
    pub jti: String,
    iat: i64,
    nbf: Option<i64>,
    exp: i64,
    pub origin: String,
    view: String,
    registry: String,
    #[serde(default)]
    repos: Vec<String>,
    #[serde(default)]
    locked: BTreeMap<String, String>,
    role: String,
}

/// Verifies the signature with the host's key, by the one algorithm that the key is for, and the
/// times by `now`.
pub fn verify(
    token: &str,
    claimed: &Claimed,
    jwk: &str,
    now: DateTime<Utc>,
) -> Result<Claims, Refusal> {
    let jwk: Jwk = serde_json::from_str(jwk).map_err(|error| {
        tracing::error!(%error, "a kept key is no JWK");
        Refusal::new(Code::Unavailable, "the host's key cannot be read")
    })?;
    let (key, algorithm) = match &jwk.algorithm {
        jsonwebtoken::jwk::AlgorithmParameters::OctetKeyPair(_) => {
            (DecodingKey::from_jwk(&jwk), Algorithm::EdDSA)
        }
        _ => (DecodingKey::from_jwk(&jwk), Algorithm::ES256),
    };
    if claimed.algorithm != algorithm {
        let why = format!(
            "the key `{}` is for {algorithm:?}",
            claimed.kid.escape_debug()
        );
        return Err(Refusal::new(Code::TokenAlgorithm, why));
    }
    let mut validation = Validation::new(algorithm);
    // By the console's own clock, below.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let decoded = key.and_then(|key| jsonwebtoken::decode::<Claims>(token, &key, &validation));
    let claims = decoded.map_err(|error| refused(&error))?.claims;
    claims.check(now)?;
    Ok(claims)
}

fn refused(error: &jsonwebtoken::errors::Error) -> Refusal {
    use jsonwebtoken::errors::ErrorKind;
    match error.kind() {
        ErrorKind::Json(why) => {
            Refusal::new(Code::TokenMalformed, format!("the token's claims: {why}"))
        }
        _ => Refusal::new(
            Code::TokenSignature,
            "the token's signature does not verify",
        ),
    }
}

impl Claims {
    fn check(&self, now: DateTime<Utc>) -> Result<(), Refusal> {
        if self.aud != AUDIENCE {
            let why = format!("the token is for somebody else: `aud` is to be {AUDIENCE}");
            return Err(Refusal::new(Code::TokenAudience, why));
        }
        let named = |text: &str| !text.is_empty() && text.len() <= MAX_NAME_BYTES;
        if !named(&self.sub) || !named(&self.jti) {
            let why = format!("`sub` and `jti` take 1 to {MAX_NAME_BYTES} bytes");
            return Err(Refusal::new(Code::TokenMalformed, why));
        }
        let begin = self.nbf.unwrap_or(self.iat).min(self.iat);
        if self.exp.saturating_sub(begin) > LONGEST {
            let why = format!("a token may live for {LONGEST} s");
            return Err(Refusal::new(Code::TokenTooLong, why));
        }
        let (soon, late) = ((now + SKEW).timestamp(), (now - SKEW).timestamp());
        if self.iat > soon || self.nbf.is_some_and(|nbf| nbf > soon) {
            let why = "the token is of the future: the host's clock and Drydock's differ";
            return Err(Refusal::new(Code::TokenExpired, why));
        }
        if self.exp <= late {
            let why = "the token has expired: mint a new one for each frame and each refresh";
            return Err(Refusal::new(Code::TokenExpired, why));
        }
        Ok(())
    }

    /// From when on the token is refused by time alone.
    pub fn over(&self) -> DateTime<Utc> {
        let over = DateTime::from_timestamp(self.exp, 0).unwrap_or(DateTime::UNIX_EPOCH);
        over + SKEW + TimeDelta::seconds(1)
    }

    /// What the host asks for.
    pub fn scope(&self) -> Result<EmbedScope, Refusal> {
        let view = EmbedView::find(&self.view);
        let role = Role::find(&self.role);
        let repositories: Result<Vec<_>, _> = self
            .repos
            .iter()
            .map(|text| RepositoryPattern::parse(text))
            .collect();
        let refuse = |code, why: String| Refusal::new(code, why);
        Ok(EmbedScope {
            view: view.ok_or_else(|| refuse(Code::TokenView, "there is no such view".into()))?,
            registry: self.registry.clone(),
            repositories: repositories
                .map_err(|error| refuse(Code::TokenScope, error.to_string()))?,
            statuses: self.statuses()?,
            role: role.ok_or_else(|| refuse(Code::TokenRole, "there is no such role".into()))?,
        })
    }

    /// `locked.status` is a list with commas. A lock that nobody would keep is refused.
    fn statuses(&self) -> Result<Vec<ImageStatus>, Refusal> {
        let mut statuses = Vec::new();
        for (name, words) in &self.locked {
            if name != "status" {
                let why = format!(
                    "locked: nothing here is filtered by `{}`",
                    name.escape_debug()
                );
                return Err(Refusal::new(Code::TokenScope, why));
            }
            for word in words.split(',') {
                statuses.push(find_status(word).ok_or_else(|| {
                    let why = format!("locked: `{}` is no status", word.escape_debug());
                    Refusal::new(Code::TokenScope, why)
                })?);
            }
        }
        Ok(statuses)
    }
}

pub fn find_status(word: &str) -> Option<ImageStatus> {
    let mut all = ImageStatus::ALL.into_iter();
    all.find(|status| status.as_str().eq_ignore_ascii_case(word.trim()))
}
