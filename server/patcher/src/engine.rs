//! The doors of this crate: scan an image, plan its patch, patch it.
use crate::image::Limits;
use crate::trivy::TrivyReport;
use crate::{Archive, ArchiveConfig, BlobStore, Job, PatchError};
use drydock_domain::patch_report::{ImageReference, PatchReport};
use std::path::PathBuf;

#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// For indexes, packages and changelogs, and for temporary files.
    pub cache_dir: PathBuf,
    pub archive: ArchiveConfig,
    pub limits: Limits,
}

/// Finds and fixes vulnerabilities. One for the process; calls may run at the same time.
pub struct Engine {
    archive: Archive,
    cache_dir: PathBuf,
    limits: Limits,
}

/// What a patch came to.
#[derive(Debug)]
pub enum PatchOutcome {
    /// Nothing can be upgraded: nothing was written.
    UpToDate { report: TrivyReport },
    /// A patched image, complete but for its tag: its blobs are in the store, and the caller
    /// puts the manifest.
    Patched {
        manifest: Vec<u8>,
        media_type: String,
        /// Of the manifest.
        digest: String,
        report: PatchReport,
        /// The scan of the patched image.
        scan: TrivyReport,
    },
}

impl Engine {
    pub fn new(config: EngineConfig) -> Result<Self, PatchError> {
        let archive = Archive::new(config.cache_dir.clone(), config.archive)?;
        Ok(Self {
            archive,
            cache_dir: config.cache_dir,
            limits: config.limits,
        })
    }

    /// The vulnerabilities that the archive has fixes for. An image without an operating
    /// system that we know has none, and the log says so.
    pub fn scan(
        &self,
        store: &dyn BlobStore,
        manifest: &[u8],
        artifact_name: &str,
        job: &Job,
    ) -> Result<TrivyReport, PatchError> {
        let _ = (
            store,
            manifest,
            artifact_name,
            job,
            &self.archive,
            &self.cache_dir,
            &self.limits,
        );
        Err(PatchError::Unsupported {
            what: "scanning".into(),
            why: "not written yet".into(),
        })
    }

    /// Scans, plans, fetches, applies, and scans the result.
    pub fn patch(
        &self,
        store: &dyn BlobStore,
        manifest: &[u8],
        origin: ImageReference,
        to_tag: &str,
        job: &Job,
    ) -> Result<PatchOutcome, PatchError> {
        let _ = (store, manifest, origin, to_tag, job);
        Err(PatchError::Unsupported {
            what: "patching".into(),
            why: "not written yet".into(),
        })
    }
}
