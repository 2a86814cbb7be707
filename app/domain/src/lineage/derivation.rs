//! Whether a patch stands on its original: judged by layers, never by names.
use super::Derivation;
use chrono::{DateTime, Utc};

/// What is known of a patch and of the tag that it should be a patch of.
#[derive(Clone, Copy, Debug, Default)]
pub struct DerivationFacts<'a> {
    /// Whether the original's tag exists.
    pub has_original: bool,
    /// Layer digests, base first; `None` where it is not one image with layers.
    pub original_layers: Option<&'a [String]>,
    pub patched_layers: Option<&'a [String]>,
    /// The original's digest now, and when it was patched, where the patch's report says it.
    pub original_now: Option<&'a str>,
    pub original_then: Option<&'a str>,
    /// When the original's tag was last pushed, and when the patch was made: for a patch without
    /// a report.
    pub original_pushed_at: Option<DateTime<Utc>>,
    pub patched_at: Option<DateTime<Utc>>,
}

/// The judgement on a derived-from claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged {
    pub derivation: Derivation,
    /// The original was pushed again after the patch. The derivation can be verified all the
    /// same, where the new original has the layers of the old one.
    pub has_drifted: bool,
    /// Why it is in doubt; a clause.
    pub doubt: Option<&'static str>,
}

/// `Verified` only where the patch's layers begin with the original's, there are any, and at least one
/// of the patch's own follows.
pub fn derive(facts: &DerivationFacts<'_>) -> Judged {
    let has_drifted = facts.has_original && has_drifted(facts);
    let stands = match (facts.original_layers, facts.patched_layers) {
        (Some(original), Some(patched)) if !original.is_empty() => {
            Some(patched.starts_with(original))
        }
        _ => None,
    };
    let (derivation, doubt) = match stands {
        _ if !facts.has_original => (
            Derivation::Unverified,
            Some("its original does not exist, so nothing can be compared"),
        ),
        Some(true) if facts.original_layers == facts.patched_layers => (
            Derivation::Unverified,
            Some("it has the original's layers and none of its own, so nothing was patched"),
        ),
        Some(true) => (Derivation::Verified, None),
        Some(false) | None if has_drifted => (
            Derivation::Drifted,
            Some("the original was pushed again after this patch, with other content"),
        ),
        Some(false) => (
            Derivation::Unverified,
            Some("its layers do not begin with the original's"),
        ),
        None => (
            Derivation::Unverified,
            Some("it or its original is not one image with layers"),
        ),
    };
    Judged {
        derivation,
        has_drifted,
        doubt,
    }
}

/// By digests where the patch's report names one; by dates where there is no report.
fn has_drifted(facts: &DerivationFacts<'_>) -> bool {
    match (facts.original_then, facts.original_now) {
        (Some(then), Some(now)) => then != now,
        _ => match (facts.original_pushed_at, facts.patched_at) {
            (Some(pushed), Some(patched)) => pushed > patched,
            _ => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers(digests: &[&str]) -> Vec<String> {
        digests.iter().map(|digest| (*digest).to_owned()).collect()
    }

    fn check(
        original: Option<&[&str]>,
        patched: Option<&[&str]>,
        then: &str,
        expected: Derivation,
    ) {
        let (original, patched) = (original.map(layers), patched.map(layers));
        let judged = derive(&DerivationFacts {
            has_original: true,
            original_layers: original.as_deref(),
            patched_layers: patched.as_deref(),
            original_now: Some("sha256:now"),
            original_then: Some(then),
            ..DerivationFacts::default()
        });
        assert_eq!(judged.derivation, expected, "{original:?} {patched:?}");
        assert_eq!(judged.has_drifted, then != "sha256:now");
        assert_eq!(judged.doubt.is_none(), expected == Derivation::Verified);
    }

    #[test]
    fn only_layers_verify_a_claim() {
        use Derivation::{Drifted, Unverified, Verified};
        check(
            Some(&["a", "b"]),
            Some(&["a", "b", "p"]),
            "sha256:now",
            Verified,
        );
        check(
            Some(&["a", "b"]),
            Some(&["a", "x", "p"]),
            "sha256:now",
            Unverified,
        );
        check(Some(&["a", "b"]), Some(&["a"]), "sha256:now", Unverified);
        check(
            Some(&["a", "b"]),
            Some(&["b", "a", "b"]),
            "sha256:now",
            Unverified,
        );
        check(Some(&["a"]), Some(&["x", "p"]), "sha256:then", Drifted);
        check(Some(&["a"]), Some(&["a", "p"]), "sha256:then", Verified);
        check(Some(&["a"]), None, "sha256:now", Unverified);
        // The original under a patch's name.
        check(Some(&["a"]), Some(&["a"]), "sha256:now", Unverified);
        // Every list begins with an empty one: that proves nothing.
        check(Some(&[]), Some(&["a"]), "sha256:now", Unverified);
        let judged = derive(&DerivationFacts::default());
        assert_eq!((judged.derivation, judged.has_drifted), (Unverified, false));
    }

    #[test]
    fn without_a_report_dates_tell_of_drift() {
        let at = |second| DateTime::from_timestamp(second, 0);
        let judged = |pushed, patched| {
            derive(&DerivationFacts {
                has_original: true,
                original_now: Some("sha256:now"),
                original_pushed_at: at(pushed),
                patched_at: at(patched),
                ..DerivationFacts::default()
            })
        };
        assert!(judged(2, 1).has_drifted);
        assert_eq!(judged(2, 1).derivation, Derivation::Drifted);
        assert!(!judged(1, 2).has_drifted);
    }
}
