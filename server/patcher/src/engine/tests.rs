//! The whole way over the toy archive: an image of its first packages is scanned and patched.
use crate::engine::{Engine, EngineConfig, PatchOutcome};
use crate::image::{ImageManifest, ImageView, Kind, Limits};
use crate::job::testing::{quiet, test_now};
use crate::testing::{LayerTar, TestImage};
use crate::toy::package::{Content, PackageSpec};
use crate::toy::{self, ToyKey, ToySuite};
use crate::{ArchiveConfig, Job, PatchError, TrivyReport};
use drydock_domain::patch_report::{ImageReference, PatchReport};
use serde_json::{Value, json};
use std::sync::Mutex;

mod rules;

/// A toy archive, an engine that uses it, and what the jobs said.
struct World {
    _directory: tempfile::TempDir,
    engine: Engine,
    lines: Mutex<Vec<String>>,
}

struct Patched {
    manifest: Value,
    bytes: Vec<u8>,
    media_type: String,
    report: PatchReport,
    scan: TrivyReport,
}

impl World {
    fn new() -> Self {
        Self::with(|_| ())
    }

    /// A world whose archive also offers what `change` adds.
    fn with(change: impl Fn(&mut ToySuite)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let toy_dir = directory.path().join("toy");
        toy::write_archive(&toy_dir, test_now()).unwrap();
        let mut suites = toy::suites(test_now());
        suites.iter_mut().for_each(change);
        toy::write_suites(&toy_dir, &ToyKey::load_or_make(&toy_dir).unwrap(), &suites).unwrap();
        let archive = ArchiveConfig {
            toy_dir: Some(toy_dir),
            machine_apt_dir: None,
            ..ArchiveConfig::default()
        };
        let cache_dir = directory.path().join("cache");
        let engine = Engine::new(EngineConfig {
            cache_dir,
            archive,
            limits: Limits::default(),
        })
        .unwrap();
        Self {
            _directory: directory,
            engine,
            lines: Mutex::default(),
        }
    }

    fn job<T>(&self, run: impl FnOnce(&Job) -> T) -> T {
        let log = |line: &str| self.lines.lock().unwrap().push(line.to_owned());
        run(&Job {
            log: &log,
            cancelled: &|| false,
            now: test_now(),
        })
    }

    fn said(&self, part: &str) -> bool {
        self.lines
            .lock()
            .unwrap()
            .iter()
            .any(|line| line.contains(part))
    }

    fn scan(&self, image: &TestImage, manifest: &[u8]) -> TrivyReport {
        self.job(|job| self.engine.scan(&image.store, manifest, "app:1", job))
            .unwrap()
    }

    fn try_patch(&self, image: &TestImage, manifest: &[u8]) -> Result<PatchOutcome, PatchError> {
        let origin = ImageReference {
            repository: "app".into(),
            tag: "1".into(),
            digest: crate::image::manifest::sha256(manifest),
        };
        self.job(|job| {
            self.engine
                .patch(&image.store, manifest, origin, "1-1", job)
        })
    }

    fn patch(&self, image: &TestImage) -> Patched {
        match self.try_patch(image, &image.bytes()).unwrap() {
            PatchOutcome::Patched {
                manifest,
                media_type,
                report,
                scan,
                digest,
            } => {
                assert_eq!(digest, crate::image::manifest::sha256(&manifest));
                let bytes = manifest;
                let manifest = serde_json::from_slice(&bytes).unwrap();
                Patched {
                    manifest,
                    bytes,
                    media_type,
                    report,
                    scan,
                }
            }
            PatchOutcome::UpToDate { .. } => panic!("there was nothing to patch"),
        }
    }
}

/// The packages of the release as it was published.
fn published() -> Vec<PackageSpec> {
    let suites = toy::suites(test_now());
    suites
        .into_iter()
        .find(|suite| suite.name == toy::CODENAME)
        .unwrap()
        .packages
}

fn sources() -> String {
    format!(
        "deb {0} {1} main\ndeb {0} {1}-security main\n",
        toy::ADDRESS,
        toy::CODENAME
    )
}

