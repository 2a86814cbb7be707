//! apt's pins, with which an image prefers or refuses versions.
//! <https://manpages.debian.org/apt_preferences>
use crate::archive::Suite;
use crate::deb822;
use crate::dpkg::glob;
use crate::image::ImageView;
use crate::{PatchError, deb822::Stanza};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pins {
    pins: Vec<Pin>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Pin {
    /// Patterns of package names.
    packages: Vec<String>,
    condition: Condition,
    priority: i32,
    file: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Condition {
    Version(String),
    /// `a=stable`, `n=bookworm`, `o=Debian`, …; other keys never match.
    Release(Vec<(String, String)>),
    /// A host name.
    Origin(String),
}

/// Below the priority of what is installed, apt leaves a candidate alone.
const INSTALLED_PRIORITY: i32 = 100;

impl Pins {
    pub fn read(view: &ImageView<'_>) -> Result<Self, PatchError> {
        let mut pins = Self::default();
        let parts = view.list("etc/apt/preferences.d").into_iter();
        let parts = parts.filter(|name| !name.contains('.') || name.ends_with(".pref"));
        let parts = parts.map(|name| format!("etc/apt/preferences.d/{name}"));
        for file in ["etc/apt/preferences".to_owned()].into_iter().chain(parts) {
            if let Some(text) = view.read_text(&file)? {
                pins.add(&file, &text);
            }
        }
        Ok(pins)
    }

    fn add(&mut self, file: &str, text: &str) {
        self.pins.extend(
            deb822::parse(text)
                .iter()
                .filter_map(|stanza| parse_pin(stanza, file)),
        );
    }

    /// Why apt would not take this version of a package from this suite, where it would not.
    pub fn refusal(&self, package: &str, version: &str, suite: &Suite) -> Option<String> {
        let applies = |pin: &&Pin| pin.applies_to(package) && pin.condition.holds(version, suite);
        // A pin that names packages goes before one of everything; then the first one counts.
        let specific = self
            .pins
            .iter()
            .filter(|pin| !pin.is_general())
            .find(applies);
        let pin = specific.or_else(|| {
            self.pins
                .iter()
                .filter(|pin| pin.is_general())
                .find(applies)
        })?;
        (pin.priority < INSTALLED_PRIORITY)
            .then(|| format!("pinned at priority {} in /{}", pin.priority, pin.file))
    }
}

impl Pin {
    fn is_general(&self) -> bool {
        self.packages.iter().any(|pattern| pattern == "*")
    }

    fn applies_to(&self, package: &str) -> bool {
        self.packages
            .iter()
            .any(|pattern| glob::matches(pattern, package))
    }
}

impl Condition {
    fn holds(&self, version: &str, suite: &Suite) -> bool {
        match self {
            Self::Version(pattern) => glob::matches(pattern, version),
            Self::Origin(host) => {
                let rest = suite
                    .base_url
                    .split_once("://")
                    .map_or("", |(_, rest)| rest);
                host.is_empty() || rest.split(['/', ':']).next() == Some(host)
            }
            Self::Release(terms) => terms.iter().all(|(key, pattern)| match key.as_str() {
                "n" => glob::matches(pattern, &suite.release.codename) || *pattern == suite.label,
                "a" => glob::matches(pattern, &suite.label),
                "o" => glob::matches(pattern, &suite.release.origin),
                "" => glob::matches(pattern, &suite.label),
                "c" => pattern == "*" || pattern == "main",
                _ => pattern == "*",
            }),
        }
    }
}

fn parse_pin(stanza: &Stanza, file: &str) -> Option<Pin> {
    let (kind, rest) = stanza.get("Pin")?.trim().split_once(char::is_whitespace)?;
    let rest = rest.trim().trim_matches('"');
    let condition = match kind {
        "version" => Condition::Version(rest.to_owned()),
        "origin" => Condition::Origin(rest.to_owned()),
        "release" => Condition::Release(
            rest.split(',')
                .map(|term| {
                    let (key, value) = term.trim().split_once('=').unwrap_or(("", term.trim()));
                    (key.to_owned(), value.trim_matches('"').to_owned())
                })
                .collect(),
        ),
        _ => return None,
    };
    Some(Pin {
        packages: stanza
            .get("Package")?
            .split_whitespace()
            .map(str::to_owned)
            .collect(),
        condition,
        priority: stanza.get("Pin-Priority")?.trim().parse().ok()?,
        file: file.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::{PackageIndex, ReleaseInfo};

    fn suite() -> Suite {
        Suite {
            label: "bookworm-security".into(),
            is_security: true,
            release: ReleaseInfo {
                origin: "Debian".into(),
                codename: "bookworm-security".into(),
                date: chrono::DateTime::UNIX_EPOCH,
                valid_until: None,
                signed_by: String::new(),
                staleness: None,
            },
            index: PackageIndex::default(),
            base_url: "http://archive.example/debian/".into(),
        }
    }

    fn refusal(pins: &str, package: &str) -> Option<String> {
        let mut read = Pins::default();
        read.add("etc/apt/preferences", pins);
        read.refusal(package, "1.2-3", &suite())
    }

    #[test]
    fn a_package_pinned_below_what_is_installed_is_refused() {
        let pin = "Package: php* apache2\nPin: release *\nPin-Priority: -1\n";
        assert!(
            refusal(pin, "php8-cli")
                .unwrap()
                .contains("-1 in /etc/apt/preferences")
        );
        assert_eq!(refusal(pin, "bash"), None);
    }

    #[test]
    fn a_pin_counts_only_where_its_condition_holds() {
        let pin = |condition: &str| format!("Package: *\nPin: {condition}\nPin-Priority: 1\n");
        assert!(refusal(&pin("release n=bookworm-security"), "a").is_some());
        assert!(refusal(&pin("release n=trixie"), "a").is_none());
        assert!(refusal(&pin("version 1.2*"), "a").is_some());
        assert!(refusal(&pin("origin \"archive.example\""), "a").is_some());
        assert!(refusal(&pin("origin other.example"), "a").is_none());
    }

    #[test]
    fn a_pin_that_names_the_package_goes_first() {
        let pins = "Package: *\nPin: release o=Debian\nPin-Priority: -1\n\n\
                    Package: bash\nPin: release o=Debian\nPin-Priority: 990\n";
        assert!(refusal(pins, "dash").is_some());
        assert!(refusal(pins, "bash").is_none());
    }
}
