//! dpkg's and apt's rules, one by one.
use super::*;

#[test]
fn edited_configuration_stays_deleted_stays_away_and_untouched_is_renewed() {
    let edited = LayerTar::new()
        .file("etc/toy-web/web.conf", b"workers 9\n")
        .file("etc/toy-web/.wh.types.conf", b"");
    let (world, image) = (
        World::new(),
        TestImage::new(&[base().bytes(), edited.bytes()]),
    );
    let patched = world.patch(&image);
    view(&image, &patched.bytes, |view| {
        assert_eq!(
            view.read_text("etc/toy-web/web.conf").unwrap().unwrap(),
            "workers 9\n"
        );
        assert!(view.node("etc/toy-web/types.conf").is_none());
        let status = view.read_text("var/lib/dpkg/status").unwrap().unwrap();
        let new_md5 = crate::apply::md5_hex(b"workers 1\nlimit 100\n");
        assert!(
            status.contains(&format!(" /etc/toy-web/web.conf {new_md5}\n")),
            "{status}"
        );
    });
    assert!(
        patched
            .report
            .notes
            .iter()
            .any(|note| note.contains("/etc/toy-web/web.conf was edited"))
    );

    let image = TestImage::new(&[base().bytes()]);
    let patched = world.patch(&image);
    view(&image, &patched.bytes, |view| {
        assert_eq!(
            view.read_text("etc/toy-web/web.conf").unwrap().unwrap(),
            "workers 1\nlimit 100\n"
        );
    });
}

#[test]
fn what_is_held_is_kept_back_with_what_depends_on_it() {
    let held = base().bytes();
    let image = TestImage::new(&[held]);
    let status = view(&image, &image.bytes(), |view| {
        view.read_text("var/lib/dpkg/status")
    })
    .unwrap()
    .unwrap();
    let (before, after) = status.split_once("Package: toy-ssl\n").unwrap();
    let after = after.replacen("Status: install", "Status: hold", 1);
    let status = format!("{before}Package: toy-ssl\n{after}");
    let hold = LayerTar::new().file("var/lib/dpkg/status", status.as_bytes());
    let (world, image) = (
        World::new(),
        TestImage::new(&[base().bytes(), hold.bytes()]),
    );
    let patched = world.patch(&image);
    let reason = |package: &str| {
        let kept = patched
            .report
            .kept_back
            .iter()
            .find(|kept| kept.package == package);
        kept.map(|kept| kept.reason.clone())
    };
    assert_eq!(reason("toy-ssl").as_deref(), Some("on hold in the image"));
    assert!(
        reason("toy-ssl-tools")
            .unwrap()
            .contains("toy-ssl stays at 3.0.1-1")
    );
    assert_eq!(reason("toy-libc"), None);
    assert!(patched.report.vulnerabilities_after > 0);
}

#[test]
fn an_image_whose_packages_are_all_kept_back_is_not_called_up_to_date() {
    let image = TestImage::new(&[base().bytes()]);
    let status = view(&image, &image.bytes(), |view| {
        view.read_text("var/lib/dpkg/status")
    });
    let status = status.unwrap().unwrap();
    let status = status.replace("Status: install", "Status: hold");
    let hold = LayerTar::new().file("var/lib/dpkg/status", status.as_bytes());
    let (world, image) = (
        World::new(),
        TestImage::new(&[base().bytes(), hold.bytes()]),
    );
    let blobs = image.blob_count();
    let outcome = world.try_patch(&image, &image.bytes()).unwrap();
    let PatchOutcome::UpToDate {
        report,
        kept_back,
        standing,
    } = outcome
    else {
        panic!("a held package was upgraded");
    };
    let left = report.fixable_count();
    assert!(left > 1 && !kept_back.is_empty());
    let start = format!("is not patched: {left} findings left, and nothing can be upgraded: ");
    assert!(standing.starts_with(&start), "{standing}");
    assert!(
        standing.contains("toy-ssl: on hold in the image"),
        "{standing}"
    );
    assert!(!world.said("up-to-date"));
    assert_eq!(image.blob_count(), blobs, "nothing is written");
}

#[test]
fn a_package_with_a_new_dependency_or_new_script_actions_is_kept_back() {
    let world = World::with(|suite| {
        if suite.name == "harbour-security" {
            suite
                .packages
                .push(PackageSpec::new("needy", "2").field("Depends", "brand-new (>= 1)"));
            suite.packages.push(
                PackageSpec::new("scripted", "2")
                    .script("postinst", "#!/bin/sh\nadduser --system toy\n"),
            );
        }
    });
    let mut packages = published();
    packages.push(PackageSpec::new("needy", "1"));
    packages.push(PackageSpec::new("scripted", "1").script("postinst", "#!/bin/sh\ntrue\n"));
    let image = TestImage::new(&[root().installed(&packages, false).bytes()]);
    let patched = world.patch(&image);
    let kept: Vec<_> = patched
        .report
        .kept_back
        .iter()
        .map(|kept| kept.reason.as_str())
        .collect();
    assert!(
        kept.contains(&"it needs brand-new (>= 1), which the image does not have"),
        "{kept:?}"
    );
    assert!(
        kept.contains(&"needs scripts: its new postinst runs `adduser --system toy`"),
        "{kept:?}"
    );
    // A security update that names no id is a finding all the same.
    let ids: Vec<_> = patched
        .scan
        .vulnerabilities()
        .map(|one| one.vulnerability_id.as_str())
        .collect();
    assert!(ids.contains(&"DRYDOCK-needy-2"), "{ids:?}");
}

