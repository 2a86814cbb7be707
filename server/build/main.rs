//! Builds the console for the browser and embeds it, with the style sheet and the public files, in
//! the binary: `cargo build` is the whole build. Needs the wasm32 target and no tool besides cargo.
//!
//! `DRYDOCK_SKIP_BUNDLE=1` leaves the browser's code out: for clippy, for editors, and for tests that
//! do not open a browser.
mod arrange;
mod bundle;
mod embed;
mod packs;
mod script;
mod style;

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// What the page asks for: `drydock.js`, `drydock_bg.wasm`, `drydock.css`.
const OUTPUT_NAME: &str = "drydock";

fn main() {
    if let Err(error) = build() {
        for line in error.to_string().lines() {
            println!("cargo::error={line}");
        }
        std::process::exit(1);
    }
}

fn build() -> Result<()> {
    let root = workspace_root()?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let release = env::var("PROFILE")? == "release";
    watch(&root);

    let site = out.join("site");
    if site.exists() {
        fs::remove_dir_all(&site)?;
    }
    let package = site.join("pkg");
    fs::create_dir_all(&package)?;
    let sheet = style::inline(&root.join("style"), "main.css")?;
    fs::write(package.join(format!("{OUTPUT_NAME}.css")), sheet)?;
    if env::var_os("DRYDOCK_SKIP_BUNDLE").is_none_or(|value| value.is_empty() || value == "0") {
        bundle::build(&root, &out, &package, release)?;
    }
    copy_directory(&root.join("public"), &site)?;
    embed::generate(&site, &out, release)
}

fn workspace_root() -> Result<PathBuf> {
    let manifest = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let root = manifest
        .parent()
        .ok_or("the server's crate has no parent directory")?;
    Ok(root.to_path_buf())
}

/// Cargo runs this again when one of these changes; a directory stands for everything in it.
fn watch(root: &Path) {
    let inputs = [
        "app/src",
        "app/Cargo.toml",
        "app/domain/src",
        "app/domain/Cargo.toml",
        "style",
        "public",
        "server/build",
        "Cargo.toml",
        "Cargo.lock",
        "rust-toolchain.toml",
    ];
    for input in inputs {
        println!("cargo::rerun-if-changed={}", root.join(input).display());
    }
    println!("cargo::rerun-if-env-changed=DRYDOCK_SKIP_BUNDLE");
}

fn copy_directory(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).map_err(|error| format!("{}: {error}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_directory(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
