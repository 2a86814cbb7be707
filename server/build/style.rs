//! One style sheet out of many: `@import` inlined, and what a browser would skip silently refused.
use crate::Result;
use std::{collections::BTreeSet, fs, path::Path};

/// Reads `directory/entry` and everything it imports. Two forms are known, each on a line of its own:
/// `@import "file.css";` and `@import "file.css" layer(name);`.
///
/// # Errors
/// Any other `@import`, a file that is missing, imported twice or imported by nobody, and a file whose
/// braces do not pair.
pub fn inline(directory: &Path, entry: &str) -> Result<String> {
    let mut seen = BTreeSet::new();
    let sheet = read(directory, entry, &mut seen)?;
    for file in fs::read_dir(directory)? {
        let name = file?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".css") && !seen.contains(&name) {
            return Err(
                format!("style/{name} is imported by no style sheet: import or delete it").into(),
            );
        }
    }
    Ok(sheet)
}

fn read(directory: &Path, name: &str, seen: &mut BTreeSet<String>) -> Result<String> {
    if !seen.insert(name.to_owned()) {
        return Err(format!("style/{name} is imported twice").into());
    }
    let text = fs::read_to_string(directory.join(name))
        .map_err(|error| format!("style/{name}: {error}"))?;
    if text.matches('{').count() != text.matches('}').count() {
        return Err(format!("style/{name}: the braces do not pair").into());
    }
    let mut sheet = String::new();
    for (index, line) in text.lines().enumerate() {
        if !line.trim_start().starts_with("@import") {
            sheet.push_str(line);
            sheet.push('\n');
            continue;
        }
        let (file, layer) = parse_import(line.trim()).ok_or_else(|| {
            format!(
                "style/{name}:{}: cannot inline `{}`",
                index + 1,
                line.trim()
            )
        })?;
        let imported = read(directory, file, seen)?;
        match layer {
            Some(layer) => sheet.push_str(&format!("@layer {layer} {{\n{imported}}}\n")),
            None => sheet.push_str(&imported),
        }
    }
    Ok(sheet)
}

fn parse_import(line: &str) -> Option<(&str, Option<&str>)> {
    let rest = line.strip_prefix("@import \"")?.strip_suffix(';')?;
    let (file, rest) = rest.split_once('"')?;
    if !file.ends_with(".css") {
        return None;
    }
    match rest.trim() {
        "" => Some((file, None)),
        layer => Some((file, Some(layer.strip_prefix("layer(")?.strip_suffix(')')?))),
    }
}
