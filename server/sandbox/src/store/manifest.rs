//! Reads a manifest as it is pushed: what it must be, and what it names.
use super::{Child, ManifestSummary};
use drydock_domain::tag::Digest;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The specification asks for at least this much, and more is refused here.
pub const MAX_MANIFEST_BYTES: usize = 4 * 1024 * 1024;

pub const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
pub const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";

/// A manifest that has the right shape.
#[derive(Debug)]
pub(super) struct Parsed {
    pub summary: ManifestSummary,
    /// Everything that has to be in the repository first.
    pub needs: Vec<NeededBlob>,
    /// The config, where the manifest describes an image and its platform is in there.
    pub image_config: Option<Digest>,
}

#[derive(Debug)]
pub(super) struct NeededBlob {
    /// `config`, `layer 2`, `manifest 0`.
    pub role: String,
    pub digest: Digest,
    pub size_bytes: u64,
    pub is_manifest: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    schema_version: u64,
    media_type: Option<String>,
    artifact_type: Option<String>,
    config: Option<Descriptor>,
    layers: Option<Vec<Descriptor>>,
    manifests: Option<Vec<Descriptor>>,
    subject: Option<Descriptor>,
    annotations: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    media_type: String,
    digest: String,
    size: u64,
    #[serde(default)]
    urls: Vec<String>,
    platform: Option<Platform>,
}

#[derive(Deserialize)]
struct Platform {
    architecture: Option<String>,
    os: Option<String>,
}

/// Checks a manifest's shape against its media type.
///
/// # Errors
/// A sentence that says what is wrong and where.
pub(super) fn parse(media_type: &str, bytes: &[u8]) -> Result<Parsed, String> {
    let is_index = match media_type {
        OCI_MANIFEST | DOCKER_MANIFEST => false,
        OCI_INDEX | DOCKER_LIST => true,
        other => {
            return Err(format!(
                "the media type '{other}' is not one of a manifest; push {OCI_MANIFEST}, {OCI_INDEX}, {DOCKER_MANIFEST} or {DOCKER_LIST}"
            ));
        }
    };
    let wire: Wire = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if wire.schema_version != 2 {
        return Err(format!(
            "schemaVersion is {}, and only 2 is supported",
            wire.schema_version
        ));
    }
    if let Some(inner) = wire
        .media_type
        .as_deref()
        .filter(|&inner| inner != media_type)
    {
        return Err(format!(
            "its mediaType is '{inner}', and it was sent as '{media_type}'"
        ));
    }
    if is_index {
        parse_index(wire)
    } else {
        parse_image(wire)
    }
}

fn parse_image(wire: Wire) -> Result<Parsed, String> {
    if wire.manifests.is_some() {
        return Err("it has 'manifests', which belong in an index".into());
    }
    let config = wire.config.ok_or("'config' is missing")?;
    let layers = wire.layers.ok_or("'layers' is missing")?;
    let described = std::iter::once(("config".to_owned(), &config)).chain(
        layers
            .iter()
            .enumerate()
            .map(|(position, layer)| (format!("layer {position}"), layer)),
    );
    let mut needs = Vec::new();
    let mut size = 0_u64;
    for (role, descriptor) in described {
        let digest = parse_digest(&role, &descriptor.digest)?;
        size = size.saturating_add(descriptor.size);
        if !is_foreign(descriptor) {
            needs.push(NeededBlob {
                role,
                digest,
                size_bytes: descriptor.size,
                is_manifest: false,
            });
        }
    }
    let image_config = is_image_config(&config.media_type)
        .then(|| parse_digest("config", &config.digest))
        .transpose()?;
    let summary = ManifestSummary {
        artifact_type: wire
            .artifact_type
            .or_else(|| Some(config.media_type.clone())),
        config_media_type: Some(config.media_type),
        subject: parse_subject(wire.subject)?,
        annotations: wire.annotations.unwrap_or_default(),
        image_size_bytes: size,
        blobs: needs.iter().map(|need| need.digest.clone()).collect(),
        ..Default::default()
    };
    Ok(Parsed {
        summary,
        needs,
        image_config,
    })
}

fn parse_index(wire: Wire) -> Result<Parsed, String> {
    if wire.config.is_some() || wire.layers.is_some() {
        return Err("it has 'config' or 'layers', which belong in an image's manifest".into());
    }
    let manifests = wire.manifests.ok_or("'manifests' is missing")?;
    let mut needs = Vec::new();
    let mut children = Vec::new();
    for (position, descriptor) in manifests.into_iter().enumerate() {
        let role = format!("manifest {position}");
        let digest = parse_digest(&role, &descriptor.digest)?;
        let platform = descriptor.platform;
        children.push(Child {
            digest: digest.clone(),
            architecture: platform.as_ref().and_then(|p| p.architecture.clone()),
            os: platform.and_then(|p| p.os),
        });
        needs.push(NeededBlob {
            role,
            digest,
            size_bytes: descriptor.size,
            is_manifest: true,
        });
    }
    let summary = ManifestSummary {
        artifact_type: wire.artifact_type,
        subject: parse_subject(wire.subject)?,
        annotations: wire.annotations.unwrap_or_default(),
        image_size_bytes: needs
            .iter()
            .map(|need| need.size_bytes)
            .fold(0, u64::saturating_add),
        children,
        ..Default::default()
    };
    Ok(Parsed {
        summary,
        needs,
        image_config: None,
    })
}

