//! app → WebAssembly → wasm-bindgen, with wasm-bindgen and the splitter used as libraries.
use crate::{OUTPUT_NAME, Result, arrange, packs, script};
use std::{
    collections::HashMap,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};
use wasm_bindgen_cli_support::Bindgen;
use wasmparser::{Parser, Payload};

const TARGET: &str = "wasm32-unknown-unknown";
/// The name that the #[lazy] macro imports, written out in its source.
const LINK: &str = "__wasm_split.______________________.js";

/// Writes the browser's code to `package`, split by lazy route; in release without names.
pub fn build(root: &Path, out: &Path, package: &Path, release: bool) -> Result<()> {
    require_target()?;
    let wasm = compile(root, out, release)?;
    let (split, routes) = split(&wasm, package)?;
    Bindgen::new()
        .input_path(split)
        .keep_lld_exports(true)
        .demangle(false)
        .out_name(OUTPUT_NAME)
        .web(true)
        .map_err(|error| format!("wasm-bindgen: {error:?}"))?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(release)
        .remove_producers_section(release)
        .generate(package)
        .map_err(|error| format!("wasm-bindgen: {error:?}"))?;
    if !release {
        return packs::pack(package, LINK, &routes);
    }
    let main = package.join(format!("{OUTPUT_NAME}_bg.wasm"));
    let names = arrange::short_names(&fs::read(main)?)?;
    for module in files(package, "wasm")? {
        fs::write(&module, arrange::arrange(&fs::read(&module)?, &names)?)?;
    }
    packs::pack(package, LINK, &routes)?;
    for script in files(package, "js")? {
        let short = script::shorten(&fs::read_to_string(&script)?, &names);
        fs::write(script, short)?;
    }
    Ok(())
}

fn files(package: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(package)?.map(|entry| Ok(entry?.path()));
    let paths = entries.collect::<Result<Vec<_>>>()?;
    let named = |path: &PathBuf| path.extension().is_some_and(|found| found == extension);
    Ok(paths.into_iter().filter(named).collect())
}

/// A missing target otherwise ends in "can't find crate for `core`", which helps nobody.
fn require_target() -> Result<()> {
    let output = Command::new(env::var("RUSTC")?)
        .args(["--print", "target-libdir", "--target", TARGET])
        .output()?;
    let directory = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if output.status.success() && Path::new(&directory).is_dir() {
        return Ok(());
    }
    Err(format!(
        "Drydock's console also runs in the browser, and this toolchain cannot compile for {TARGET}.\n\
         Run `rustup toolchain install` in the checkout: it installs what rust-toolchain.toml names. \
         Then build again."
    )
    .into())
}

fn compile(root: &Path, out: &Path, release: bool) -> Result<PathBuf> {
    // A target directory of its own: the outer cargo holds the lock of the usual one.
    let target = target_directory(out).join("wasm");
    let (profile, folder) = if release {
        ("wasm-release", "wasm-release")
    } else {
        ("dev", "debug")
    };
    let mut cargo = Command::new(env::var("CARGO")?);
    cargo
        .current_dir(root)
        .args(["build", "--locked", "--package=drydock-app", "--lib"])
        .args(["--target", TARGET, "--profile", profile])
        .arg("--target-dir")
        .arg(&target);
    forget_host_settings(&mut cargo);
    cargo.env(
        "CARGO_ENCODED_RUSTFLAGS",
        flags(root, release)?.join("\x1f"),
    );
    if !cargo.status()?.success() {
        return Err(
            "compiling the console for the browser failed; the compiler's words are above \
                    (`cargo build -vv` shows all of them)"
                .into(),
        );
    }
    Ok(target.join(TARGET).join(folder).join("drydock_app.wasm"))
}

/// Cargo marks its target directory with this file, wherever CARGO_TARGET_DIR puts it.
fn target_directory(out: &Path) -> PathBuf {
    out.ancestors()
        .find(|directory| directory.join("CACHEDIR.TAG").is_file())
        .unwrap_or(out)
        .to_path_buf()
}

/// Flags and wrappers of the host's build (clippy-driver is one) must not reach the browser's.
fn forget_host_settings(cargo: &mut Command) {
    const NAMES: [&str; 17] = [
        "CARGO_BUILD_TARGET",
        "CARGO_ENCODED_RUSTFLAGS",
        "CARGO_TARGET_DIR",
        "DEBUG",
        "HOST",
        "LLVM_PROFILE_FILE",
        "NUM_JOBS",
        "OPT_LEVEL",
        "OUT_DIR",
        "PROFILE",
        "RUSTC",
        "RUSTC_LINKER",
        "RUSTC_WORKSPACE_WRAPPER",
        "RUSTC_WRAPPER",
        "RUSTDOC",
        "RUSTFLAGS",
        "TARGET",
    ];
    const PREFIXES: [&str; 5] = [
        "CARGO_CFG_",
        "CARGO_FEATURE_",
        "CARGO_MANIFEST",
        "CARGO_PKG_",
        "DEP_",
    ];
    for (name, _) in env::vars_os() {
        let Some(name) = name.to_str() else { continue };
        if NAMES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
            cargo.env_remove(name);
        }
    }
}

/// Relocations for the splitter, and leptos's erased views exactly where the server has them too. In
/// release also the same bytes from any checkout: no path of this machine gets into the bundle.
fn flags(root: &Path, release: bool) -> Result<Vec<String>> {
    let mut flags = vec!["-Clink-args=--emit-relocs".to_owned()];
    if env::var_os("CARGO_CFG_ERASE_COMPONENTS").is_some() {
        flags.push("--cfg=erase_components".to_owned());
    }
    if release {
        let home = match env::var("CARGO_HOME") {
            Ok(home) => home,
            Err(_) => format!("{}/.cargo", env::var("HOME")?),
        };
        flags.push(format!("--remap-path-prefix={}=/src", root.display()));
        flags.push(format!("--remap-path-prefix={home}/registry/src=/deps"));
    }
    Ok(flags)
}

/// One chunk per lazy route, with the modules that each route needs; loaded when the route is first
/// opened. Not only for size: the code behind `#[lazy]` is an import that nobody but the splitter
/// resolves.
fn split(wasm: &Path, package: &Path) -> Result<(PathBuf, HashMap<String, Vec<String>>)> {
    let main = wasm.with_file_name("drydock_app_split.wasm");
    let module = format!("./{OUTPUT_NAME}.js");
    let input = fs::read(wasm)?;
    let mut options = wasm_split_cli_support::Options::new(&input);
    options.output_dir = package;
    options.main_out_path = &main;
    options.main_module = &module;
    let link = format!("./{LINK}");
    options.link_name = &link;
    let parts = wasm_split_cli_support::transform(options)
        .map_err(|error| format!("splitting the bundle by lazy route: {error:?}"))?;
    require_split_data(&parts.split_modules)?;
    Ok((main, parts.prefetch_map))
}

/// The splitter says nothing when it leaves everybody's data in the first bundle.
fn require_split_data(chunks: &[PathBuf]) -> Result<()> {
    for chunk in chunks {
        for payload in Parser::new(0).parse_all(&fs::read(chunk)?) {
            if matches!(payload?, Payload::DataSection(_)) {
                return Ok(());
            }
        }
    }
    Err("no chunk of the bundle has data of its own: give `ROOM` in app/src/lib.rs more".into())
}
