//! One package as an index offers it.

/// The fields of a `Packages` stanza that patching needs; empty where absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackageStanza {
    pub package: String,
    pub version: String,
    /// `amd64`, `all`.
    pub architecture: String,
    /// Name and version of the source package, where they differ from the package's own
    /// also filled in.
    pub source: String,
    pub source_version: String,
    pub depends: String,
    pub pre_depends: String,
    pub conflicts: String,
    pub breaks: String,
    pub replaces: String,
    pub provides: String,
    /// `same`, `foreign`, `allowed`.
    pub multi_arch: String,
    /// Below the suite's base address.
    pub filename: String,
    pub size_bytes: u64,
    /// Lower-case hexadecimal digits.
    pub sha256: String,
    /// Percentage of machines that Ubuntu offers the update to already.
    pub phased_update_percentage: Option<u8>,
    pub essential: bool,
    /// `required`, `optional`.
    pub priority: String,
}

/// The fields above by their names in the archive; an index keeps only these lines.
pub(super) const FIELDS: [&str; 17] = [
    "Package",
    "Version",
    "Architecture",
    "Source",
    "Depends",
    "Pre-Depends",
    "Conflicts",
    "Breaks",
    "Replaces",
    "Provides",
    "Multi-Arch",
    "Filename",
    "Size",
    "SHA256",
    "Phased-Update-Percentage",
    "Essential",
    "Priority",
];

impl PackageStanza {
    /// Reads a stanza of single-line fields.
    pub(super) fn parse(text: &str) -> Self {
        let mut stanza = Self::default();
        for line in text.lines() {
            let Some((key, value)) = line.split_once(':') else {
                continue;
            };
            stanza.set(key, value.trim());
        }
        if stanza.source.is_empty() {
            stanza.source.clone_from(&stanza.package);
        }
        if stanza.source_version.is_empty() {
            stanza.source_version.clone_from(&stanza.version);
        }
        stanza
    }

    fn set(&mut self, key: &str, value: &str) {
        let text = match key {
            "Package" => &mut self.package,
            "Version" => &mut self.version,
            "Architecture" => &mut self.architecture,
            "Depends" => &mut self.depends,
            "Pre-Depends" => &mut self.pre_depends,
            "Conflicts" => &mut self.conflicts,
            "Breaks" => &mut self.breaks,
            "Replaces" => &mut self.replaces,
            "Provides" => &mut self.provides,
            "Multi-Arch" => &mut self.multi_arch,
            "Filename" => &mut self.filename,
            "SHA256" => &mut self.sha256,
            "Priority" => &mut self.priority,
            "Source" => return self.set_source(value),
            "Size" => return self.size_bytes = value.parse().unwrap_or_default(),
            "Phased-Update-Percentage" => {
                return self.phased_update_percentage = value.parse().ok();
            }
            "Essential" => return self.essential = value == "yes",
            _ => return,
        };
        value.clone_into(text);
    }

    /// `glibc` or `glibc (2.36-9)`.
    fn set_source(&mut self, value: &str) {
        let (name, version) = value.split_once(" (").unwrap_or((value, ""));
        name.clone_into(&mut self.source);
        version
            .trim_end_matches(')')
            .clone_into(&mut self.source_version);
    }
}
