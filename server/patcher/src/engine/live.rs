//! Real Debian images, patched from the real archive and judged by dpkg itself. Runs where
//! `DRYDOCK_LIVE_ARCHIVE=1` is set; dpkg judges where the tests run as root and umoci is there.
use crate::job::testing::test_now;
use crate::layout::{LayoutStore, patch_layout, scan_layout};
use crate::samples::{SampleSink, assemble};
use crate::{
    ArchiveConfig, BlobInfo, BlobStore, Engine, EngineConfig, Job, Limits, PatchOutcome, ReadSeek,
};
use drydock_domain::patch_report::PatchReport;
use std::io::{self, Read};
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

struct Layout(LayoutStore);

impl BlobStore for Layout {
    fn open(&self, digest: &str) -> io::Result<Box<dyn ReadSeek>> {
        self.0.open(digest)
    }

    fn put(&self, content: &mut dyn Read) -> io::Result<BlobInfo> {
        self.0.put(content)
    }
}

impl SampleSink for Layout {
    fn has_tag(&self, _: &str, _: &str) -> io::Result<bool> {
        Ok(false)
    }

    fn put_manifest(
        &self,
        repository: &str,
        tag: &str,
        kind: &str,
        bytes: &[u8],
    ) -> io::Result<()> {
        let tag = format!("{}-{tag}", repository.replace('/', "-"));
        self.0
            .put_manifest(&tag, kind, bytes)
            .map(drop)
            .map_err(io::Error::other)
    }
}

#[test]
fn real_images_are_patched_as_dpkg_would() {
    if std::env::var_os("DRYDOCK_LIVE_ARCHIVE").is_none() {
        eprintln!("passed over: DRYDOCK_LIVE_ARCHIVE is not set");
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let since_1970 = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap();
    let now = chrono::DateTime::from_timestamp(since_1970.as_secs().cast_signed(), 0);
    let job = Job {
        log: &|line| eprintln!("{line}"),
        cancelled: &|| false,
        now: now.unwrap_or(test_now()),
    };
    let engine = Engine::new(EngineConfig {
        cache_dir: directory.path().join("cache"),
        archive: ArchiveConfig::default(),
        limits: Limits::default(),
    })
    .unwrap();
    let root = directory.path().join("layout");
    let layout = Layout(LayoutStore::create(&root).unwrap());
    assemble(&engine, &layout, &|_| {}, &job).unwrap();
    for (tag, has_dpkg) in [
        ("debian-base-12", true),
        ("distroless-openssl-12", false),
        ("legacy-bullseye-11", true),
    ] {
        let reference = format!("oci:{}:{tag}", root.display());
        let patched = format!("{tag}-1");
        let PatchOutcome::Patched { report, .. } =
            patch_layout(&reference, &patched, &engine, &job).unwrap()
        else {
            panic!("{tag} had nothing to patch");
        };
        assert!(report.kept_back.is_empty(), "{:?}", report.kept_back);
        let after =
            scan_layout(&format!("oci:{}:{patched}", root.display()), &engine, &job).unwrap();
        assert_eq!(after.fixable_count(), 0, "{tag}");
        if has_dpkg {
            judge(&root, &patched, &directory.path().join(tag), &report);
        }
    }
}

/// Unpacks the image with another tool and asks the dpkg inside.
fn judge(layout: &Path, tag: &str, bundle: &Path, report: &PatchReport) {
    let unpack = Command::new("umoci")
        .args(["unpack", "--image"])
        .arg(format!("{}:{tag}", layout.display()))
        .arg(bundle)
        .output();
    let Ok(unpack) = unpack else {
        eprintln!("not judged: there is no umoci");
        return;
    };
    if !unpack.status.success() {
        eprintln!("not judged: {}", String::from_utf8_lossy(&unpack.stderr));
        return;
    }
    let ask = |arguments: &[&str]| {
        let root = bundle.join("rootfs");
        let output = Command::new("chroot")
            .arg(root)
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(ask(&["dpkg", "--audit"]), "", "{tag}");
    let installed = ask(&[
        "dpkg-query",
        "-W",
        "-f",
        "${Package} ${Version} ${db:Status-Abbrev}\n",
    ]);
    for change in &report.upgraded {
        let line = format!("{} {} ii ", change.package, change.new);
        assert!(
            installed.lines().any(|one| one == line),
            "{line:?} is not in {installed}"
        );
    }
}
