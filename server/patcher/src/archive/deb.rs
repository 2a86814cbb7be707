//! A `.deb` file: an `ar` of a control tar and a data tar. <https://manpages.debian.org/deb>
use crate::PatchError;
use crate::deb822::Stanza;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

/// An opened package: its control part in memory, its data read on demand.
#[derive(Debug)]
pub struct Deb {
    path: PathBuf,
    control_files: BTreeMap<String, Vec<u8>>,
    control: Stanza,
}

/// Where a package's changelog is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changelog {
    Text(String),
    /// The documentation folder is a link to that of another package of the same source.
    SameAs(String),
    Missing,
}

impl Deb {
    /// Reads the control part, and checks that the data part is one we can read.
    pub fn open(path: &Path) -> Result<Self, PatchError> {
        Err(PatchError::Unsupported {
            what: path.display().to_string(),
            why: "not written yet".into(),
        })
    }

    /// The `control` file.
    pub fn control(&self) -> &Stanza {
        &self.control
    }

    /// `postinst`, `conffiles`, `md5sums`, … by name, without `control`'s own folder.
    pub fn control_files(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.control_files
    }

    /// A fresh reader of the data tar, from its start; bounded, so that a small file cannot
    /// unpack into an endless one.
    pub fn data(&self) -> Result<tar::Archive<Box<dyn Read>>, PatchError> {
        Err(PatchError::Unsupported {
            what: self.path.display().to_string(),
            why: "not written yet".into(),
        })
    }

    /// The Debian changelog that the package carries.
    pub fn changelog(&self) -> Result<Changelog, PatchError> {
        Ok(Changelog::Missing)
    }
}
