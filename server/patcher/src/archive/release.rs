//! The signed text of an `InRelease` file. <https://wiki.debian.org/DebianRepository/Format>
use super::ReleaseInfo;
use crate::PatchError;
use crate::deb822;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use std::collections::HashMap;
use std::time::Duration;

/// How far an archive's clock may be ahead of ours.
const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(10);

/// A parsed Release.
#[derive(Debug)]
pub(super) struct Release {
    pub origin: String,
    pub label: String,
    pub suite: String,
    pub codename: String,
    pub date: DateTime<Utc>,
    pub valid_until: Option<DateTime<Utc>>,
    pub architectures: Vec<String>,
    /// apt takes nothing from such a suite of its own accord: backports, experimental.
    pub not_automatic: bool,
    pub acquire_by_hash: bool,
    /// `binary-<arch>` holds the packages of architecture `all` too.
    pub all_in_each_architecture: bool,
    files: HashMap<String, FileEntry>,
}

/// What the Release says of one index file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FileEntry {
    pub sha256: String,
    pub size_bytes: u64,
}

impl Release {
    /// `url` is for messages only.
    pub fn parse(url: &str, text: &str) -> Result<Self, PatchError> {
        let damaged = |why: String| PatchError::Corrupt {
            what: url.to_owned(),
            why,
        };
        let stanza = deb822::parse(text).into_iter().next().unwrap_or_default();
        let field = |name: &str| stanza.get(name).unwrap_or_default().to_owned();
        let date = |name: &str| match stanza.get(name) {
            None => Ok(None),
            Some(value) => parse_date(value)
                .map(Some)
                .ok_or_else(|| damaged(format!("{name} is no date: {value}"))),
        };
        let architectures: Vec<String> = field("Architectures")
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        let separate_all = architectures.iter().any(|one| one == "all")
            && field("No-Support-for-Architecture-all") != "Packages";
        Ok(Self {
            origin: field("Origin"),
            label: field("Label"),
            suite: field("Suite"),
            codename: field("Codename"),
            date: date("Date")?.ok_or_else(|| damaged("it has no Date".into()))?,
            valid_until: date("Valid-Until")?,
            architectures,
            not_automatic: field("NotAutomatic") == "yes",
            acquire_by_hash: field("Acquire-By-Hash") == "yes",
            all_in_each_architecture: !separate_all,
            files: parse_files(stanza.get("SHA256").unwrap_or_default()),
        })
    }

    /// `path` is below the suite's folder: `main/binary-amd64/Packages.xz`.
    pub fn find_file(&self, path: &str) -> Option<&FileEntry> {
        self.files.get(path)
    }

    /// A Release of another suite, signed by the same key, must not pass for this one.
    pub fn is_suite(&self, requested: &str) -> bool {
        let requested = requested.trim_end_matches('/');
        // Debian's security archive was `bullseye/updates` in older settings.
        let plain = requested
            .strip_suffix("/updates")
            .map(|name| format!("{name}-security"));
        [self.suite.as_str(), self.codename.as_str()]
            .iter()
            .any(|name| *name == requested || plain.as_deref() == Some(name))
    }

    pub fn is_security(&self, requested: &str) -> bool {
        requested.ends_with("-security")
            || requested.ends_with("/updates")
            || self.label == "Debian-Security"
    }

    /// Refuses a Release from the future, or past its own date unless that is allowed.
    pub fn check_dates(
        &self,
        url: &str,
        now: DateTime<Utc>,
        allow_expired: bool,
    ) -> Result<(), PatchError> {
        let expired = |why: String| {
            Err(PatchError::Expired {
                url: url.to_owned(),
                why,
            })
        };
        if self.date > now + CLOCK_SKEW {
            return expired(format!(
                "its Date {} is in the future; set this machine's clock, which says {}",
                self.date.format("%F %T UTC"),
                now.format("%F %T UTC")
            ));
        }
        match self.valid_until {
            Some(until) if until < now && !allow_expired => expired(format!(
                "it was valid until {}, so newer fixes may be withheld; use a mirror that is \
                 up to date, or allow expired indexes in the settings",
                until.format("%F %T UTC")
            )),
            _ => Ok(()),
        }
    }

    pub fn info(
        &self,
        label: &str,
        signed_by: String,
        now: DateTime<Utc>,
        stale_after: Duration,
    ) -> ReleaseInfo {
        ReleaseInfo {
            origin: self.origin.clone(),
            codename: self.codename.clone(),
            date: self.date,
            valid_until: self.valid_until,
            signed_by,
            staleness: self.staleness(label, now, stale_after),
        }
    }

