//! A disk that fills up: a small one of its own, where this user may mount one.
use crate::support::{TestSandbox, digest, files_below};
use http::{Method, StatusCode};
use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

/// A file system in memory with room for 8 MiB.
struct SmallDisk(TempDir);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o", "size=8m", "drydock-test"])
            .arg(folder.path());
        let mounted = mount.output().is_ok_and(|output| output.status.success());
        if !mounted {
            eprintln!("skipped: this user may not mount a file system");
        }
        mounted.then(|| Self(folder))
    }

    /// Something else takes all the room that is left.
    fn fill(&self) -> PathBuf {
        let path = self.path().join("others");
        let mut file = File::create(&path).unwrap();
        while file.write_all(&[0; 4096]).is_ok() {}
        path
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: the sandbox may still hold a file there.
        let _ = Command::new("umount").arg("-l").arg(self.path()).output();
    }
}

#[tokio::test]
async fn a_full_disk_is_a_clear_error_and_costs_nothing_that_was_there() {
    let Some(disk) = SmallDisk::mount() else {
        return;
    };
    let sandbox = TestSandbox::start_on(tempfile::tempdir_in(disk.path()).unwrap()).await;
    sandbox.push_image("a", "v1", "layer").await;
    let before = files_below(&sandbox.registry_files());
    let large = vec![7; 9 * 1024 * 1024];
    let path = format!("/v2/a/blobs/uploads/?digest={}", digest(&large));
    let answer = sandbox.send(Method::POST, &path, &[], large.clone()).await;
    assert_eq!(answer.error(), (507, "UNAVAILABLE".into()));
    assert!(answer.message().contains("full"), "{}", answer.message());
    assert_eq!(files_below(&sandbox.registry_files()), before);

    let start = sandbox
        .send(Method::POST, "/v2/a/blobs/uploads/", &[], "")
        .await;
    let chunk = sandbox
        .send(Method::PATCH, start.header("location"), &[], large)
        .await;
    assert_eq!(chunk.error(), (507, "UNAVAILABLE".into()));
    assert_eq!(files_below(&sandbox.registry_files()), before);
    let gone = sandbox.get(start.header("location")).await;
    assert_eq!(gone.error(), (404, "BLOB_UPLOAD_UNKNOWN".into()));

    let others = disk.fill();
    let manifest = sandbox.get("/v2/a/manifests/v1").await.body;
    let headers = [("content-type", crate::support::MANIFEST)];
    let put = sandbox
        .send(Method::PUT, "/v2/a/manifests/v2", &headers, manifest)
        .await;
    assert_eq!(put.error(), (507, "UNAVAILABLE".into()));
    assert_eq!(
        sandbox.get("/v2/a/manifests/v2").await.error(),
        (404, "MANIFEST_UNKNOWN".into())
    );

    std::fs::remove_file(others).unwrap();
    sandbox.push_image("a", "v2", "there is room again").await;
    let sandbox = sandbox.restart().await;
    assert_eq!(
        sandbox.get("/v2/a/manifests/v1").await.status,
        StatusCode::OK
    );
    assert_eq!(
        sandbox.get("/v2/a/manifests/v2").await.status,
        StatusCode::OK
    );
    drop(sandbox);
    drop(disk);
}
