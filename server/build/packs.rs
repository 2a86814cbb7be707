//! One file for each lazy route. The splitter writes a module for every set of routes that share some
//! code, a hundred small ones for a page: as one file they are one request, and compress together.
use crate::Result;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt::Write as _,
    fs,
    path::Path,
};

/// Loads a pack once, and each module in it unless another pack brought it before.
const LOADER: &str = r#"
const modules = new Map();
async function loadPack(address) {
    const response = await fetch(new URL(address, import.meta.url));
    if (!response.ok) throw new Error(`${response.url} answered ${response.status}`);
    const pack = await response.arrayBuffer();
    const view = new DataView(pack);
    const imports = getSharedImports();
    let loading = [];
    for (let at = 0; at < pack.byteLength; ) {
        const id = view.getUint32(at, true);
        const length = view.getUint32(at + 4, true);
        const isLast = at + 8 + length === pack.byteLength;
        // The route's own module stands on those that it shares.
        if (isLast) await Promise.all(loading);
        if (!modules.has(id)) {
            modules.set(id, WebAssembly.instantiate(new Uint8Array(pack, at + 8, length), imports));
        }
        loading.push(modules.get(id));
        at += 8 + length;
    }
    await Promise.all(loading);
}
function lazily(address) {
    let loaded = undefined;
    return wrapAsyncCb(() => {
        // A load that failed is tried again by the next call.
        loaded ??= loadPack(address).catch((error) => {
            loaded = undefined;
            throw error;
        });
        return loaded;
    });
}
"#;

/// Replaces the splitter's modules by packs, and its loader `link` by one that reads them.
pub fn pack(package: &Path, link: &str, routes: &HashMap<String, Vec<String>>) -> Result<()> {
    let routes: BTreeMap<_, _> = routes.iter().collect();
    let link = package.join(link);
    let written = fs::read_to_string(&link)?;
    let mut script = before_loaders(&written)?.to_owned();
    script.push_str(LOADER);
    let modules: BTreeSet<&String> = routes.values().copied().flatten().collect();
    let ids: HashMap<&String, u32> = modules.iter().copied().zip(0..).collect();
    for (route, modules) in &routes {
        let mut pack = Vec::new();
        for module in *modules {
            let code = fs::read(package.join(format!("{module}.wasm")))?;
            pack.extend_from_slice(&ids[module].to_le_bytes());
            pack.extend_from_slice(&u32::try_from(code.len())?.to_le_bytes());
            pack.extend_from_slice(&code);
        }
        let name = format!("{}.pack", short(route));
        fs::write(package.join(&name), pack)?;
        writeln!(
            script,
            "export const __wasm_split_load_{route} = lazily(\"./{name}\");"
        )?;
    }
    for module in modules {
        fs::remove_file(package.join(format!("{module}.wasm")))?;
    }
    Ok(fs::write(link, script)?)
}

/// What the loader shares with the splitter's: the imports of every module, and the answer to Rust.
fn before_loaders(script: &str) -> Result<&str> {
    let end = script.find("function makeLoad(");
    let end = end.ok_or("the splitter's script has no `makeLoad`: it is of another version")?;
    Ok(&script[..end])
}

/// `overview` of `__overview_route_view_13417269075397403771`: the number is the source's hash.
fn short(route: &str) -> &str {
    let name = route.trim_start_matches('_');
    let name = name.trim_end_matches(|last: char| last.is_ascii_digit());
    let name = name.trim_end_matches('_');
    name.strip_suffix("_route_view").unwrap_or(name)
}
