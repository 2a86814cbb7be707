//! The listener's own certificate: in memory only, and replaced long before it ends.
use super::Authority;
use rustls::{
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use std::{
    fmt, io,
    sync::{Arc, Mutex, PoisonError},
};
use time::{Duration, OffsetDateTime};

/// Below what any client takes for too long (398 days).
const LIFETIME: Duration = Duration::days(90);
const RENEW_BEFORE: Duration = Duration::days(30);

/// A certificate as the authority signs it.
pub(super) struct Leaf {
    pub chain: Vec<CertificateDer<'static>>,
    pub key: PrivateKeyDer<'static>,
    pub not_after: OffsetDateTime,
}

/// Shows a leaf, and has another one signed when a connection comes in its last thirty days.
pub(super) struct RenewedLeaf {
    authority: Authority,
    current: Mutex<Shown>,
}

#[derive(Clone)]
struct Shown {
    key: Arc<CertifiedKey>,
    not_after: OffsetDateTime,
}

impl RenewedLeaf {
    pub fn new(authority: Authority) -> io::Result<Self> {
        let current = Mutex::new(sign(&authority, OffsetDateTime::now_utc())?);
        Ok(Self { authority, current })
    }

    fn at(&self, now: OffsetDateTime) -> Shown {
        // What is behind the lock is replaced whole.
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if now + RENEW_BEFORE >= current.not_after {
            match sign(&self.authority, now) {
                Ok(fresh) => *current = fresh,
                Err(error) => tracing::error!(%error, "the sandbox cannot renew its certificate"),
            }
        }
        current.clone()
    }
}

fn sign(authority: &Authority, now: OffsetDateTime) -> io::Result<Shown> {
    let leaf = authority.issue(now, LIFETIME)?;
    let provider = aws_lc_rs::default_provider();
    let key = CertifiedKey::from_der(leaf.chain, leaf.key, &provider).map_err(io::Error::other)?;
    Ok(Shown {
        key: Arc::new(key),
        not_after: leaf.not_after,
    })
}

impl ResolvesServerCert for RenewedLeaf {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.at(OffsetDateTime::now_utc()).key)
    }
}

/// What rustls asks for; a key is not shown.
impl fmt::Debug for RenewedLeaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RenewedLeaf")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leaf_is_kept_until_its_last_thirty_days_and_then_replaced() {
        let leaf = RenewedLeaf::new(Authority::ephemeral().unwrap()).unwrap();
        let start = OffsetDateTime::now_utc();
        let first = leaf.at(start);
        let kept = leaf.at(start + Duration::days(59));
        assert_eq!(kept.key.cert, first.key.cert);
        let renewed = leaf.at(start + Duration::days(61));
        assert_ne!(renewed.key.cert, first.key.cert);
        assert_eq!(renewed.not_after, start + Duration::days(61) + LIFETIME);
    }
}
