//! Samples from the toy archive into a registry in memory.
use super::*;
use crate::archive::ArchiveConfig;
use crate::job::testing::quiet;
use crate::{BlobInfo, ReadSeek};
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::sync::Mutex;

#[derive(Default)]
struct Memory {
    blobs: Mutex<BTreeMap<String, Vec<u8>>>,
    tags: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl BlobStore for Memory {
    fn open(&self, digest: &str) -> io::Result<Box<dyn ReadSeek>> {
        let blobs = self.blobs.lock().unwrap();
        let blob = blobs.get(digest).ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(Cursor::new(blob.clone())))
    }

    fn put(&self, content: &mut dyn Read) -> io::Result<BlobInfo> {
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes)?;
        let digest = format!("sha256:{}", hex::encode(Sha256::digest(&bytes)));
        let size_bytes = bytes.len() as u64;
        self.blobs.lock().unwrap().insert(digest.clone(), bytes);
        Ok(BlobInfo { digest, size_bytes })
    }
}

impl SampleSink for Memory {
    fn has_tag(&self, repository: &str, tag: &str) -> io::Result<bool> {
        Ok(self
            .tags
            .lock()
            .unwrap()
            .contains_key(&format!("{repository}:{tag}")))
    }

    fn put_manifest(&self, repository: &str, tag: &str, _: &str, bytes: &[u8]) -> io::Result<()> {
        self.tags
            .lock()
            .unwrap()
            .insert(format!("{repository}:{tag}"), bytes.to_vec());
        Ok(())
    }
}

impl Memory {
    fn manifest(&self, reference: &str) -> serde_json::Value {
        serde_json::from_slice(&self.tags.lock().unwrap()[reference]).unwrap()
    }

    /// Paths of a layer with the link targets or contents of what is there.
    fn layer(&self, reference: &str, at: usize) -> BTreeMap<String, String> {
        let manifest = self.manifest(reference);
        let digest = manifest["layers"][at]["digest"]
            .as_str()
            .unwrap()
            .to_owned();
        let content = self.open(&digest).unwrap();
        let mut files = BTreeMap::new();
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(content));
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let path = entry.path().unwrap().to_string_lossy().into_owned();
            let target = entry
                .link_name()
                .unwrap()
                .map(|target| target.to_string_lossy().into_owned());
            let mut content = String::new();
            entry.read_to_string(&mut content).unwrap_or_default();
            let is_new = files
                .insert(path.clone(), target.unwrap_or(content))
                .is_none();
            assert!(is_new, "{path} is in the layer twice");
        }
        files
    }
}

fn offline_archive(dir: &std::path::Path) -> Archive {
    let config = ArchiveConfig {
        machine_apt_dir: None,
        toy_dir: Some(dir.join("toy")),
        ..ArchiveConfig::default()
    };
    Archive::new(dir.join("cache"), config).unwrap()
}

fn assembled(dir: &std::path::Path, sink: &Memory) -> SampleProgress {
    quiet(|job| assemble_from(&offline_archive(dir), sink, &|_| {}, job)).unwrap()
}

#[test]
fn without_an_archive_the_samples_are_toys_and_say_so() {
    let dir = tempfile::tempdir().unwrap();
    let sink = Memory::default();
    let heard = RefCell::new(Vec::new());
    let progress = quiet(|job| {
        let listen = |progress: &SampleProgress| heard.borrow_mut().push(progress.clone());
        assemble_from(&offline_archive(dir.path()), &sink, &listen, job)
    })
    .unwrap();
    assert!(progress.toy && progress.finished);
    assert!(
        progress
            .source
            .contains("toy archive made on this machine, because")
    );
    assert!(
        progress.images.iter().all(|image| image.state == "ready"),
        "{:?}",
        progress.images
    );
    let states: Vec<String> = heard
        .borrow()
        .iter()
        .filter_map(|progress| {
            Some(
                progress
                    .images
                    .iter()
                    .find(|i| i.reference == "toy/base:2")?
                    .state
                    .clone(),
            )
        })
        .collect();
    for state in ["waiting", "assembling", "ready"] {
        assert!(
            states.iter().any(|one| one == state),
            "{state} in {states:?}"
        );
    }
    let tags: Vec<_> = sink.tags.lock().unwrap().keys().cloned().collect();
    assert!(tags.contains(&"toy/web:1.22-toy-2".to_owned()), "{tags:?}");
}