#[test]
fn a_dependency_that_was_not_met_before_is_nobodys_problem() {
    let world = World::with(|suite| {
        if suite.name == "harbour-security" {
            suite
                .packages
                .push(PackageSpec::new("zones", "2").field("Depends", "asker (>= 2) | asker-2"));
        }
    });
    let mut packages = published();
    packages.push(PackageSpec::new("zones", "1").field("Depends", "asker (>= 1) | asker-2"));
    let image = TestImage::new(&[root().installed(&packages, false).bytes()]);
    let patched = world.patch(&image);
    assert!(
        patched
            .report
            .upgraded
            .iter()
            .any(|change| change.package == "zones")
    );
}

#[test]
fn distroless_records_are_renewed_in_their_own_files() {
    let layer = root().installed(&published(), true);
    let (world, image) = (World::new(), TestImage::new(&[layer.bytes()]));
    let patched = world.patch(&image);
    assert_eq!(patched.scan.fixable_count(), 0);
    view(&image, &patched.bytes, |view| {
        let record = view
            .read_text("var/lib/dpkg/status.d/toy-web")
            .unwrap()
            .unwrap();
        assert!(record.contains("Version: 1.22-1+t2"), "{record}");
        let sums = view
            .read_text("var/lib/dpkg/status.d/toy-web.md5sums")
            .unwrap()
            .unwrap();
        assert!(sums.contains("usr/share/toy-web/new.txt"), "{sums}");
        assert!(view.node("var/lib/dpkg/status").is_none());
        assert!(view.node("usr/share/toy-web/old.txt").is_none());
        assert_eq!(
            view.read_text("etc/toy-web/web.conf").unwrap().unwrap(),
            "workers 1\nlimit 100\n"
        );
    });
}

#[test]
fn overrides_diversions_filters_and_capabilities_are_honoured() {
    let settings = LayerTar::new()
        .file(
            "var/lib/dpkg/statoverride",
            b"root shadow 2755 /usr/bin/toy-ssl\n",
        )
        .file(
            "var/lib/dpkg/diversions",
            b"/usr/lib/toy/libtoyssl.so.3\n/usr/lib/toy/libtoyssl.so.3.real\n:\n",
        )
        .file(
            "etc/dpkg/dpkg.cfg.d/slim",
            b"path-exclude=/usr/share/doc/*\n",
        )
        .file("etc/toy-web/extra", b"")
        .directory("usr/share", 0o755)
        .file("usr/share/doc/.wh..wh..opq", b"")
        .directory("usr", 0o755)
        .directory("usr/bin", 0o755)
        .with_xattr("security.capability", &[1, 0, 0, 2])
        .file_of_mode("usr/bin/toy-web", b"old", 0o755);
    let (world, image) = (
        World::new(),
        TestImage::new(&[base().bytes(), settings.bytes()]),
    );
    let patched = world.patch(&image);
    let entries = new_layer(&image, &patched);
    let mode = |path: &str| {
        entries
            .iter()
            .find(|(entry, _, _)| entry == path)
            .map(|(_, _, mode)| *mode)
    };
    assert_eq!(mode("usr/bin/toy-ssl"), Some(0o2755));
    assert_eq!(mode("usr/lib/toy/libtoyssl.so.3"), None);
    assert_eq!(mode("usr/lib/toy/libtoyssl.so.3.real"), Some(0o644));
    assert!(
        !entries
            .iter()
            .any(|(path, _, _)| path.starts_with("usr/share/doc"))
    );
    view(&image, &patched.bytes, |view| {
        let entry = view.node("usr/bin/toy-ssl").unwrap().entry.unwrap();
        assert_eq!((entry.uid, entry.gid), (0, 42));
        let entry = view.node("usr/bin/toy-web").unwrap().entry.unwrap();
        assert_eq!(
            entry.xattrs,
            [("security.capability".to_owned(), vec![1, 0, 0, 2])]
        );
    });
}

#[test]
fn certificates_are_trusted_anew_when_their_package_is_upgraded() {
    let certificates = |version: &str, names: &[&str]| {
        names.iter().fold(
            PackageSpec::new("ca-certificates", version),
            |package, name| {
                package.with(
                    &format!("usr/share/ca-certificates/m/{name}.crt"),
                    Content::text(&format!("{name}\n")),
                )
            },
        )
    };
    let world = World::with(|suite| {
        if suite.name == "harbour-security" {
            suite.packages.push(certificates("2", &["a", "c"]));
        }
    });
    let mut packages = published();
    packages.push(certificates("1", &["a", "b"]));
    let layer = root()
        .installed(&packages, false)
        .file("etc/ca-certificates.conf", b"m/a.crt\nm/b.crt\n")
        .file("usr/local/share/ca-certificates/own.crt", b"own\n")
        .file("etc/ssl/certs/ca-certificates.crt", b"a\nb\nown\n")
        .symlink("etc/ssl/certs/a.pem", "/usr/share/ca-certificates/m/a.crt")
        .symlink("etc/ssl/certs/b.pem", "/usr/share/ca-certificates/m/b.crt")
        .symlink("etc/ssl/certs/0123abcd.0", "b.pem");
    let image = TestImage::new(&[layer.bytes()]);
    let patched = world.patch(&image);
    view(&image, &patched.bytes, |view| {
        assert_eq!(
            view.read_text("etc/ssl/certs/ca-certificates.crt")
                .unwrap()
                .unwrap(),
            "a\nc\nown\n"
        );
        assert_eq!(
            view.list("etc/ssl/certs"),
            ["a.pem", "c.pem", "ca-certificates.crt", "own.pem"]
        );
        let settings = view.read_text("etc/ca-certificates.conf").unwrap().unwrap();
        assert_eq!(settings, "m/a.crt\n!m/b.crt\nm/c.crt\n");
    });
}
