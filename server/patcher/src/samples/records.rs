//! What dpkg records of installed packages. <https://manpages.debian.org/dpkg>
use super::layer::LayerBuilder;
use super::unpack::Unpacked;
use std::collections::BTreeMap;
use std::io;

/// Writes the records of `packages`; all of them into `status`, and the files in `info` of
/// those from `first_new` on, the others being in an earlier layer.
pub(super) fn write(
    layer: &mut LayerBuilder,
    packages: &[Unpacked],
    first_new: usize,
) -> io::Result<()> {
    const DIRECTORY: &str = "var/lib/dpkg";
    for folder in [
        "",
        "/alternatives",
        "/info",
        "/parts",
        "/triggers",
        "/updates",
    ] {
        layer.directory(&format!("{DIRECTORY}{folder}"), layer.plain(0o755))?;
    }
    let mut sorted: Vec<_> = packages.iter().collect();
    sorted.sort_by(|a, b| a.package.cmp(&b.package));
    let status: Vec<String> = sorted
        .iter()
        .map(|package| status_stanza(package))
        .collect();
    layer.replace(&format!("{DIRECTORY}/status"), &status.join("\n"))?;
    for name in ["available", "statoverride"] {
        layer.text(&format!("{DIRECTORY}/{name}"), "")?;
    }
    layer.text(&format!("{DIRECTORY}/info/format"), "1\n")?;
    for package in &packages[first_new..] {
        let name = info_name(package);
        let list = package.list.join("\n") + "\n";
        layer.text(&format!("{DIRECTORY}/info/{name}.list"), &list)?;
        for (kind, content) in &package.control_files {
            let is_script = matches!(
                kind.as_str(),
                "preinst" | "postinst" | "prerm" | "postrm" | "config"
            );
            let attributes = layer.plain(if is_script { 0o755 } else { 0o644 });
            let path = format!("{DIRECTORY}/info/{name}.{kind}");
            layer.file(&path, content.as_slice(), content.len() as u64, attributes)?;
        }
    }
    for (name, lines) in triggers(packages) {
        layer.replace(
            &format!("{DIRECTORY}/triggers/{name}"),
            &(lines.join("\n") + "\n"),
        )?;
    }
    layer.text(&format!("{DIRECTORY}/triggers/Unincorp"), "")?;
    Ok(())
}

/// Records each package in a file of its own, as images without dpkg have it.
pub(super) fn write_status_d(layer: &mut LayerBuilder, packages: &[Unpacked]) -> io::Result<()> {
    for package in packages {
        let path = format!("var/lib/dpkg/status.d/{}", package.package);
        layer.text(&path, &package.control)?;
        if let Some(sums) = package.control_files.get("md5sums") {
            layer.text(&format!("{path}.md5sums"), &String::from_utf8_lossy(sums))?;
        }
    }
    Ok(())
}

fn status_stanza(package: &Unpacked) -> String {
    let mut text = String::new();
    for line in package.control.lines() {
        text += line;
        text.push('\n');
        if line.starts_with("Package:") {
            text += "Status: install ok installed\n";
        }
    }
    if !package.conffiles.is_empty() {
        text += "Conffiles:\n";
        for (path, sum) in &package.conffiles {
            text += &format!(" {path} {sum}\n");
        }
    }
    text
}

/// Packages that may be installed for two architectures at once carry theirs in the name.
fn info_name(package: &Unpacked) -> String {
    match package.multi_arch_same {
        true => format!("{}:{}", package.package, package.architecture),
        false => package.package.clone(),
    }
}

/// Which packages are interested in which trigger: `File` for paths, else a file of its name.
fn triggers(packages: &[Unpacked]) -> BTreeMap<String, Vec<String>> {
    let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in packages {
        let text = package
            .control_files
            .get("triggers")
            .map(|text| String::from_utf8_lossy(text));
        for line in text.unwrap_or_default().lines() {
            let mut words = line.split_whitespace();
            let (Some(verb), Some(name)) = (words.next(), words.next()) else {
                continue;
            };
            if !verb.starts_with("interest") {
                continue;
            }
            let noawait = if verb == "interest-noawait" {
                "/noawait"
            } else {
                ""
            };
            let interested = format!("{}{noawait}", info_name(package));
            match name.starts_with('/') {
                true => files
                    .entry("File".into())
                    .or_default()
                    .push(format!("{name} {interested}")),
                false => files.entry(name.to_owned()).or_default().push(interested),
            }
        }
    }
    files
}
