//! What the toy archive offers: an operating system of a few small packages, each there for
//! one thing that patching must get right.
use super::package::{Content, PackageSpec, Packing};
use super::{NAME, ToySuite};
use chrono::{DateTime, Utc};

/// The release that still gets fixes.
pub const CODENAME: &str = "harbour";
/// The release whose support has ended; its os-release says so in `SUPPORT_END`.
pub const LEGACY_CODENAME: &str = "jetty";

/// 1 June 2026: time of the files that a fix brings.
const FIXED_MTIME: u64 = 1_780_272_000;

/// All suites, dated `now`: each release as it was published, and its security fixes.
pub fn suites(now: DateTime<Utc>) -> Vec<ToySuite> {
    let suite = |name: String, packages: Vec<PackageSpec>| ToySuite {
        name,
        date: now,
        valid_until: None,
        packages,
    };
    let mut suites = Vec::new();
    for (codename, version, support_end) in [
        (CODENAME, "2", None),
        (LEGACY_CODENAME, "1", Some("2020-01-01")),
    ] {
        let base = base_files(codename, version, support_end);
        suites.push(suite(codename.to_owned(), published(base)));
        suites.push(suite(format!("{codename}-security"), fixed()));
    }
    suites
}

fn base_files(codename: &str, version: &str, support_end: Option<&str>) -> PackageSpec {
    let mut os_release = format!(
        "PRETTY_NAME=\"Drydock toy {version} ({codename})\"\nNAME=\"Drydock toy\"\n\
         ID={NAME}\nID_LIKE=debian\nVERSION_ID=\"{version}\"\nVERSION_CODENAME={codename}\n"
    );
    if let Some(day) = support_end {
        os_release += &format!("SUPPORT_END={day}\n");
    }
    PackageSpec::new("base-files", version)
        .field("Essential", "yes")
        .field("Priority", "required")
        .with("etc/os-release", Content::link("../usr/lib/os-release"))
        .with("usr/lib/os-release", Content::text(&os_release))
        .with("tmp", Content::Directory { mode: 0o1777 })
        .with("root", Content::Directory { mode: 0o700 })
        .conffile("etc/issue", "Drydock toy\n")
}

/// The release as it was published.
fn published(base: PackageSpec) -> Vec<PackageSpec> {
    vec![
        base,
        // Its library lies in /lib, which images with a merged /usr have as a link.
        libc("1.0-1", "toy libc 1.0\n"),
        ssl("3.0.1-1", "3.0.1\n"),
        ssl_tools("3.0.1-1"),
        shell("0.5-1"),
        web("1.22-1")
            .conffile("etc/toy-web/web.conf", "workers 1\n")
            .conffile("etc/toy-web/types.conf", "text html\n")
            .with(
                "usr/share/toy-web/old.txt",
                Content::text("gone in the fix\n"),
            ),
        // No newer version anywhere: it stays as it is.
        PackageSpec::new("toy-data", "2026a-1")
            .field("Priority", "optional")
            .with("usr/share/toy-data/zones", Content::text("UTC\n")),
    ]
}

/// What the security suite brings.
fn fixed() -> Vec<PackageSpec> {
    vec![
        libc("1.0-1+t1", "toy libc 1.0, fixed\n").dated(FIXED_MTIME),
        ssl("3.0.4-1+t1", "3.0.4\n").dated(FIXED_MTIME),
        ssl_tools("3.0.4-1+t1").dated(FIXED_MTIME),
        web("1.22-1+t2")
            .conffile("etc/toy-web/web.conf", "workers 1\nlimit 100\n")
            .conffile("etc/toy-web/types.conf", "text html\n")
            .with(
                "usr/share/toy-web/new.txt",
                Content::text("new in the fix\n"),
            )
            .dated(FIXED_MTIME),
    ]
}

