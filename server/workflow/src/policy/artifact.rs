//! The policy in the registry: `csscpolicies/patchpolicy:v1`, in the shape in which the az
//! extension pushes it.
use crate::{Answer, WorkflowError};
use drydock_azure::{AcrClient, Descriptor, Manifest};
use drydock_domain::policy::MAX_SIZE_BYTES;
use drydock_domain::tag::{Digest, RepositoryName, Tag};
use drydock_ledger::Entry;
use serde_json::json;

const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG_TYPE: &str = "application/vnd.unknown.config.v1+json";
/// It says tar and holds JSON; the service reads bytes, and other clients look for this type.
const LAYER_TYPE: &str = "application/vnd.oci.image.layer.v1.tar";
/// The name that a client which pulls the artifact gives to the file.
const FILE_NAME: &str = "continuouspatching.json";

pub(crate) fn repository() -> RepositoryName {
    RepositoryName::parse("csscpolicies/patchpolicy").expect("it follows the grammar")
}

pub(crate) fn tag() -> Tag {
    Tag::parse("v1").expect("it follows the grammar")
}

/// The manifest as deployed; `None` where there is none.
pub(crate) async fn find(acr: &AcrClient) -> Answer<Option<Manifest>> {
    Ok(acr.find_manifest(&repository(), tag().as_str()).await?)
}

/// The document, byte for byte: the last layer, as the service reads it.
pub(crate) async fn read(acr: &AcrClient, manifest: &Manifest) -> Answer<String> {
    let layer = manifest
        .image()
        .and_then(|image| image.layers.last().cloned());
    let digest = layer.and_then(|layer| Digest::parse(&layer.digest).ok());
    let Some(digest) = digest else {
        return Err(unreadable("its manifest names no layer"));
    };
    let bytes = acr.get_blob(&repository(), &digest, MAX_SIZE_BYTES).await?;
    String::from_utf8(bytes.to_vec()).map_err(|_| unreadable("it is not UTF-8"))
}

fn unreadable(why: &str) -> WorkflowError {
    WorkflowError::Invalid {
        field: "csscpolicies/patchpolicy:v1".into(),
        why: format!("{why}; push a policy again"),
    }
}

/// Pushes the document as it is; answers with the manifest's digest.
pub(crate) async fn push(_entry: &Entry, acr: &AcrClient, text: &str) -> Answer<Digest> {
    let repository = repository();
    let config = acr.push_blob(&repository, CONFIG_TYPE, b"{}").await?;
    let layer = acr
        .push_blob(&repository, LAYER_TYPE, text.as_bytes())
        .await?;
    let manifest = manifest(&config, &layer).to_string();
    Ok(acr
        .put_manifest(&repository, &tag(), MANIFEST_TYPE, manifest.as_bytes())
        .await?)
}

/// Points the tag at an earlier manifest again.
pub(crate) async fn restore(_entry: &Entry, acr: &AcrClient, manifest: &Manifest) -> Answer<()> {
    acr.put_manifest(&repository(), &tag(), &manifest.media_type, &manifest.bytes)
        .await?;
    Ok(())
}

/// Deletes the whole repository, old policies too; whether there was one.
pub(crate) async fn delete(_entry: &Entry, acr: &AcrClient) -> Answer<bool> {
    Ok(acr.delete_repository(&repository()).await?)
}

fn manifest(config: &Descriptor, layer: &Descriptor) -> serde_json::Value {
    json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "config": {"mediaType": config.media_type, "size": config.size, "digest": config.digest},
        "layers": [{
            "mediaType": layer.media_type,
            "size": layer.size,
            "digest": layer.digest,
            "annotations": {"org.opencontainers.image.title": FILE_NAME},
        }],
        "annotations": {},
    })
}