    fn staleness(&self, label: &str, now: DateTime<Utc>, stale_after: Duration) -> Option<String> {
        if let Some(until) = self.valid_until {
            let day = until.format("%F");
            return (until < now).then(|| format!("The index of {label} expired on {day}."));
        }
        // A released suite rests between point releases; only its updates grow old.
        let moves = self.is_security(label) || label.ends_with("-updates");
        let age_days = (now - self.date).num_days();
        let limit_days = i64::try_from(stale_after.as_secs() / 86_400).unwrap_or(i64::MAX);
        (moves && age_days > limit_days).then(|| {
            format!(
                "The index of {label} is {age_days} days old and has no expiry date: newer \
                 fixes may be missing."
            )
        })
    }
}

fn parse_files(section: &str) -> HashMap<String, FileEntry> {
    section
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            let (sha256, size, path) = (words.next()?, words.next()?, words.next()?);
            let is_digest = sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_hexdigit());
            let entry = FileEntry {
                sha256: sha256.to_ascii_lowercase(),
                size_bytes: size.parse().ok()?,
            };
            is_digest.then(|| (path.to_owned(), entry))
        })
        .collect()
}

/// `Wed, 18 Nov 2026 22:17:41 UTC`, its hour padded by a zero, a blank or nothing.
fn parse_date(text: &str) -> Option<DateTime<Utc>> {
    let (_, date) = text.split_once(", ")?;
    let date = date
        .strip_suffix(" UTC")
        .or_else(|| date.strip_suffix(" +0000"))?;
    let words: Vec<&str> = date.split_whitespace().collect();
    NaiveDateTime::parse_from_str(&words.join(" "), "%d %b %Y %H:%M:%S")
        .ok()
        .map(|naive| naive.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Origin: Debian\nLabel: Debian-Security\nSuite: oldstable-security\n\
        Codename: bookworm-security\nDate: Wed, 18 Nov 2026 22:17:41 UTC\n\
        Valid-Until: Wed, 25 Nov 2026 22:17:41 UTC\nAcquire-By-Hash: yes\n\
        Architectures: amd64 arm64\nMD5Sum:\n d41d8cd98f00b204e9800998ecf8427e 0 main/x\nSHA256:\n \
        e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 12 main/binary-amd64/Packages\n";

    fn release() -> Release {
        Release::parse("http://a.test/InRelease", TEXT).unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn fields_and_files_are_read() {
        let release = release();
        assert_eq!(release.date, at("2026-11-18T22:17:41Z"));
        assert_eq!(
            release
                .find_file("main/binary-amd64/Packages")
                .unwrap()
                .size_bytes,
            12
        );
        assert!(release.find_file("main/x").is_none(), "MD5 is no proof");
        assert!(release.all_in_each_architecture);
        assert!(release.acquire_by_hash);
    }

    #[test]
    fn a_suite_answers_to_its_suite_name_and_its_codename_only() {
        assert!(release().is_suite("bookworm-security"));
        assert!(release().is_suite("oldstable-security"));
        assert!(release().is_suite("bookworm/updates"));
        assert!(!release().is_suite("bookworm"));
        assert!(!release().is_suite("trixie-security"));
    }

    #[test]
    fn an_expired_release_is_refused_unless_allowed() {
        let late = at("2026-11-26T00:00:00Z");
        let error = release().check_dates("u", late, false).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("valid until 2026-11-25 22:17:41 UTC"),
            "{error}"
        );
        assert!(release().check_dates("u", late, true).is_ok());
        assert!(
            release()
                .check_dates("u", at("2026-11-20T00:00:00Z"), false)
                .is_ok()
        );
        assert!(
            release()
                .check_dates("u", at("2026-11-17T00:00:00Z"), true)
                .is_err()
        );
    }

    #[test]
    fn hours_padded_by_a_blank_are_read() {
        let expected = at("2026-11-20T01:29:49Z");
        assert_eq!(parse_date("Fri, 20 Nov 2026  1:29:49 UTC"), Some(expected));
        assert_eq!(
            parse_date("Fri, 20 Nov 2026 01:29:49 +0000"),
            Some(expected)
        );
        assert_eq!(parse_date("yesterday"), None);
    }

    #[test]
    fn an_old_index_without_expiry_is_flagged_if_it_should_move() {
        let mut release = release();
        release.valid_until = None;
        let limit = Duration::from_secs(30 * 86_400);
        let later = at("2027-01-20T00:00:00Z");
        assert!(
            release
                .staleness("bookworm-security", later, limit)
                .is_some()
        );
        assert!(
            release
                .staleness("bookworm-security", release.date, limit)
                .is_none()
        );
        release.label = "Debian".into();
        assert!(release.staleness("bookworm", later, limit).is_none());
    }
}
