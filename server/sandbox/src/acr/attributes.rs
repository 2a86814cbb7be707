//! The shapes in which ACR tells about tags and manifests.
use crate::store::{ManifestRecord, TagRecord};
use chrono::{DateTime, Utc};
use drydock_domain::tag::Tag;
use serde_json::{Value, json};

/// `2025-04-22T21:54:33.0512957Z`: up to seven digits of a second, without trailing zeros.
pub(super) fn time(at: DateTime<Utc>) -> String {
    let ticks = format!("{:07}", at.timestamp_subsec_nanos() / 100);
    let seconds = at.format("%Y-%m-%dT%H:%M:%S");
    match ticks.trim_end_matches('0') {
        "" => format!("{seconds}Z"),
        fraction => format!("{seconds}.{fraction}Z"),
    }
}

pub(super) fn tag(record: &TagRecord) -> Value {
    json!({
        "name": record.name,
        "digest": record.digest,
        "createdTime": time(record.created_at),
        "lastUpdateTime": time(record.updated_at),
        "signed": false,
        "changeableAttributes": record.attributes,
    })
}

/// With `references` for an index; without a platform for whatever has none.
pub(super) fn manifest(record: &ManifestRecord, tags: &[Tag]) -> Value {
    let summary = &record.summary;
    let mut manifest = json!({
        "digest": record.digest,
        "imageSize": summary.image_size_bytes,
        "createdTime": time(record.created_at),
        "lastUpdateTime": time(record.updated_at),
    });
    insert(
        &mut manifest,
        "architecture",
        summary.architecture.as_deref(),
    );
    insert(&mut manifest, "os", summary.os.as_deref());
    insert(&mut manifest, "mediaType", Some(&record.media_type));
    insert(
        &mut manifest,
        "configMediaType",
        summary.config_media_type.as_deref(),
    );
    if !tags.is_empty() {
        manifest["tags"] = json!(tags);
    }
    manifest["changeableAttributes"] = json!(record.attributes);
    if !summary.children.is_empty() {
        let references = summary.children.iter().map(|child| {
            let mut reference = json!({ "digest": child.digest });
            insert(
                &mut reference,
                "architecture",
                child.architecture.as_deref(),
            );
            insert(&mut reference, "os", child.os.as_deref());
            reference
        });
        manifest["references"] = references.collect();
    }
    manifest
}

fn insert(object: &mut Value, key: &str, value: Option<&str>) {
    if let Some(value) = value {
        object[key] = value.into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_seven_digits_at_most_and_no_trailing_zeros() {
        let check = |nanos: u32, expected: &str| {
            let at = DateTime::from_timestamp(1_745_358_873, nanos).unwrap();
            assert_eq!(time(at), expected);
        };
        check(51_295_799, "2025-04-22T21:54:33.0512957Z");
        check(51_000_000, "2025-04-22T21:54:33.051Z");
        check(0, "2025-04-22T21:54:33Z");
    }
}
