//! Debian changelogs: which vulnerability ids were fixed between two versions.
use crate::version;
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// The CVE, GHSA, DSA and DLA ids of the entries newer than `old`, up to and including
/// `new`, each once, in order.
pub fn ids_between(changelog: &str, old: &str, new: &str) -> Vec<String> {
    let mut ids = BTreeSet::new();
    let mut inside = false;
    for line in changelog.lines() {
        if let Some(entry) = version_of_heading(line) {
            inside = version::compare(entry, old) == Ordering::Greater
                && version::compare(entry, new) != Ordering::Greater;
        } else if inside {
            collect_ids(line, &mut ids);
        }
    }
    ids.into_iter().collect()
}

/// `openssl (3.0.22-1~deb12u2) bookworm-security; urgency=medium`.
fn version_of_heading(line: &str) -> Option<&str> {
    if line.starts_with([' ', '\t']) {
        return None;
    }
    let (_, rest) = line.split_once(" (")?;
    let (version, rest) = rest.split_once(')')?;
    rest.contains(';').then_some(version)
}

fn collect_ids(line: &str, ids: &mut BTreeSet<String>) {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
    for word in line.split(|c| !is_part(c)) {
        if let Some(id) = parse_id(word) {
            ids.insert(id);
        }
    }
}

/// Upper case for all but the random part of a GHSA id, which is lower case.
fn parse_id(word: &str) -> Option<String> {
    let (kind, rest) = word.split_once('-')?;
    let kind = kind.to_ascii_uppercase();
    let parts: Vec<&str> = rest.trim_matches('-').split('-').collect();
    let digits = |part: &str, least: usize| {
        part.len() >= least && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let known = match (kind.as_str(), parts.as_slice()) {
        ("CVE", [year, number]) => year.len() == 4 && digits(year, 4) && digits(number, 4),
        ("DSA" | "DLA", [number]) => digits(number, 1),
        ("DSA" | "DLA", [number, revision]) => digits(number, 1) && digits(revision, 1),
        ("GHSA", [a, b, c]) => [a, b, c].iter().all(|part| part.len() == 4),
        _ => false,
    };
    let rest = parts.join("-");
    known.then(|| match kind.as_str() {
        "GHSA" => format!("GHSA-{}", rest.to_ascii_lowercase()),
        _ => format!("{kind}-{rest}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHANGELOG: &str = "\
toy (3) suite-security; urgency=high

  * Fix CVE-2026-0003, CVE-2026-12345 (Closes: #1); see GHSA-5QPQ-xqfv-j9pg.
  * DSA-5900-1, DLA-12. Not an id: CVE-20, CVE-2026-xxxx, GHSA-1

 -- A <a@example.invalid>  Mon, 01 Jun 2026 00:00:00 +0000

toy (2) suite; urgency=low

  * cve-2025-0002.

toy (1) suite; urgency=low

  * CVE-2024-0001
";

    #[test]
    fn only_entries_after_old_up_to_new_count() {
        assert_eq!(ids_between(CHANGELOG, "1", "2"), ["CVE-2025-0002"]);
        assert_eq!(
            ids_between(CHANGELOG, "2", "3"),
            [
                "CVE-2026-0003",
                "CVE-2026-12345",
                "DLA-12",
                "DSA-5900-1",
                "GHSA-5qpq-xqfv-j9pg"
            ]
        );
        assert_eq!(ids_between(CHANGELOG, "3", "3"), [""; 0]);
        assert_eq!(ids_between(CHANGELOG, "0", "3").len(), 7);
    }
}
