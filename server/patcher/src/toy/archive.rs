//! Writes packages and their signed indexes as an archive has them.
use super::package::{PackageSpec, build, xz};
use super::{NAME, ToyKey};
use crate::PatchError;
use chrono::{DateTime, Utc};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// One suite and what it offers, with one component, `main`.
#[derive(Clone, Debug)]
pub struct ToySuite {
    /// `harbour`, `harbour-security`.
    pub name: String,
    pub date: DateTime<Utc>,
    pub valid_until: Option<DateTime<Utc>>,
    pub packages: Vec<PackageSpec>,
}

const ARCHITECTURE: &str = "amd64";

/// Writes `pool/` and `dists/` of these suites below `dir`. Each file appears whole, the
/// signed Release of a suite last.
pub fn write_suites(dir: &Path, key: &ToyKey, suites: &[ToySuite]) -> Result<(), PatchError> {
    for suite in suites {
        let mut index = String::new();
        for package in &suite.packages {
            index += &add_package(dir, package)?;
            index.push('\n');
        }
        write_suite(dir, key, suite, &index)?;
    }
    Ok(())
}

/// Puts the package into the pool, and returns its stanza.
fn add_package(dir: &Path, package: &PackageSpec) -> Result<String, PatchError> {
    let deb = build(package)?;
    let file_name = format!("pool/main/{}", package.file_name());
    write(&dir.join(&file_name), &deb)?;
    let sha256 = hex::encode(Sha256::digest(&deb));
    let size = deb.len();
    Ok(format!(
        "{}Filename: {file_name}\nSize: {size}\nSHA256: {sha256}\n",
        package.control()
    ))
}

fn write_suite(dir: &Path, key: &ToyKey, suite: &ToySuite, index: &str) -> Result<(), PatchError> {
    let dists = dir.join("dists").join(&suite.name);
    let folder = format!("main/binary-{ARCHITECTURE}");
    let packed = |pack: io::Result<Vec<u8>>| pack.map_err(PatchError::io("packing the toy index"));
    let files = [
        ("Packages", index.as_bytes().to_vec()),
        ("Packages.gz", packed(gzip(index.as_bytes()))?),
        ("Packages.xz", packed(xz(index.as_bytes()))?),
    ];
    let mut sums = String::new();
    for (name, content) in &files {
        let sha256 = hex::encode(Sha256::digest(content));
        sums += &format!(" {sha256} {} {folder}/{name}\n", content.len());
        write(
            &dists.join(format!("{folder}/by-hash/SHA256/{sha256}")),
            content,
        )?;
        write(&dists.join(format!("{folder}/{name}")), content)?;
    }
    let in_release = key.sign(&release(suite, &sums), suite.date)?;
    write(&dists.join("InRelease"), in_release.as_bytes())
}

fn release(suite: &ToySuite, sums: &str) -> String {
    const DATE: &str = "%a, %d %b %Y %H:%M:%S UTC";
    let name = &suite.name;
    let label = if name.ends_with("-security") {
        "Toy-Security"
    } else {
        "Toy"
    };
    let mut text = format!(
        "Origin: {NAME}\nLabel: {label}\nSuite: {name}\nCodename: {name}\nDate: {}\n",
        suite.date.format(DATE)
    );
    if let Some(until) = suite.valid_until {
        text += &format!("Valid-Until: {}\n", until.format(DATE));
    }
    text += &format!(
        "Acquire-By-Hash: yes\nArchitectures: {ARCHITECTURE}\nComponents: main\nSHA256:\n{sums}"
    );
    text
}

fn gzip(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    encoder.finish()
}

fn write(path: &Path, content: &[u8]) -> Result<(), PatchError> {
    let write = || -> io::Result<()> {
        let parent = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(parent)?;
        let mut file = tempfile::NamedTempFile::new_in(parent)?;
        file.write_all(content)?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(PatchError::io(format!("writing {}", path.display())))
}
