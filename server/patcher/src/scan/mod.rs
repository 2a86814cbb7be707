//! What an image has that the archive has fixes for.
pub mod findings;
pub mod ids;

use crate::archive::{AptSource, sources};
use crate::dpkg::Database;
use crate::image::{ImageManifest, ImageView, Limits};
use crate::system::System;
use crate::trivy::{Metadata, OS_PACKAGES, Os, ScanResult, TrivyReport, Vulnerability};
use crate::{BlobStore, Job, PatchError};
use serde_json::Value;
use std::path::Path;

/// An image and what it says of itself.
pub struct Subject<'a> {
    pub view: ImageView<'a>,
    pub manifest: ImageManifest,
    pub config: Value,
    pub system: Option<System>,
    pub database: Option<Database>,
}

impl<'a> Subject<'a> {
    pub fn read(
        store: &'a dyn BlobStore,
        manifest: &[u8],
        limits: &Limits,
        directory: &Path,
        job: &Job<'_>,
    ) -> Result<Self, PatchError> {
        let manifest = ImageManifest::parse(manifest, limits)?;
        let config = manifest.read_config(store, limits)?;
        let view = ImageView::read(store, &manifest, limits, directory, job)?;
        Self::new(view, manifest, config, job)
    }

    /// The image that was made from this one by further layers.
    pub fn succeeded_by(
        self,
        store: &dyn BlobStore,
        manifest: &[u8],
        limits: &Limits,
        directory: &Path,
        job: &Job<'_>,
    ) -> Result<Self, PatchError> {
        let manifest = ImageManifest::parse(manifest, limits)?;
        let config = manifest.read_config(store, limits)?;
        let view = self.view.extended(&manifest, limits, directory, job)?;
        Self::new(view, manifest, config, job)
    }

    fn new(
        view: ImageView<'a>,
        manifest: ImageManifest,
        config: Value,
        job: &Job<'_>,
    ) -> Result<Self, PatchError> {
        check_diff_ids(&view, &manifest, &config)?;
        let system = System::read(&view, job.now)?;
        let database = Database::read(&view)?;
        Ok(Self {
            view,
            manifest,
            config,
            system,
            database,
        })
    }

    /// System and database where this engine can look for updates; else why it cannot.
    pub fn patchable(&self) -> Result<(&System, &Database), String> {
        let Some(system) = &self.system else {
            return Err("the image does not say which operating system it holds".into());
        };
        if !system.release.is_debian_like() {
            let (family, name) = (&system.family, &system.name);
            return Err(format!(
                "{family} {name} is not one that the built-in scanner knows"
            ));
        }
        match &self.database {
            Some(database) => Ok((system, database)),
            None => Err("the image has no record of installed packages".into()),
        }
    }

    /// Where the image's own apt would fetch from.
    pub fn apt_sources(&self) -> Result<Vec<AptSource>, PatchError> {
        let parts = self.view.list("etc/apt/sources.list.d").into_iter();
        let parts = parts.filter(|name| name.ends_with(".list") || name.ends_with(".sources"));
        let parts = parts.map(|name| format!("etc/apt/sources.list.d/{name}"));
        let mut found = Vec::new();
        for path in ["etc/apt/sources.list".to_owned()].into_iter().chain(parts) {
            if let Some(text) = self.view.read_text(&path)? {
                found.extend(sources::parse(&path, &text));
            }
        }
        Ok(found)
    }

    pub fn report(
        &self,
        artifact_name: &str,
        findings: Vec<Vulnerability>,
        job: &Job<'_>,
    ) -> TrivyReport {
        let os = self.system.as_ref().map(|system| Os {
            family: system.family.clone(),
            name: system.name.clone(),
            eosl: system.end_of_life,
        });
        let results = match (&os, self.patchable()) {
            (Some(os), Ok(_)) => vec![ScanResult {
                target: format!("{artifact_name} ({} {})", os.family, os.name),
                class: OS_PACKAGES.into(),
                kind: os.family.clone(),
                vulnerabilities: findings,
            }],
            _ => Vec::new(),
        };
        TrivyReport {
            schema_version: 2,
            created_at: Some(job.now),
            artifact_name: artifact_name.to_owned(),
            artifact_type: "container_image".into(),
            metadata: Metadata {
                os,
                image_id: self.manifest.config.digest.clone(),
                diff_ids: self
                    .view
                    .diff_ids()
                    .into_iter()
                    .map(str::to_owned)
                    .collect(),
                repo_tags: vec![artifact_name.to_owned()],
                image_config: self.config.clone(),
            },
            results,
        }
    }
}

/// The configuration names each layer by its uncompressed digest; runtimes refuse an image where
/// one lies.
fn check_diff_ids(
    view: &ImageView<'_>,
    manifest: &ImageManifest,
    config: &Value,
) -> Result<(), PatchError> {
    let refuse = |why: String| {
        let what = format!("configuration {}", manifest.config.digest);
        Err(PatchError::Image { what, why })
    };
    let Some(stated) = config["rootfs"]["diff_ids"].as_array() else {
        return refuse("it has no list rootfs.diff_ids".into());
    };
    let real = view.diff_ids();
    if stated.len() != real.len() {
        return refuse(format!(
            "it lists {} layers where the manifest has {}",
            stated.len(),
            real.len()
        ));
    }
    for (at, (stated, real)) in stated.iter().zip(real).enumerate() {
        if stated.as_str() != Some(real) {
            return refuse(format!(
                "rootfs.diff_ids[{at}] is {stated}, but that layer unpacks to {real}"
            ));
        }
    }
    Ok(())
}
