//! What is different between the contents of two images.
use crate::hash::HashMap;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// A package of an image's own database.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct InstalledPackage {
    pub name: String,
    pub architecture: String,
    pub version: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageDiff {
    pub changed: Vec<VersionChange>,
    pub added: Vec<InstalledPackage>,
    pub removed: Vec<InstalledPackage>,
    pub unchanged: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionChange {
    pub name: String,
    pub architecture: String,
    pub old: String,
    pub new: String,
    pub direction: Direction,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Direction {
    Upgrade,
    /// Worth a look: a patch makes nothing older.
    Downgrade,
    /// Other words for the same version.
    Same,
}

/// Compares two package lists by name and architecture, sorted by them. `order` is the
/// distribution's own order of versions; which of two is newer is not for this function to know.
pub fn compare_packages(
    before: &[InstalledPackage],
    after: &[InstalledPackage],
    order: &dyn Fn(&str, &str) -> Ordering,
) -> PackageDiff {
    let mut old: HashMap<(&str, &str), Vec<&InstalledPackage>> = HashMap::default();
    for package in before {
        old.entry(key(package)).or_default().push(package);
    }
    let mut diff = PackageDiff::default();
    let mut others = Vec::new();
    // Several versions of a package can stand side by side: equal ones belong together.
    for package in after {
        let versions = old.entry(key(package)).or_default();
        match versions
            .iter()
            .position(|old| old.version == package.version)
        {
            Some(index) => {
                versions.remove(index);
                diff.unchanged += 1;
            }
            None => others.push(package),
        }
    }
    for package in others {
        match old.get_mut(&key(package)).and_then(Vec::pop) {
            None => diff.added.push(package.clone()),
            Some(old) => diff.changed.push(VersionChange {
                name: package.name.clone(),
                architecture: package.architecture.clone(),
                old: old.version.clone(),
                new: package.version.clone(),
                direction: match order(&old.version, &package.version) {
                    Ordering::Less => Direction::Upgrade,
                    Ordering::Equal => Direction::Same,
                    Ordering::Greater => Direction::Downgrade,
                },
            }),
        }
    }
    diff.removed = old.into_values().flatten().cloned().collect();
    diff.removed.sort();
    diff.added.sort();
    diff.changed.sort_by(|a, b| {
        (&a.name, &a.architecture, &a.new).cmp(&(&b.name, &b.architecture, &b.new))
    });
    diff
}

fn key(package: &InstalledPackage) -> (&str, &str) {
    (&package.name, &package.architecture)
}

/// A vulnerability of one package.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Vulnerability {
    /// `CVE-2026-1234`.
    pub id: String,
    pub package: String,
    /// As the scanner words it: `CRITICAL`.
    pub severity: String,
    /// The version that fixes it, where there is one.
    pub fixed_version: Option<String>,
    /// The version that is there; empty in what was kept before it was told.
    #[serde(default)]
    pub installed_version: String,
    /// Package URL; empty in what was kept before it was told.
    #[serde(default)]
    pub purl: String,
}

/// Each list sorted by id and package.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VulnerabilityDiff {
    pub fixed: Vec<Vulnerability>,
    /// As the later scan has them.
    pub remaining: Vec<Vulnerability>,
    pub new: Vec<Vulnerability>,
}

/// Compares the findings of two scans by id and package. The same finding twice counts once.
pub fn compare_vulnerabilities(
    before: &[Vulnerability],
    after: &[Vulnerability],
) -> VulnerabilityDiff {
    let index = |findings: &[Vulnerability]| -> std::collections::BTreeMap<(String, String), Vulnerability> {
        let key = |it: &Vulnerability| (it.id.clone(), it.package.clone());
        findings.iter().map(|it| (key(it), it.clone())).collect()
    };
    let (mut old, mut diff) = (index(before), VulnerabilityDiff::default());
    for (key, found) in index(after) {
        match old.remove(&key) {
            Some(_) => diff.remaining.push(found),
            None => diff.new.push(found),
        }
    }
    diff.fixed = old.into_values().collect();
    diff
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(text: &str) -> InstalledPackage {
        let mut words = text.split(' ').map(str::to_owned);
        let mut next = || words.next().unwrap_or_default();
        InstalledPackage {
            name: next(),
            version: next(),
            architecture: "amd64".to_owned(),
        }
    }

    fn packages(list: &[&str]) -> Vec<InstalledPackage> {
        list.iter().map(|text| package(text)).collect()
    }

    #[test]
    fn packages_change_come_and_go() {
        let before = packages(&[
            "libc 9", "zlib 2", "gone 1", "kernel 1", "kernel 2", "same 1.0",
        ]);
        let after = packages(&[
            "libc 10",
            "zlib 1",
            "kernel 2",
            "kernel 3",
            "fresh 1",
            "same 1.00",
        ]);
        let number = |version: &str| version.parse::<f64>().unwrap();
        let order = |a: &str, b: &str| number(a).total_cmp(&number(b));
        let diff = compare_packages(&before, &after, &order);
        let changed: Vec<_> = diff
            .changed
            .iter()
            .map(|it| {
                (
                    it.name.as_str(),
                    it.old.as_str(),
                    it.new.as_str(),
                    it.direction,
                )
            })
            .collect();
        let expected = [
            ("kernel", "1", "3", Direction::Upgrade),
            ("libc", "9", "10", Direction::Upgrade),
            ("same", "1.0", "1.00", Direction::Same),
            ("zlib", "2", "1", Direction::Downgrade),
        ];
        assert_eq!(changed, expected);
        assert_eq!(diff.added, packages(&["fresh 1"]));
        assert_eq!(diff.removed, packages(&["gone 1"]));
        assert_eq!(diff.unchanged, 1);
    }

    #[test]
    fn a_package_of_another_architecture_is_another_package() {
        let before = packages(&["libc 9"]);
        let mut after = before.clone();
        after[0].architecture = "i386".to_owned();
        let diff = compare_packages(&before, &after, &|a, b| a.cmp(b));
        assert_eq!(
            (diff.added, diff.removed, diff.unchanged),
            (after, before, 0)
        );
    }

    #[test]
    fn vulnerabilities_are_fixed_remain_or_are_new() {
        let finding = |id: &str, package: &str, severity: &str| Vulnerability {
            id: id.to_owned(),
            package: package.to_owned(),
            severity: severity.to_owned(),
            fixed_version: None,
            installed_version: String::new(),
            purl: String::new(),
        };
        let before = [
            finding("CVE-2", "a", "LOW"),
            finding("CVE-1", "a", "LOW"),
            finding("CVE-1", "b", "LOW"),
        ];
        let after = [
            finding("CVE-3", "a", "HIGH"),
            finding("CVE-1", "b", "HIGH"),
            finding("CVE-1", "b", "HIGH"),
        ];
        let diff = compare_vulnerabilities(&before, &after);
        assert_eq!(diff.fixed, [before[1].clone(), before[0].clone()]);
        assert_eq!(diff.remaining, after[1..2]);
        assert_eq!(diff.new, after[..1]);
    }
}
