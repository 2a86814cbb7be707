//! Layers, configuration and manifest of a sample image.
use super::SampleSink;
use super::layer::Layer;
use crate::PatchError;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

pub(super) const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG_TYPE: &str = "application/vnd.oci.image.config.v1+json";
const LAYER_TYPE: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// A layer that is in the store.
#[derive(Clone, Debug)]
pub(super) struct StoredLayer {
    descriptor: Value,
    diff_id: String,
    /// What it was made by, for the image's history.
    made_by: String,
}

pub(super) fn store_layer(
    sink: &dyn SampleSink,
    mut layer: Layer,
    made_by: String,
) -> Result<StoredLayer, PatchError> {
    let blob = sink
        .put(&mut layer.file)
        .map_err(PatchError::io("storing a sample's layer"))?;
    Ok(StoredLayer {
        descriptor: json!({
            "mediaType": LAYER_TYPE, "digest": blob.digest, "size": blob.size_bytes,
        }),
        diff_id: layer.diff_id,
        made_by,
    })
}

/// Stores the configuration, and returns the manifest's bytes. The same layers and date give
/// the same image.
pub(super) fn manifest(
    sink: &dyn SampleSink,
    layers: &[StoredLayer],
    architecture: &str,
    command: &[&str],
    date: DateTime<Utc>,
) -> Result<Vec<u8>, PatchError> {
    let created = date.to_rfc3339_opts(SecondsFormat::Secs, true);
    let diff_ids: Vec<_> = layers.iter().map(|layer| &layer.diff_id).collect();
    let history: Vec<_> = layers
        .iter()
        .map(|layer| json!({ "created": created, "created_by": layer.made_by }))
        .collect();
    let config = json!({
        "created": created,
        "architecture": architecture,
        "os": "linux",
        "config": {
            "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
            "Cmd": command,
        },
        "rootfs": { "type": "layers", "diff_ids": diff_ids },
        "history": history,
    });
    let config = bytes(&config);
    let blob = sink
        .put(&mut config.as_slice())
        .map_err(PatchError::io("storing a sample's configuration"))?;
    let descriptors: Vec<_> = layers.iter().map(|layer| &layer.descriptor).collect();
    Ok(bytes(&json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "config": { "mediaType": CONFIG_TYPE, "digest": blob.digest, "size": blob.size_bytes },
        "layers": descriptors,
        "annotations": { "org.opencontainers.image.created": created },
    })))
}

fn bytes(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).expect("a JSON value can be written")
}
