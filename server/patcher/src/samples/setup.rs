//! What the packages' own scripts would have set up, done here without running them.
use super::layer::{Attributes, LayerBuilder};
use super::unpack::Unpacked;
use crate::archive::AptSource;
use std::collections::BTreeMap;
use std::io;

/// As slim images have it, and as the samples are unpacked.
pub(super) const DPKG_SETTINGS: &str = "\
path-exclude=/usr/share/doc/*
path-include=/usr/share/doc/*/copyright
path-exclude=/usr/share/info/*
path-exclude=/usr/share/locale/*
path-exclude=/usr/share/man/*
";

/// The group `shadow` in every Debian system.
const SHADOW_GROUP: u64 = 42;

/// Sets up a whole system after its first layer's packages.
pub(super) fn base(
    layer: &mut LayerBuilder,
    packages: &[Unpacked],
    sources: &[AptSource],
) -> io::Result<()> {
    let has = |name: &str| packages.iter().any(|package| package.package == name);
    let captured: BTreeMap<&str, &[u8]> = packages
        .iter()
        .flat_map(|package| &package.captured)
        .map(|(path, content)| (path.as_str(), content.as_slice()))
        .collect();
    accounts(layer, &captured, has("apt"))?;
    copies(layer, &captured)?;
    directories(layer)?;
    if has("dash") {
        shell(layer)?;
    }
    alternatives(layer)?;
    layer.text("etc/dpkg/dpkg.cfg.d/drydock-slim", DPKG_SETTINGS)?;
    apt_sources(layer, sources)
}

/// Links that the scripts of later layers' packages would have made.
pub(super) fn upper(layer: &mut LayerBuilder, packages: &[Unpacked]) -> io::Result<()> {
    if packages
        .iter()
        .any(|package| package.package == "nginx-common")
    {
        let target = "/etc/nginx/sites-available/default";
        layer.link(
            "etc/nginx/sites-enabled/default",
            target,
            layer.plain(0o777),
        )?;
    }
    Ok(())
}

/// The few accounts that programs without a shell run as.
pub(super) fn distroless(layer: &mut LayerBuilder) -> io::Result<()> {
    layer.text(
        "etc/passwd",
        "root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\n",
    )?;
    layer.text("etc/group", "root:x:0:\nnogroup:x:65534:\n")?;
    layer.directory("tmp", layer.plain(0o1777))?;
    Ok(())
}

/// `base-passwd` copies its masters; `passwd` moves the passwords to shadow files; apt makes
/// its user.
fn accounts(
    layer: &mut LayerBuilder,
    captured: &BTreeMap<&str, &[u8]>,
    has_apt: bool,
) -> io::Result<()> {
    let master = |kind: &str| {
        captured
            .get(format!("usr/share/base-passwd/{kind}.master").as_str())
            .map(|content| String::from_utf8_lossy(content).into_owned())
    };
    let (Some(mut users), Some(groups)) = (master("passwd"), master("group")) else {
        layer.text("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n")?;
        layer.text("etc/group", "root:x:0:\n")?;
        return Ok(());
    };
    if has_apt {
        users += "_apt:*:100:65534::/nonexistent:/usr/sbin/nologin\n";
    }
    let hidden = |text: &str| text.replace(":*:", ":x:");
    layer.text("etc/passwd", &hidden(&users))?;
    layer.text("etc/group", &hidden(&groups))?;
    let names = |text: &str, rest: &str| -> String {
        text.lines()
            .filter_map(|line| line.split_once(':'))
            .map(|(name, _)| format!("{name}:*:{rest}\n"))
            .collect()
    };
    let secret = Attributes {
        gid: SHADOW_GROUP,
        ..layer.plain(0o640)
    };
    let shadow = names(&users, "20454:0:99999:7:::");
    layer.file("etc/shadow", shadow.as_bytes(), shadow.len() as u64, secret)?;
    let group_shadow = names(&groups, ":");
    layer.file(
        "etc/gshadow",
        group_shadow.as_bytes(),
        group_shadow.len() as u64,
        secret,
    )?;
    Ok(())
}

fn copies(layer: &mut LayerBuilder, captured: &BTreeMap<&str, &[u8]>) -> io::Result<()> {
    for (from, to) in [
        ("usr/share/base-files/dot.profile", "root/.profile"),
        ("usr/share/base-files/dot.bashrc", "root/.bashrc"),
        ("usr/share/base-files/profile", "etc/profile"),
        ("usr/share/base-files/motd", "etc/motd"),
        ("usr/share/libc-bin/nsswitch.conf", "etc/nsswitch.conf"),
    ] {
        if let Some(content) = captured.get(from) {
            layer.file(to, *content, content.len() as u64, layer.plain(0o644))?;
        }
    }
    Ok(())
}

/// The rest of what base-files sets up.
fn directories(layer: &mut LayerBuilder) -> io::Result<()> {
    for (path, mode) in [
        ("mnt", 0o755),
        ("srv", 0o755),
        ("opt", 0o755),
        ("etc/opt", 0o755),
        ("var/opt", 0o755),
        ("media", 0o755),
        ("var/mail", 0o2775),
        ("run/lock", 0o1777),
        ("tmp", 0o1777),
        ("usr/local/bin", 0o755),
        ("usr/local/lib", 0o755),
        ("usr/local/sbin", 0o755),
        ("usr/local/share", 0o755),
    ] {
        layer.directory(path, layer.plain(mode))?;
    }
    for (path, target) in [
        ("var/run", "/run"),
        ("var/lock", "/run/lock"),
        ("var/spool/mail", "../mail"),
    ] {
        layer.link(path, target, layer.plain(0o777))?;
    }
    if layer.tree().has("etc/dpkg/origins/debian") {
        layer.link("etc/dpkg/origins/default", "debian", layer.plain(0o777))?;
    }
    Ok(())
}

/// dash is `/bin/sh`, and diverts whoever else would be.
fn shell(layer: &mut LayerBuilder) -> io::Result<()> {
    layer.link("bin/sh", "dash", layer.plain(0o777))?;
    layer.text(
        "var/lib/dpkg/diversions",
        "/bin/sh\n/bin/sh.distrib\ndash\n\
         /usr/share/man/man1/sh.1.gz\n/usr/share/man/man1/sh.distrib.1.gz\ndash\n",
    )?;
    Ok(())
}

fn alternatives(layer: &mut LayerBuilder) -> io::Result<()> {
    for (name, program, priority) in [("awk", "mawk", 5), ("which", "which.debianutils", 0)] {
        let provided = format!("usr/bin/{program}");
        if !layer.tree().has(&provided) || layer.tree().has(&format!("usr/bin/{name}")) {
            continue;
        }
        let link = layer.plain(0o777);
        layer.link(
            &format!("etc/alternatives/{name}"),
            &format!("/{provided}"),
            link,
        )?;
        layer.link(
            &format!("usr/bin/{name}"),
            &format!("/etc/alternatives/{name}"),
            link,
        )?;
        let record = format!("auto\n/usr/bin/{name}\n\n/{provided}\n{priority}\n\n");
        layer.text(&format!("var/lib/dpkg/alternatives/{name}"), &record)?;
    }
    Ok(())
}

/// Where the image is updated from.
pub(super) fn apt_sources(layer: &mut LayerBuilder, sources: &[AptSource]) -> io::Result<()> {
    let mut text = String::new();
    for source in sources {
        if !text.is_empty() {
            text.push('\n');
        }
        text += &format!(
            "Types: deb\nURIs: {}\nSuites: {}\nComponents: {}\n",
            source.uri,
            source.suite,
            source.components.join(" ")
        );
        if let Some(keyring) = source
            .signed_by
            .as_ref()
            .filter(|value| value.starts_with('/'))
        {
            text += &format!("Signed-By: {keyring}\n");
        }
    }
    layer.text("etc/apt/sources.list.d/drydock.sources", &text)?;
    Ok(())
}