#[test]
fn a_toy_system_has_dpkgs_records_and_a_merged_usr() {
    let dir = tempfile::tempdir().unwrap();
    let sink = Memory::default();
    assembled(dir.path(), &sink);
    let base = sink.layer("toy/base:2", 0);
    assert_eq!(base["lib"], "usr/lib");
    assert_eq!(base["usr/lib/toy/libtoyc.so.1"], "toy libc 1.0\n");
    assert!(base["usr/lib/os-release"].contains("ID_LIKE=debian"));
    assert!(base["etc/apt/sources.list.d/drydock.sources"].contains("Suites: harbour-security"));
    let status = &base["var/lib/dpkg/status"];
    assert!(
        status.contains("Package: toy-ssl\nStatus: install ok installed\nVersion: 3.0.1-1\n"),
        "{status}"
    );
    assert!(status.contains("Conffiles:\n /etc/issue "), "{status}");
    assert!(base["var/lib/dpkg/info/toy-libc:amd64.list"].contains("\n/lib/toy/libtoyc.so.1\n"));
    assert!(!base.contains_key("usr/share/doc/toy-ssl/changelog.Debian.gz"));
}

#[test]
fn images_share_their_first_layer_and_the_second_holds_what_is_new() {
    let dir = tempfile::tempdir().unwrap();
    let sink = Memory::default();
    assembled(dir.path(), &sink);
    let (base, web) = (sink.manifest("toy/base:2"), sink.manifest("toy/web:1.22"));
    assert_eq!(base["layers"][0], web["layers"][0]);
    let upper = sink.layer("toy/web:1.22", 1);
    assert_eq!(upper["usr/bin/toy-webd"], "usr/bin/toy-web");
    assert!(upper["var/lib/dpkg/status"].contains("Package: base-files\n"));
    assert!(upper["var/lib/dpkg/status"].contains("Package: toy-web\n"));
    assert!(!upper.contains_key("var/lib/dpkg/info/base-files.list"));
    assert!(upper.contains_key("usr/"), "parents are named again");
}

#[test]
fn the_clean_image_is_at_the_newest_versions_and_the_static_one_has_no_dpkg() {
    let dir = tempfile::tempdir().unwrap();
    let sink = Memory::default();
    assembled(dir.path(), &sink);
    assert!(
        sink.layer("toy/clean:1.0", 0)["var/lib/dpkg/status"].contains("Version: 3.0.4-1+t1\n")
    );
    let small = sink.layer("toy/static:2", 0);
    assert!(small["var/lib/dpkg/status.d/toy-ssl"].contains("Version: 3.0.1-1\n"));
    assert!(
        small.contains_key("lib/toy/libtoyc.so.1"),
        "this one keeps /lib apart"
    );
    assert!(!small.contains_key("var/lib/dpkg/status"));
    assert!(sink.layer("toy/legacy:1", 0)["usr/lib/os-release"].contains("SUPPORT_END=2020-01-01"));
}

#[test]
fn a_second_call_makes_only_what_is_missing_and_never_overwrites() {
    let dir = tempfile::tempdir().unwrap();
    let sink = Memory::default();
    assembled(dir.path(), &sink);
    sink.tags
        .lock()
        .unwrap()
        .insert("toy/base:2".into(), b"somebody's own".to_vec());
    let removed = sink.tags.lock().unwrap().remove("toy/web:latest").unwrap();
    let progress = assembled(dir.path(), &sink);
    assert!(progress.images.iter().all(|image| image.state == "ready"));
    let tags = sink.tags.lock().unwrap();
    assert_eq!(tags["toy/base:2"], b"somebody's own");
    assert_eq!(
        tags["toy/web:latest"], removed,
        "the same image comes again"
    );
}

#[test]
fn a_cancelled_assembly_ends() {
    let dir = tempfile::tempdir().unwrap();
    let job = Job {
        log: &|_| {},
        cancelled: &|| true,
        now: chrono::DateTime::UNIX_EPOCH,
    };
    let error = assemble_from(
        &offline_archive(dir.path()),
        &Memory::default(),
        &|_| {},
        &job,
    );
    assert!(matches!(error, Err(PatchError::Cancelled)));
}

#[test]
fn a_package_that_leaves_its_root_is_refused() {
    use crate::toy::package::{Content, PackageSpec, build};
    for path in ["../../etc/evil", "usr/../../evil"] {
        let file = tempfile::NamedTempFile::new().unwrap();
        let spec = PackageSpec::new("toy-evil", "1").with(path, Content::text("evil"));
        std::fs::write(file.path(), build(&spec).unwrap()).unwrap();
        let mut tree = layer::Tree::default();
        let mut layer = layer::LayerBuilder::new(&mut tree, 0).unwrap();
        let error = quiet(|job| unpack::unpack(file.path(), &mut layer, job)).unwrap_err();
        assert!(
            error.to_string().contains("leaves the package's root"),
            "{path}: {error}"
        );
    }
}
