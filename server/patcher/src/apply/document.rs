//! The patched image's configuration and manifest: the original's with one layer more.
use crate::apply::NewLayer;
use crate::image::{Descriptor, ImageManifest};
use crate::{BlobStore, PatchError};
use chrono::{DateTime, SecondsFormat, Utc};
use drydock_domain::patch_report::{ImageReference, PackageChange};
use serde_json::{Value, json};

/// `drydock 0.1.0`.
pub const TOOL: &str = concat!("drydock ", env!("CARGO_PKG_VERSION"));

/// Stores the new configuration. Fields that nobody here knows stay as they are.
pub fn put_config(
    mut config: Value,
    original: &ImageManifest,
    layer: &NewLayer,
    upgrades: &[PackageChange],
    store: &dyn BlobStore,
    now: DateTime<Utc>,
) -> Result<Descriptor, PatchError> {
    let refuse = |why: &str| PatchError::Image {
        what: format!("configuration {}", original.config.digest),
        why: why.to_owned(),
    };
    let diff_ids = config["rootfs"]["diff_ids"].as_array_mut();
    let diff_ids = diff_ids.ok_or_else(|| refuse("it has no list rootfs.diff_ids"))?;
    diff_ids.push(json!(layer.diff_id));
    let created = timestamp(now);
    let packages: Vec<String> = upgrades
        .iter()
        .map(|one| format!("{}={}", one.package, one.new))
        .collect();
    let entry = json!({
        "created": created,
        "created_by": format!("{TOOL} patch: {}", packages.join(" ")),
        "comment": "drydock",
    });
    match config.get_mut("history").and_then(Value::as_array_mut) {
        Some(history) => history.push(entry),
        // History without the earlier layers would not add up; an empty one is left out.
        None if original.layers.is_empty() => config["history"] = json!([entry]),
        None => {}
    }
    config["created"] = json!(created);
    let bytes = serde_json::to_vec(&config).expect("a JSON value can be written");
    let blob = store
        .put(&mut bytes.as_slice())
        .map_err(PatchError::io("storing the configuration"))?;
    let media_type = original.config.media_type.clone();
    Ok(Descriptor {
        media_type,
        digest: blob.digest,
        size_bytes: blob.size_bytes,
    })
}

/// The new manifest's bytes.
pub fn manifest(
    original: &ImageManifest,
    config: &Descriptor,
    layer: &NewLayer,
    origin: &ImageReference,
    to_tag: &str,
    now: DateTime<Utc>,
) -> Vec<u8> {
    let mut document = original.document.clone();
    document["config"]["digest"] = json!(config.digest);
    document["config"]["size"] = json!(config.size_bytes);
    if let Some(layers) = document["layers"].as_array_mut() {
        layers.push(json!({
            "mediaType": original.layer_media_type(),
            "digest": layer.blob.digest,
            "size": layer.blob.size_bytes,
        }));
    }
    // Docker's manifests have no annotations.
    if !original.is_docker() {
        annotate(&mut document, origin, to_tag, now);
    }
    serde_json::to_vec_pretty(&document).expect("a JSON value can be written")
}

fn annotate(document: &mut Value, origin: &ImageReference, to_tag: &str, now: DateTime<Utc>) {
    if !document["annotations"].is_object() {
        document["annotations"] = json!({});
    }
    let annotations = &mut document["annotations"];
    let version = "org.opencontainers.image.version";
    if let Some(old) = annotations[version].as_str() {
        let contained = to_tag.contains(old);
        annotations[version] = if contained {
            json!(to_tag)
        } else {
            json!(format!("{old}-{to_tag}"))
        };
    }
    annotations["org.opencontainers.image.created"] = json!(timestamp(now));
    annotations["sh.copa.image.patched"] = json!(timestamp(now));
    annotations["sh.copa.patch.origin.kind"] = json!("image");
    annotations["sh.copa.patch.origin.name"] =
        json!(format!("{}:{}", origin.repository, origin.tag));
    annotations["sh.copa.patch.origin.digest"] = json!(origin.digest);
}

fn timestamp(now: DateTime<Utc>) -> String {
    now.to_rfc3339_opts(SecondsFormat::Secs, true)
}