/// The platform that an image's config states.
pub(super) fn platform(config: &[u8]) -> (Option<String>, Option<String>) {
    match serde_json::from_slice::<Platform>(config) {
        Ok(platform) => (platform.architecture, platform.os),
        Err(_) => (None, None),
    }
}

fn parse_subject(subject: Option<Descriptor>) -> Result<Option<Digest>, String> {
    subject
        .map(|subject| parse_digest("subject", &subject.digest))
        .transpose()
}

fn parse_digest(role: &str, text: &str) -> Result<Digest, String> {
    let digest = Digest::parse(text).map_err(|error| format!("{role}: {error}"))?;
    match digest.algorithm() {
        "sha256" => Ok(digest),
        other => Err(format!(
            "{role}: {other} digests are not supported, only sha256"
        )),
    }
}

/// Layers that may not be distributed, or say where else they are, need not be here.
fn is_foreign(descriptor: &Descriptor) -> bool {
    !descriptor.urls.is_empty()
        || descriptor.media_type.contains(".nondistributable.")
        || descriptor.media_type.contains(".foreign.")
}

fn is_image_config(media_type: &str) -> bool {
    matches!(
        media_type,
        "application/vnd.oci.image.config.v1+json"
            | "application/vnd.docker.container.image.v1+json"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn digest(digit: char) -> String {
        format!("sha256:{}", digit.to_string().repeat(64))
    }

    fn layer(digit: char, size: u64) -> Value {
        json!({"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": digest(digit), "size": size})
    }

    fn image() -> Value {
        json!({
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest('a'), "size": 5},
            "layers": [layer('b', 7), layer('c', 11)],
            "subject": {"mediaType": OCI_MANIFEST, "digest": digest('d'), "size": 1},
        })
    }

    #[test]
    fn an_images_blobs_are_needed_in_order_and_its_subject_is_not() {
        let parsed = parse(OCI_MANIFEST, image().to_string().as_bytes()).unwrap();
        let roles: Vec<_> = parsed.needs.iter().map(|need| need.role.as_str()).collect();
        assert_eq!(roles, ["config", "layer 0", "layer 1"]);
        assert_eq!(parsed.summary.image_size_bytes, 23);
        assert_eq!(parsed.summary.subject.unwrap().as_str(), digest('d'));
        assert_eq!(parsed.image_config.unwrap().as_str(), digest('a'));
    }

    #[test]
    fn a_layer_that_may_not_be_distributed_is_not_needed() {
        let mut image = image();
        image["layers"][1]["mediaType"] =
            "application/vnd.oci.image.layer.nondistributable.v1.tar".into();
        let parsed = parse(OCI_MANIFEST, image.to_string().as_bytes()).unwrap();
        assert_eq!(parsed.needs.len(), 2);
    }

    #[test]
    fn each_wrong_shape_is_refused_with_its_reason() {
        let check = |media_type: &str, change: &dyn Fn(&mut Value), expected: &str| {
            let mut manifest = image();
            change(&mut manifest);
            let error = parse(media_type, manifest.to_string().as_bytes()).unwrap_err();
            assert!(
                error.contains(expected),
                "{error:?} does not say {expected:?}"
            );
        };
        check(
            "text/plain",
            &|_| {},
            "'text/plain' is not one of a manifest",
        );
        check(DOCKER_MANIFEST, &|_| {}, "it was sent as");
        check(
            OCI_MANIFEST,
            &|m| m["schemaVersion"] = 1.into(),
            "schemaVersion is 1",
        );
        check(
            OCI_MANIFEST,
            &|m| m["config"] = Value::Null,
            "'config' is missing",
        );
        check(
            OCI_MANIFEST,
            &|m| m["layers"] = Value::Null,
            "'layers' is missing",
        );
        check(
            OCI_MANIFEST,
            &|m| m["manifests"] = json!([]),
            "belong in an index",
        );
        check(
            OCI_MANIFEST,
            &|m| m["layers"][1]["digest"] = "sha256:1".into(),
            "layer 1: ",
        );
        check(
            OCI_MANIFEST,
            &|m| m["layers"][0]["size"] = (-1).into(),
            "invalid value",
        );
        let sha512 = format!("sha512:{}", "a".repeat(128));
        check(
            OCI_MANIFEST,
            &|m| m["config"]["digest"] = sha512.clone().into(),
            "only sha256",
        );
        let error = parse(OCI_MANIFEST, b"{").unwrap_err();
        assert!(error.contains("line 1"), "{error}");
    }

    #[test]
    fn an_index_needs_its_manifests_and_keeps_their_platforms() {
        let index = json!({
            "schemaVersion": 2,
            "manifests": [{"mediaType": OCI_MANIFEST, "digest": digest('e'), "size": 3,
                           "platform": {"architecture": "arm64", "os": "linux"}}],
        });
        let parsed = parse(OCI_INDEX, index.to_string().as_bytes()).unwrap();
        assert!(parsed.needs[0].is_manifest);
        assert_eq!(
            parsed.summary.children[0].architecture.as_deref(),
            Some("arm64")
        );
    }
}