/// A merged image: `/lib` and `/bin` are links.
fn root() -> LayerTar {
    LayerTar::new()
        .directory("usr", 0o755)
        .directory("usr/lib", 0o755)
        .directory("usr/bin", 0o755)
        .symlink("lib", "usr/lib")
        .symlink("bin", "usr/bin")
        .file("etc/apt/sources.list", sources().as_bytes())
        .file("etc/passwd", b"root:x:0:0::/root:/bin/sh\n")
        .file("etc/group", b"root:x:0:\nshadow:x:42:\n")
}

fn base() -> LayerTar {
    root().installed(&published(), false)
}

fn view<T>(image: &TestImage, manifest: &[u8], check: impl FnOnce(&ImageView<'_>) -> T) -> T {
    let limits = Limits::default();
    let manifest = ImageManifest::parse(manifest, &limits).unwrap();
    let directory = image.directory.path();
    let view =
        quiet(|job| ImageView::read(&image.store, &manifest, &limits, directory, job)).unwrap();
    check(&view)
}

/// Paths of the patched image's last layer, as they are written.
fn new_layer(image: &TestImage, patched: &Patched) -> Vec<(String, Kind, u32)> {
    let mut only_last = patched.manifest.clone();
    let layers = only_last["layers"].as_array_mut().unwrap();
    *layers = vec![layers.last().unwrap().clone()];
    let limits = Limits::default();
    let manifest = ImageManifest::parse(only_last.to_string().as_bytes(), &limits).unwrap();
    quiet(|job| {
        let mut reading = crate::image::layer::Reading {
            store: &image.store,
            limits: &limits,
            directory: image.directory.path(),
            job,
            image_bytes: Default::default(),
            entries: 0,
        };
        let layer = crate::image::LayerIndex::read(&manifest.layers[0], &mut reading).unwrap();
        layer
            .entries
            .iter()
            .map(|entry| (entry.path.clone(), entry.kind.clone(), entry.mode))
            .collect()
    })
}

#[test]
fn a_scan_finds_what_the_changelogs_of_the_fixes_name() {
    let (world, image) = (World::new(), TestImage::new(&[base().bytes()]));
    let report = world.scan(&image, &image.bytes());
    let ids: Vec<_> = report
        .vulnerabilities()
        .map(|one| (one.package_name.as_str(), one.vulnerability_id.as_str()))
        .collect();
    assert!(ids.contains(&("toy-libc", "CVE-0000-1001")), "{ids:?}");
    // Every package of a source has the source's ids; the fix skipped a version in between.
    assert!(ids.contains(&("toy-ssl-tools", "CVE-0000-2000")), "{ids:?}");
    assert!(!ids.iter().any(|(package, _)| *package == "toy-data"));
    assert_eq!(
        report.metadata.image_config["x-unknown"],
        json!({"kept": true})
    );
    assert!(!report.end_of_life());
}

#[test]
fn a_patched_image_has_the_planned_versions_and_nothing_left_to_fix() {
    let (world, image) = (World::new(), TestImage::new(&[base().bytes()]));
    let patched = world.patch(&image);
    assert!(patched.report.vulnerabilities_before > 0);
    assert_eq!(patched.report.vulnerabilities_after, 0);
    assert_eq!(patched.scan.fixable_count(), 0);
    assert!(world.said("Validated package toy-web version 1.22-1+t2 meets requested version"));
    assert!(world.said(" 0 skipped"));
    let again = world.try_patch(&image, &patched.bytes).unwrap();
    let standing = "is up to date: no package can be upgraded";
    assert!(matches!(again, PatchOutcome::UpToDate { standing: said, .. } if said == standing));
    view(&image, &patched.bytes, |view| {
        let status = view.read_text("var/lib/dpkg/status").unwrap().unwrap();
        assert!(
            status.contains("Package: toy-libc\nStatus: install ok installed\n"),
            "{status}"
        );
        assert!(status.contains("Version: 3.0.4-1+t1"));
        // The package says lib, the image has usr/lib.
        assert_eq!(view.node("lib").unwrap().symlink(), Some("usr/lib"));
        assert_eq!(
            view.read_text("usr/lib/toy/libtoyc.so.1").unwrap().unwrap(),
            "toy libc 1.0, fixed\n"
        );
        assert!(view.node("usr/share/toy-web/old.txt").is_none());
        assert!(view.node("usr/share/toy-web/new.txt").is_some());
        let list = view
            .read_text("var/lib/dpkg/info/toy-libc:amd64.list")
            .unwrap()
            .unwrap();
        assert!(
            list.starts_with("/.\n") && list.contains("\n/lib/toy/libtoyc.so.1\n"),
            "{list}"
        );
    });
}

#[test]
fn a_layer_has_each_path_once_and_parents_before_children() {
    let (world, image) = (World::new(), TestImage::new(&[base().bytes()]));
    let patched = world.patch(&image);
    let entries = new_layer(&image, &patched);
    let paths: Vec<&str> = entries.iter().map(|(path, _, _)| path.as_str()).collect();
    for (at, path) in paths.iter().enumerate() {
        assert!(!paths[..at].contains(path), "{path} twice");
        if let Some((parent, _)) = path.rsplit_once('/') {
            assert!(paths[..at].contains(&parent), "{path} before its parent");
        }
    }
    assert!(paths.contains(&"usr/share/toy-web/.wh.old.txt"));
    assert!(!paths.contains(&"lib"), "the link must not be written over");
    let web = entries
        .iter()
        .find(|(path, _, _)| path == "usr/bin/toy-web")
        .unwrap();
    let linked = entries
        .iter()
        .find(|(path, _, _)| path == "usr/bin/toy-webd")
        .unwrap();
    assert!(matches!(web.1, Kind::File { .. }));
    assert_eq!(linked.1, Kind::Hardlink("usr/bin/toy-web".into()));
}

#[test]
fn the_same_patch_makes_the_same_layer() {
    let world = World::new();
    let layer = || {
        let image = TestImage::new(&[base().bytes()]);
        world.patch(&image).manifest["layers"][1]["digest"].clone()
    };
    assert_eq!(layer(), layer());
}

#[test]
fn documents_keep_what_they_had_and_say_what_was_done() {
    let (world, image) = (World::new(), TestImage::new(&[base().bytes()]));
    let patched = world.patch(&image);
    let annotations = &patched.manifest["annotations"];
    assert_eq!(annotations["sh.copa.image.patched"], "2026-11-21T12:00:00Z");
    assert_eq!(annotations["sh.copa.patch.origin.name"], "app:1");
    let config = &patched.scan.metadata.image_config;
    assert_eq!(
        config["config"],
        json!({"User": "65534", "Labels": {"a": "b"}})
    );
    assert_eq!(config["x-unknown"], json!({"kept": true}));
    assert_eq!(config["rootfs"]["diff_ids"].as_array().unwrap().len(), 2);
    let created_by = config["history"][1]["created_by"].as_str().unwrap();
    assert!(
        created_by.contains("patch: ") && created_by.contains("toy-web=1.22-1+t2"),
        "{created_by}"
    );
    assert_eq!(patched.report.patched.tag, "1-1");
    assert_eq!(patched.report.sources.len(), 2);
}

#[test]
fn a_docker_image_stays_one() {
    let (world, image) = (World::new(), TestImage::docker(&[base().bytes()]));
    let patched = world.patch(&image);
    assert_eq!(
        patched.media_type,
        "application/vnd.docker.distribution.manifest.v2+json"
    );
    let layer = &patched.manifest["layers"][1]["mediaType"];
    assert_eq!(layer, "application/vnd.docker.image.rootfs.diff.tar.gzip");
    assert_eq!(patched.manifest["annotations"], Value::Null);
}

#[test]
fn an_image_without_an_operating_system_has_no_findings_and_says_so() {
    let (world, image) = (
        World::new(),
        TestImage::new(&[LayerTar::new().file("app", b"x").bytes()]),
    );
    let report = world.scan(&image, &image.bytes());
    assert_eq!((report.fixable_count(), report.metadata.os), (0, None));
    assert!(world.said("does not say which operating system"));
    let before = image.blob_count();
    let outcome = world.try_patch(&image, &image.bytes()).unwrap();
    assert!(matches!(outcome, PatchOutcome::UpToDate { .. }));
    assert_eq!(image.blob_count(), before, "nothing is written");
}

#[test]
fn a_layout_is_patched_to_another_tag_than_its_own() {
    let (world, image) = (World::new(), TestImage::new(&[base().bytes()]));
    let media_type = "application/vnd.oci.image.manifest.v1+json";
    let put = image.store.put_manifest("12", media_type, &image.bytes());
    put.unwrap();
    let (original, blobs) = (image.store.manifest("12").unwrap(), image.blob_count());
    let reference = format!("oci:{}:12", image.directory.path().display());
    let patch = |to_tag: &str| {
        world.job(|job| crate::layout::patch_layout(&reference, to_tag, &world.engine, job))
    };
    for (to_tag, expected) in [
        ("12", "12 is the tag of the original"),
        ("bad/tag", "`bad/tag` is not a tag: letters, digits"),
        ("", "`` is not a tag"),
    ] {
        let message = patch(to_tag).unwrap_err().to_string();
        assert!(message.starts_with(expected), "{message}");
    }
    assert!(world.lines.lock().unwrap().is_empty(), "no work was done");
    assert_eq!(image.blob_count(), blobs);
    patch("12-1").unwrap();
    assert_eq!(image.store.manifest("12").unwrap(), original);
    assert_eq!(image.store.tags().unwrap(), ["12", "12-1"]);
}

#[test]
fn a_record_that_cannot_be_read_is_never_a_clean_image() {
    let image = || LayerTar::new().file("etc/os-release", b"ID=debian\nVERSION_ID=12\n");
    let status = "var/lib/dpkg/status";
    let parts = "var/lib/dpkg/status.d";
    for (layer, expected) in [
        (
            image().symlink(status, "status"),
            "var/lib/dpkg/status is a link that leads to itself",
        ),
        (
            image().symlink(status, "gone"),
            "var/lib/dpkg/status is a link to gone, which is not there",
        ),
        (
            image().directory(status, 0o755),
            "var/lib/dpkg/status is a directory",
        ),
        (
            image().fifo(status),
            "var/lib/dpkg/status is a device node or a pipe",
        ),
        (image().file(parts, b""), "var/lib/dpkg/status.d is a file"),
        (
            image().symlink(&format!("{parts}/base"), "base"),
            "var/lib/dpkg/status.d/base is a link that leads to itself",
        ),
        (
            image().symlink("var/lib/dpkg", "/nowhere"),
            "var/lib/dpkg is a link to /nowhere, which is not there",
        ),
        (
            LayerTar::new().symlink("etc/os-release", "os-release"),
            "etc/os-release is a link that leads to itself",
        ),
    ] {
        let image = TestImage::new(&[layer.bytes()]);
        let world = World::new();
        let scan = world.job(|job| {
            world
                .engine
                .scan(&image.store, &image.bytes(), "app:1", job)
        });
        let expected = format!("the image could not be scanned: {expected}");
        assert_eq!(scan.unwrap_err().to_string(), expected);
        let patch = world.try_patch(&image, &image.bytes());
        assert_eq!(patch.unwrap_err().to_string(), expected);
    }
}

#[test]
fn a_diff_id_that_lies_is_refused() {
    let mut image = TestImage::new(&[base().bytes()]);
    image.config["rootfs"]["diff_ids"][0] = json!(format!("sha256:{}", "0".repeat(64)));
    image.seal();
    let error = World::new()
        .try_patch(&image, &image.bytes())
        .unwrap_err()
        .to_string();
    assert!(error.contains("rootfs.diff_ids[0]"), "{error}");
}

#[test]
fn a_cancelled_patch_leaves_nothing() {
    let (world, image) = (World::new(), TestImage::new(&[base().bytes()]));
    let origin = ImageReference::default();
    let before = image.blob_count();
    // Each check is one chance to stop: all of them are tried until one comes too late.
    for checks in 0.. {
        let seen = std::sync::atomic::AtomicUsize::new(0);
        let cancelled = || seen.fetch_add(1, std::sync::atomic::Ordering::SeqCst) >= checks;
        let job = Job {
            log: &|_| {},
            cancelled: &cancelled,
            now: test_now(),
        };
        match world
            .engine
            .patch(&image.store, &image.bytes(), origin.clone(), "2", &job)
        {
            Err(PatchError::Cancelled) => {}
            Err(other) => panic!("after {checks} checks: {other}"),
            Ok(_) => {
                assert!(checks > 10, "{checks}");
                return;
            }
        }
        let strays = std::fs::read_dir(image.directory.path()).unwrap();
        let strays: Vec<_> = strays
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.starts_with(".drydock"))
            .collect();
        assert_eq!(strays, [""; 0], "after {checks} checks");
        // A whole layer or configuration may be there, with nothing that names it.
        assert!(image.blob_count() <= before + 2);
    }
}
