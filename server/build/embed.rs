//! The table of embedded files: each as it is and, in release, compressed as far as brotli and gzip go.
use crate::Result;
use sha2::{Digest, Sha256};
use std::{
    fmt::Write as _,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

/// Below this a compressed answer saves nothing: it still takes one packet.
const SMALLEST_WORTH_COMPRESSING: usize = 200;

/// Writes `assets.rs`: `ASSETS`, sorted by path, and `PACKAGE_HASH` over everything under `pkg/`, which
/// is part of those files' URLs.
pub fn generate(site: &Path, out: &Path, release: bool) -> Result<()> {
    let mut files = Vec::new();
    list(site, site, &mut files)?;
    files.sort();

    let mut package = Sha256::new();
    let mut code = String::from("pub static ASSETS: &[Asset] = &[\n");
    for (name, path) in &files {
        let content = fs::read(path)?;
        if name.starts_with("pkg/") {
            package.update(name);
            package.update((content.len() as u64).to_le_bytes());
            package.update(&content);
        }
        let worthwhile = release && content.len() > SMALLEST_WORTH_COMPRESSING;
        let brotli = worthwhile.then(|| brotli(&content)).transpose()?;
        let gzip = worthwhile.then(|| gzip(&content)).transpose()?;
        writeln!(
            code,
            "    Asset {{ path: {name:?}, etag: \"\\\"{}\\\"\", raw: include_bytes!({path:?}), \
             brotli: {}, gzip: {} }},",
            hex(&Sha256::digest(&content)),
            variant(path, "br", brotli, content.len())?,
            variant(path, "gz", gzip, content.len())?,
        )?;
    }
    writeln!(
        code,
        "];\npub const PACKAGE_HASH: &str = \"{}\";",
        hex(&package.finalize())
    )?;
    Ok(fs::write(out.join("assets.rs"), code)?)
}

/// Keeps a compressed form only where it is smaller.
fn variant(path: &Path, suffix: &str, content: Option<Vec<u8>>, limit: usize) -> Result<String> {
    let Some(content) = content.filter(|content| content.len() < limit) else {
        return Ok("None".to_owned());
    };
    let file = PathBuf::from(format!("{}.{suffix}", path.display()));
    fs::write(&file, content)?;
    Ok(format!("Some(include_bytes!({file:?}))"))
}

fn brotli(content: &[u8]) -> Result<Vec<u8>> {
    let settings = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        ..Default::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &content[..], &mut compressed, &settings)?;
    Ok(compressed)
}

fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content)?;
    Ok(encoder.finish()?)
}

/// The first 64 bits: enough to tell one build's files from another's.
fn hex(digest: &[u8]) -> String {
    digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn list(directory: &Path, base: &Path, files: &mut Vec<(String, PathBuf)>) -> Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, base, files)?;
        } else {
            files.push((
                path.strip_prefix(base)?
                    .to_string_lossy()
                    .replace('\\', "/"),
                path,
            ));
        }
    }
    Ok(())
}
