//! A complete small signed archive, made here where no other can be reached: the same
//! formats, the same checks, packages of a few hundred bytes. Tests stand on it too.
mod archive;
mod content;
mod key;
pub mod package;

pub use archive::{ToySuite, write_suites};
pub use content::{CODENAME, LEGACY_CODENAME, suites};
pub use key::{PUBLIC_KEY_FILE, ToyKey};

use crate::PatchError;
use crate::archive::AptSource;
use chrono::{DateTime, Utc};
use std::path::Path;

/// The address in the toy images' apt settings. It is reserved never to exist: what is asked
/// of it is read from the toy archive's folder.
pub const ADDRESS: &str = "http://toy.drydock.invalid/debian";
/// In its os-release, its keyring's name and its Release files.
pub const NAME: &str = "drydock-toy";

/// Writes the whole archive into `dir`, dated `now`, signed by the key that is kept there
/// (and made at the first time). Writing again replaces every index, each at once.
pub fn write_archive(dir: &Path, now: DateTime<Utc>) -> Result<(), PatchError> {
    let key = ToyKey::load_or_make(dir)?;
    write_suites(dir, &key, &suites(now))
}

/// The apt entries of a toy image: the release and its security fixes.
pub fn apt_sources(codename: &str) -> Vec<AptSource> {
    [codename.to_owned(), format!("{codename}-security")]
        .into_iter()
        .map(|suite| AptSource {
            uri: ADDRESS.to_owned(),
            suite,
            components: vec!["main".to_owned()],
            architectures: Vec::new(),
            signed_by: Some(format!("/usr/share/keyrings/{NAME}.asc")),
        })
        .collect()
}
