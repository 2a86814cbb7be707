//! The packages of one suite, compactly.
use super::PackageStanza;
use super::stanza::FIELDS;
use std::io::{self, BufRead};

/// Tens of thousands of packages in a few megabytes: the needed lines of each stanza as
/// text, and a table of where each stanza is, sorted by package name.
#[derive(Clone, Debug, Default)]
pub struct PackageIndex {
    text: String,
    /// Start of each stanza in `text`; a stanza ends at a blank line.
    starts: Vec<u32>,
}

impl PackageIndex {
    /// The offers of one package, of every architecture that the index holds.
    pub fn find(&self, package: &str) -> impl Iterator<Item = PackageStanza> {
        let first = self
            .starts
            .partition_point(|start| self.name_at(*start) < package);
        self.starts[first..]
            .iter()
            .take_while(move |start| self.name_at(**start) == package)
            .map(|start| PackageStanza::parse(self.stanza_at(*start)))
    }

    /// Every package, by name.
    pub fn iter(&self) -> impl Iterator<Item = PackageStanza> {
        self.starts
            .iter()
            .map(|start| PackageStanza::parse(self.stanza_at(*start)))
    }

    pub fn len(&self) -> usize {
        self.starts.len()
    }

    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// Keeps the needed lines of a `Packages` file.
    pub(super) fn condense(mut packages: impl BufRead) -> io::Result<String> {
        let mut text = String::new();
        let mut line = Vec::new();
        let mut keeps = false;
        while {
            line.clear();
            packages.read_until(b'\n', &mut line)?
        } > 0
        {
            match line[0] {
                b'\n' | b'\r' => {
                    if !text.is_empty() && !text.ends_with("\n\n") {
                        text.push('\n');
                    }
                    keeps = false;
                }
                // A needed field that is folded becomes one line.
                b' ' | b'\t' if keeps => {
                    text.truncate(text.trim_end().len());
                    push_lossy(&mut text, &line);
                }
                b' ' | b'\t' => {}
                _ => {
                    keeps = is_needed(&line);
                    if keeps {
                        push_lossy(&mut text, &line);
                    }
                }
            }
        }
        Ok(text)
    }

    /// Takes text as `condense` makes it.
    pub(super) fn from_condensed(text: String) -> io::Result<Self> {
        let damaged = |why: &str| io::Error::new(io::ErrorKind::InvalidData, why.to_owned());
        if u32::try_from(text.len()).is_err() {
            return Err(damaged("the index is larger than 4 GiB"));
        }
        let mut starts = Vec::new();
        let mut at = 0;
        for stanza in text.split("\n\n") {
            if !stanza.trim().is_empty() {
                starts.push(u32::try_from(at).expect("offsets are below the length, which fits"));
            }
            at += stanza.len() + 2;
        }
        let mut index = Self {
            text,
            starts: Vec::new(),
        };
        if let Some(start) = starts
            .iter()
            .find(|start| index.name_at(**start).is_empty())
        {
            return Err(damaged(&format!(
                "the stanza at byte {start} names no package"
            )));
        }
        starts.sort_by(|a, b| index.name_at(*a).cmp(index.name_at(*b)));
        index.starts = starts;
        Ok(index)
    }

    fn stanza_at(&self, start: u32) -> &str {
        let rest = &self.text[start as usize..];
        &rest[..rest.find("\n\n").unwrap_or(rest.len())]
    }

    /// `condense` keeps the order of fields, and archives write `Package` first.
    fn name_at(&self, start: u32) -> &str {
        let rest = &self.text[start as usize..];
        let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
        line.strip_prefix("Package:").unwrap_or_default().trim()
    }
}

fn is_needed(line: &[u8]) -> bool {
    let Some(colon) = line.iter().position(|byte| *byte == b':') else {
        return false;
    };
    FIELDS
        .iter()
        .any(|field| field.as_bytes() == &line[..colon])
}

fn push_lossy(text: &mut String, line: &[u8]) {
    text.push_str(&String::from_utf8_lossy(line));
    if !text.ends_with('\n') {
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKAGES: &str = "Package: zlib1g\nSource: zlib\nVersion: 1:1.2\nDescription: a\n b\n c\n\
        Depends: libc6,\n other\nSize: 12\n\nPackage: base\nVersion: 2\nArchitecture: all\n\
        Source: src (1)\nEssential: yes\n\n\nPackage: base\nVersion: 3\n";

    fn index() -> PackageIndex {
        let text = PackageIndex::condense(PACKAGES.as_bytes()).unwrap();
        PackageIndex::from_condensed(text).unwrap()
    }

    #[test]
    fn packages_are_found_by_name_in_every_version() {
        let versions: Vec<_> = index().find("base").map(|stanza| stanza.version).collect();
        assert_eq!(versions, ["2", "3"]);
        assert_eq!(index().find("bas").count(), 0);
        assert_eq!(index().find("zzz").count(), 0);
        assert_eq!(index().len(), 3);
    }

    #[test]
    fn needed_fields_are_read_and_folded_ones_joined() {
        let zlib = index().find("zlib1g").next().unwrap();
        assert_eq!(zlib.source, "zlib");
        assert_eq!(zlib.source_version, "1:1.2");
        assert_eq!(zlib.depends, "libc6, other");
        assert_eq!(zlib.size_bytes, 12);
        let base = index().find("base").next().unwrap();
        assert_eq!(
            (base.source.as_str(), base.source_version.as_str()),
            ("src", "1")
        );
        assert!(base.essential);
    }

    #[test]
    fn a_stanza_without_a_name_is_refused() {
        let text = PackageIndex::condense("Version: 1\n".as_bytes()).unwrap();
        assert!(PackageIndex::from_condensed(text).is_err());
    }
}
