//! Which installed packages the archive has newer versions of.
use crate::archive::{PackageStanza, Suite};
use crate::dpkg::installed::State;
use crate::dpkg::{Database, Installed, Pins};
use crate::version;
use std::cmp::Ordering;

/// An installed package and the newest version that the archive offers of it.
#[derive(Clone, Debug)]
pub struct Candidate<'a> {
    pub installed: &'a Installed,
    pub offer: PackageStanza,
    pub suite: &'a Suite,
    /// Is the newer version, or one between, a security update?
    pub is_security: bool,
    /// Why it is not to be upgraded, whatever the others do.
    pub refusal: Option<String>,
}

/// One candidate for each present package that the suites have a newer version of, in the order
/// of the database.
pub fn find<'a>(database: &'a Database, suites: &'a [Suite], pins: &Pins) -> Vec<Candidate<'a>> {
    let mut candidates = Vec::new();
    for installed in database.present() {
        candidates.extend(find_one(database, installed, suites, pins));
    }
    candidates
}

fn find_one<'a>(
    database: &Database,
    installed: &'a Installed,
    suites: &'a [Suite],
    pins: &Pins,
) -> Option<Candidate<'a>> {
    let mut newer: Vec<(PackageStanza, &Suite)> = Vec::new();
    for suite in suites {
        let offers = suite.index.find(&installed.package).filter(|offer| {
            let fits = offer.architecture == installed.architecture
                || offer.architecture == "all"
                || (installed.architecture == "all" && offer.architecture == database.architecture);
            fits && version::compare(&offer.version, &installed.version) == Ordering::Greater
        });
        newer.extend(offers.map(|offer| (offer, suite)));
    }
    let is_security = newer.iter().any(|(_, suite)| suite.is_security);
    // Newest first; of two suites with the same version, the security one tells more.
    newer.sort_by(|(a, in_a), (b, in_b)| {
        version::compare(&b.version, &a.version).then(in_b.is_security.cmp(&in_a.is_security))
    });
    let pinned = |(offer, suite): &(PackageStanza, &Suite)| {
        pins.refusal(&offer.package, &offer.version, suite)
    };
    let wanted = newer.iter().position(|one| pinned(one).is_none());
    let refusal = newer.first().and_then(pinned).filter(|_| wanted.is_none());
    let (offer, suite) = newer.into_iter().nth(wanted.unwrap_or(0))?;
    let refusal = refusal.or_else(|| refusal_of(database, installed, &offer, suite));
    Some(Candidate {
        installed,
        offer,
        suite,
        is_security,
        refusal,
    })
}

fn refusal_of(
    database: &Database,
    installed: &Installed,
    offer: &PackageStanza,
    suite: &Suite,
) -> Option<String> {
    if installed.held {
        return Some("on hold in the image".into());
    }
    if let State::Partial(state) = &installed.state {
        return Some(format!("its state in the image is {state}"));
    }
    let has_foreign =
        |other: &Installed| other.package == installed.package && !database.is_native(other);
    if database.present().any(has_foreign) {
        return Some("it is installed for another architecture than the image's own".into());
    }
    match offer.phased_update_percentage {
        Some(percentage) if percentage < 100 && !suite.is_security => Some(format!(
            "still being phased in: offered to {percentage} % of machines"
        )),
        _ => None,
    }
}
