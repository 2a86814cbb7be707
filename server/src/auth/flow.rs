//! What ties an answer of the provider to the browser that was sent there: a cookie that only this
//! console can have made. State, nonce and the proof of the code (PKCE) are made out of it, so nothing
//! is kept here for people who never come back.
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, Mac};
use rand::Rng as _;
use sha2::Sha256;

/// Time enough to find a phone for the second factor.
pub const FLOW_LIFE: TimeDelta = TimeDelta::minutes(10);

#[derive(Clone)]
pub struct FlowKey([u8; 32]);

/// One attempt to sign in.
pub struct Flow {
    /// The cookie's value.
    pub cookie: String,
    pub state: String,
    pub nonce: String,
    /// The PKCE verifier, which stays here until the code is exchanged (RFC 7636, section 4.1).
    pub verifier: String,
}

impl FlowKey {
    /// Replicas with the same client secret know each other's attempts; without one, an attempt ends
    /// where it began.
    pub fn new(client_secret: Option<&str>) -> Self {
        match client_secret {
            Some(secret) => Self(mac(secret.as_bytes(), "drydock sign-in attempts")),
            None => Self(rand::rng().random()),
        }
    }

    pub fn begin(&self, now: DateTime<Utc>) -> Flow {
        let seed = rand::rng().random::<[u8; 32]>();
        let seed = seed.map(|byte| format!("{byte:02x}")).concat();
        self.flow(&format!("{seed}.{}", now.timestamp()))
    }

    /// The attempt that a cookie belongs to; `None` for one that was not made here, or is too old.
    pub fn resume(&self, cookie: &str, now: DateTime<Utc>) -> Option<Flow> {
        let (body, proof) = cookie.rsplit_once('.')?;
        let proof: Vec<u8> = (0..proof.len())
            .step_by(2)
            .map(|place| proof.get(place..place + 2))
            .map(|pair| u8::from_str_radix(pair?, 16).ok())
            .collect::<Option<_>>()?;
        let mut expected = Hmac::<Sha256>::new_from_slice(&self.0).expect("a key of any length");
        expected.update(format!("cookie {body}").as_bytes());
        // In constant time.
        expected.verify_slice(&proof).ok()?;
        let begun = body.split_once('.')?.1.parse().ok()?;
        let age = now - DateTime::from_timestamp(begun, 0)?;
        (age < FLOW_LIFE).then(|| self.flow(body))
    }

    fn flow(&self, body: &str) -> Flow {
        let part = |name: &str| hex(&mac(&self.0, &format!("{name} {body}")));
        Flow {
            cookie: format!("{body}.{}", part("cookie")),
            state: part("state"),
            nonce: part("nonce"),
            verifier: part("verifier"),
        }
    }
}

fn mac(key: &[u8], text: &str) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_is_resumed_by_its_own_cookie_while_it_is_young() {
        let key = FlowKey::new(Some("secret"));
        let now = DateTime::from_timestamp(1_795_239_000, 0).unwrap();
        let begun = key.begin(now);
        let resumed = FlowKey::new(Some("secret"))
            .resume(&begun.cookie, now)
            .unwrap();
        assert_eq!(
            (resumed.state, resumed.nonce, resumed.verifier),
            (
                begun.state.clone(),
                begun.nonce.clone(),
                begun.verifier.clone()
            )
        );
        assert!(key.resume(&begun.cookie, now + FLOW_LIFE).is_none());
        assert!(FlowKey::new(None).resume(&begun.cookie, now).is_none());
        assert!(
            FlowKey::new(Some("other"))
                .resume(&begun.cookie, now)
                .is_none()
        );
        let (body, proof) = begun.cookie.rsplit_once('.').unwrap();
        let moved = body.replace("1795239000", "1795239999");
        for forged in [
            format!("{moved}.{proof}"),
            body.to_owned(),
            format!("{body}.é"),
            String::new(),
        ] {
            assert!(key.resume(&forged, now).is_none(), "{forged}");
        }
        assert_ne!(key.begin(now).state, begun.state);
    }

    #[test]
    fn what_the_provider_is_told_is_not_what_the_browser_holds() {
        let flow = FlowKey::new(None).begin(Utc::now());
        for told in [&flow.state, &flow.nonce, &flow.verifier] {
            assert!(!flow.cookie.contains(told.as_str()));
            assert!((43..=128).contains(&told.len()));
        }
    }
}
