//! What a patch leaves beside the image: referrers that say what was done and what is left.
use super::vex;
use crate::store::{Blobs, OCI_MANIFEST, Reference, Registry, StoreError};
use drydock_domain::patch_report::{PATCH_REPORT_TYPE, PatchReport};
use drydock_domain::tag::{Digest, RepositoryName};
use drydock_patcher::{BlobInfo, BlobStore, TrivyReport};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// `artifactType` of a scan report in Trivy's JSON.
const SCAN_REPORT_TYPE: &str = "application/vnd.aquasecurity.trivy.report.v1+json";
const EMPTY_TYPE: &str = "application/vnd.oci.empty.v1+json";

/// The patched image.
pub struct Subject<'a> {
    pub repository: &'a RepositoryName,
    pub media_type: &'a str,
    pub digest: &'a Digest,
    pub size_bytes: usize,
}

/// Attaches the patch report, the scan of the patched image, and what was fixed as OpenVEX.
pub fn attach(
    registry: &Registry,
    subject: &Subject,
    report: &PatchReport,
    scan: &TrivyReport,
) -> Result<(), StoreError> {
    attach_document(
        registry,
        subject,
        PATCH_REPORT_TYPE,
        "patch-report.json",
        report,
    )?;
    attach_document(
        registry,
        subject,
        SCAN_REPORT_TYPE,
        "scan-report.json",
        scan,
    )?;
    match vex::document(report) {
        Some(document) => attach_document(registry, subject, vex::TYPE, "vex.json", &document),
        None => Ok(()),
    }
}

fn attach_document(
    registry: &Registry,
    subject: &Subject,
    artifact_type: &str,
    title: &str,
    document: &impl Serialize,
) -> Result<(), StoreError> {
    let document = serde_json::to_vec_pretty(document).map_err(std::io::Error::from)?;
    let config = registry.put(&mut &b"{}"[..])?;
    let layer = registry.put(&mut &document[..])?;
    let mut layer = descriptor(artifact_type, &layer);
    layer["annotations"] = json!({"org.opencontainers.image.title": title});
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "artifactType": artifact_type,
        "config": descriptor(EMPTY_TYPE, &config),
        "layers": [layer],
        "subject": {
            "mediaType": subject.media_type,
            "digest": subject.digest.to_string(),
            "size": subject.size_bytes,
        },
    });
    let manifest = serde_json::to_vec(&manifest).map_err(std::io::Error::from)?;
    let digest = format!("sha256:{}", hex::encode(Sha256::digest(&manifest)));
    let digest = Digest::parse(&digest).expect("a SHA-256 in hex is a digest");
    registry.put_manifest(
        subject.repository,
        &Reference::Digest(digest),
        OCI_MANIFEST,
        &manifest,
        Blobs::Anywhere,
    )?;
    Ok(())
}

fn descriptor(media_type: &str, blob: &BlobInfo) -> Value {
    json!({"mediaType": media_type, "digest": blob.digest, "size": blob.size_bytes})
}