fn libc(version: &str, text: &str) -> PackageSpec {
    PackageSpec::new("toy-libc", version)
        .field("Priority", "required")
        .field("Multi-Arch", "same")
        .packed(Packing::Xz)
        .with("lib/toy/libtoyc.so.1", Content::text(text))
        .with("lib/toy/libtoyc.so", Content::link("libtoyc.so.1"))
        .with(&changelog_path("toy-libc"), Content::gzip(LIBC_CHANGELOG))
}

fn ssl(version: &str, text: &str) -> PackageSpec {
    PackageSpec::new("toy-ssl", version)
        .field("Depends", "toy-libc (>= 1.0-1)")
        .field("Priority", "optional")
        .with(
            "usr/lib/toy/libtoyssl.so.3",
            Content::text(&format!("toy ssl {text}")),
        )
        .with(&changelog_path("toy-ssl"), Content::gzip(SSL_CHANGELOG))
}

/// Of the same source and bound to the library's exact version: both move, or neither.
fn ssl_tools(version: &str) -> PackageSpec {
    PackageSpec::new("toy-ssl-tools", version)
        .field("Source", "toy-ssl")
        .field("Depends", &format!("toy-ssl (= {version})"))
        .field("Priority", "optional")
        .with(
            "usr/bin/toy-ssl",
            Content::program(&format!("#!/bin/sh\n# {version}\necho toy ssl\n")),
        )
        .with("usr/share/doc/toy-ssl-tools", Content::link("toy-ssl"))
}

fn shell(version: &str) -> PackageSpec {
    PackageSpec::new("toy-shell", version)
        .field("Essential", "yes")
        .field("Priority", "required")
        .with("bin/toysh", Content::program("toy shell\n"))
        .with("bin/sh", Content::link("toysh"))
}

fn web(version: &str) -> PackageSpec {
    let program = format!("#!/bin/sh\n# {version}\necho toy web\n");
    PackageSpec::new("toy-web", version)
        .field("Depends", "toy-ssl (>= 3.0.1-1), toy-data")
        .field("Priority", "optional")
        .packed(Packing::Zstd)
        .with("usr/bin/toy-web", Content::program(&program))
        .with("usr/bin/toy-webd", Content::hard_link("usr/bin/toy-web"))
        .with(&changelog_path("toy-web"), Content::gzip(WEB_CHANGELOG))
}

fn changelog_path(package: &str) -> String {
    format!("usr/share/doc/{package}/changelog.Debian.gz")
}

/// Ids of the year 0000 cannot be taken for real ones.
const LIBC_CHANGELOG: &str = "\
toy-libc (1.0-1+t1) harbour-security; urgency=high

  * Fix a read past the end (CVE-0000-1001).

 -- Drydock <toy@drydock.invalid>  Mon, 01 Jun 2026 00:00:00 +0000

toy-libc (1.0-1) harbour; urgency=low

  * First version.

 -- Drydock <toy@drydock.invalid>  Thu, 01 Jan 2026 00:00:00 +0000
";

const SSL_CHANGELOG: &str = "\
toy-ssl (3.0.4-1+t1) harbour-security; urgency=high

  * Fix CVE-0000-2001, CVE-0000-2002 and CVE-0000-2003.

 -- Drydock <toy@drydock.invalid>  Mon, 01 Jun 2026 00:00:00 +0000

toy-ssl (3.0.2-1) harbour; urgency=medium

  * Fix CVE-0000-2000.

 -- Drydock <toy@drydock.invalid>  Sun, 01 Mar 2026 00:00:00 +0000

toy-ssl (3.0.1-1) harbour; urgency=low

  * First version.

 -- Drydock <toy@drydock.invalid>  Thu, 01 Jan 2026 00:00:00 +0000
";

const WEB_CHANGELOG: &str = "\
toy-web (1.22-1+t2) harbour-security; urgency=high

  * Fix CVE-0000-3001; limit the number of requests.

 -- Drydock <toy@drydock.invalid>  Mon, 01 Jun 2026 00:00:00 +0000

toy-web (1.22-1) harbour; urgency=low

  * First version.

 -- Drydock <toy@drydock.invalid>  Thu, 01 Jan 2026 00:00:00 +0000
";
