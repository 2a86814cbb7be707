//! The file of authorities for variables that replace the system's own.
use anyhow::{Context, Result};
use drydock_sandbox::store::files;
use std::fs;
use std::path::{Path, PathBuf};

/// Writes `bundle.pem` beside the sandbox's certificate: the system's authorities, then that one.
pub fn write(ca_file: &Path) -> Result<PathBuf> {
    let read = |path: &Path| {
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
    };
    let ours = read(ca_file)?;
    let bundle = ca_file.with_file_name("bundle.pem");
    let system = match system_file() {
        // In a shell that evaluated this before, the system's file is our own: it has both.
        Some(path) if path == bundle => return Ok(bundle),
        Some(path) => read(&path)?,
        None => {
            eprintln!(
                "drydock: this system keeps its authorities in no file that is known; the clients will trust the sandbox alone"
            );
            String::new()
        }
    };
    let content = join(&system, &ours);
    files::write_private(&bundle, content.as_bytes())
        .with_context(|| format!("cannot write {}", bundle.display()))?;
    Ok(bundle)
}

/// `SSL_CERT_FILE` where it is set, else the system's usual place.
fn system_file() -> Option<PathBuf> {
    openssl_probe::probe().cert_file
}

/// Without ours twice, should the system trust it already.
fn join(system: &str, ours: &str) -> String {
    match system.contains(ours.trim()) {
        true => system.to_owned(),
        false => format!("{}\n{ours}", system.trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundle_has_the_systems_authorities_and_ours_once() {
        let both = join("SYSTEM\n", "OURS\n");
        assert_eq!(both, "SYSTEM\nOURS\n");
        assert_eq!(join(&both, "OURS\n"), both);
    }
}
