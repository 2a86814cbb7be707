//! All Debian samples into an OCI layout. Runs where `DRYDOCK_LIVE_ARCHIVE=1` is set;
//! `DRYDOCK_SAMPLES_DIR` keeps the layout and the cache, for other tools to judge.
use super::*;
use crate::archive::ArchiveConfig;
use crate::job::testing::test_now;
use crate::layout::LayoutStore;
use crate::{BlobInfo, EngineConfig, Limits, ReadSeek};
use std::io::Read;
use std::path::PathBuf;
use std::time::{Instant, SystemTime};

/// A layout has tags only, so a repository's name is put before them.
struct Layout(LayoutStore);

fn name(repository: &str, tag: &str) -> String {
    format!("{}-{tag}", repository.replace('/', "-"))
}

impl BlobStore for Layout {
    fn open(&self, digest: &str) -> io::Result<Box<dyn ReadSeek>> {
        self.0.open(digest)
    }

    fn put(&self, content: &mut dyn Read) -> io::Result<BlobInfo> {
        self.0.put(content)
    }
}

impl SampleSink for Layout {
    fn has_tag(&self, repository: &str, tag: &str) -> io::Result<bool> {
        let tags = self.0.tags().map_err(io::Error::other)?;
        Ok(tags.contains(&name(repository, tag)))
    }

    fn put_manifest(
        &self,
        repository: &str,
        tag: &str,
        kind: &str,
        bytes: &[u8],
    ) -> io::Result<()> {
        let put = self.0.put_manifest(&name(repository, tag), kind, bytes);
        put.map(drop).map_err(io::Error::other)
    }
}

#[test]
fn the_debian_samples_are_assembled() {
    if std::env::var_os("DRYDOCK_LIVE_ARCHIVE").is_none() {
        eprintln!("passed over: DRYDOCK_LIVE_ARCHIVE is not set");
        return;
    }
    let temporary = tempfile::tempdir().unwrap();
    let kept = std::env::var_os("DRYDOCK_SAMPLES_DIR").map(PathBuf::from);
    let dir = kept.unwrap_or_else(|| temporary.path().to_owned());
    let since_1970 = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap();
    let now = chrono::DateTime::from_timestamp(since_1970.as_secs().cast_signed(), 0);
    let start = Instant::now();
    let log = |line: &str| eprintln!("{:?} {line}", start.elapsed());
    let job = Job {
        log: &log,
        cancelled: &|| false,
        now: now.unwrap_or(test_now()),
    };
    let config = EngineConfig {
        cache_dir: dir.join("cache"),
        archive: ArchiveConfig::default(),
        limits: Limits::default(),
    };
    let engine = Engine::new(config).unwrap();
    let sink = Layout(LayoutStore::create(&dir.join("layout")).unwrap());
    let progress = assemble(&engine, &sink, &|_| {}, &job).unwrap();
    eprintln!("{:?} {progress:#?}", start.elapsed());
    assert!(!progress.toy);
    assert!(progress.images.iter().all(|image| image.state == "ready"));
    for (tag, has_fixes, end_of_life) in [
        ("debian-base-12", true, false),
        ("web-nginx-1.22", true, false),
        ("tools-clean-1.0", false, false),
        ("distroless-openssl-12", true, false),
        ("legacy-bullseye-11", true, true),
    ] {
        let manifest = sink.0.manifest(tag).unwrap();
        let report = engine.scan(&sink, &manifest, tag, &job).unwrap();
        eprintln!(
            "{:?} {tag}: {} fixable",
            start.elapsed(),
            report.fixable_count()
        );
        assert_eq!(report.fixable_count() > 0, has_fixes, "{tag}");
        assert_eq!(report.end_of_life(), end_of_life, "{tag}");
    }
}
