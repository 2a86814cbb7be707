//! Image manifests and configurations of OCI and of Docker's schema 2, kept as JSON so that
//! fields nobody here knows survive. <https://github.com/opencontainers/image-spec>
use crate::image::{Limits, stream::VerifyingReader};
use crate::{BlobStore, PatchError};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::io::{self, Read};

pub const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub const OCI_LAYER_GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
pub const OCI_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
pub const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
pub const DOCKER_LAYER_GZIP: &str = "application/vnd.docker.image.rootfs.diff.tar.gzip";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descriptor {
    pub media_type: String,
    /// `sha256:…`, checked for form.
    pub digest: String,
    pub size_bytes: u64,
}

/// A manifest of one platform's image.
#[derive(Clone, Debug)]
pub struct ImageManifest {
    pub document: Value,
    /// `sha256:…` of the document's bytes.
    pub digest: String,
    pub config: Descriptor,
    /// Lowest first.
    pub layers: Vec<Descriptor>,
}

impl ImageManifest {
    /// Reads a manifest. An index of several platforms is refused with the list of them.
    pub fn parse(bytes: &[u8], limits: &Limits) -> Result<Self, PatchError> {
        let digest = sha256(bytes);
        let refuse = |why: String| PatchError::Image {
            what: format!("manifest {digest}"),
            why,
        };
        if bytes.len() as u64 > limits.document_bytes {
            return Err(refuse(format!(
                "it is larger than {} bytes",
                limits.document_bytes
            )));
        }
        let document: Value = serde_json::from_slice(bytes)
            .map_err(|error| refuse(format!("it is not JSON: {error}")))?;
        if let Some(platforms) = platforms_of_index(&document) {
            return Err(PatchError::Unsupported {
                what: format!("{digest}, an index of {}", platforms.join(", ")),
                why: "patch one platform's image: name its manifest by digest".into(),
            });
        }
        let config =
            descriptor(&document["config"]).map_err(|why| refuse(format!("config: {why}")))?;
        let listed = document["layers"].as_array().ok_or_else(|| {
            refuse(
                "it has no list of layers: only OCI images and Docker's schema 2 can be read"
                    .into(),
            )
        })?;
        if listed.len() > limits.layers {
            return Err(refuse(format!(
                "it has {} layers, over {}",
                listed.len(),
                limits.layers
            )));
        }
        let layers = listed
            .iter()
            .enumerate()
            .map(|(at, layer)| {
                descriptor(layer).map_err(|why| refuse(format!("layers[{at}]: {why}")))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            document,
            digest,
            config,
            layers,
        })
    }

    /// Is it in Docker's media types rather than OCI's?
    pub fn is_docker(&self) -> bool {
        self.document["mediaType"] == DOCKER_MANIFEST
            || self
                .config
                .media_type
                .starts_with("application/vnd.docker.")
    }

    pub fn media_type(&self) -> &'static str {
        if self.is_docker() {
            DOCKER_MANIFEST
        } else {
            OCI_MANIFEST
        }
    }

    pub fn layer_media_type(&self) -> &'static str {
        if self.is_docker() {
            DOCKER_LAYER_GZIP
        } else {
            OCI_LAYER_GZIP
        }
    }

    /// The configuration, its digest verified.
    pub fn read_config(&self, store: &dyn BlobStore, limits: &Limits) -> Result<Value, PatchError> {
        let what = format!("configuration {}", self.config.digest);
        let refuse = |why: String| PatchError::Image {
            what: what.clone(),
            why,
        };
        if self.config.media_type == "application/vnd.oci.empty.v1+json" {
            return Err(refuse("this is an artifact, not an image".into()));
        }
        let blob = store
            .open(&self.config.digest)
            .map_err(|error| open_failed(&what, error))?;
        let mut reader = VerifyingReader::new(blob, &self.config);
        let mut bytes = Vec::new();
        let read = reader
            .by_ref()
            .take(limits.document_bytes + 1)
            .read_to_end(&mut bytes);
        read.map_err(|error| refuse(error.to_string()))?;
        if bytes.len() as u64 > limits.document_bytes {
            return Err(refuse(format!(
                "it is larger than {} bytes",
                limits.document_bytes
            )));
        }
        let config: Value = serde_json::from_slice(&bytes)
            .map_err(|error| refuse(format!("it is not JSON: {error}")))?;
        if !config.is_object() {
            return Err(refuse("it is not a JSON object".into()));
        }
        Ok(config)
    }
}

/// `sha256:…` of bytes.
pub fn sha256(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}

/// A blob that is not there is the image's fault, anything else the store's.
pub(crate) fn open_failed(what: &str, error: io::Error) -> PatchError {
    if error.kind() == io::ErrorKind::NotFound {
        let why = "the registry has no such blob: push the image again".into();
        return PatchError::Image {
            what: what.to_owned(),
            why,
        };
    }
    PatchError::Io {
        what: format!("opening {what}"),
        cause: error,
    }
}

fn platforms_of_index(document: &Value) -> Option<Vec<String>> {
    let children = document["manifests"].as_array()?;
    let name = |child: &Value| {
        let platform = &child["platform"];
        let word = |key: &str| platform[key].as_str().unwrap_or("unknown").to_owned();
        format!("{}/{}", word("os"), word("architecture"))
    };
    Some(children.iter().map(name).collect())
}

fn descriptor(value: &Value) -> Result<Descriptor, String> {
    let digest = value["digest"].as_str().ok_or("it has no digest")?;
    let hexadecimal = digest
        .strip_prefix("sha256:")
        .ok_or_else(|| format!("the digest {digest:?} is not of sha256"))?;
    let lower_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if hexadecimal.len() != 64 || !hexadecimal.bytes().all(lower_hex) {
        return Err(format!("{digest:?} is not a digest"));
    }
    Ok(Descriptor {
        media_type: value["mediaType"].as_str().unwrap_or_default().to_owned(),
        digest: digest.to_owned(),
        size_bytes: value["size"].as_u64().ok_or("it has no size")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refusal(document: &Value) -> String {
        let bytes = serde_json::to_vec(document).unwrap();
        ImageManifest::parse(&bytes, &Limits::default())
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn an_index_is_refused_with_its_platforms() {
        let message = refusal(&json!({"manifests": [
            {"platform": {"os": "linux", "architecture": "amd64"}},
            {"platform": {"os": "linux", "architecture": "arm64"}}]}));
        assert!(message.contains("linux/amd64, linux/arm64"), "{message}");
    }

    #[test]
    fn a_digest_that_is_none_names_its_place() {
        let good = json!({"digest": sha256(b""), "size": 0});
        let message =
            refusal(&json!({"config": good, "layers": [{"digest": "sha256:../..", "size": 1}]}));
        assert!(
            message.contains("layers[0]") && message.contains("not a digest"),
            "{message}"
        );
    }

    #[test]
    fn what_is_no_image_manifest_says_so() {
        assert!(refusal(&json!({"schemaVersion": 1})).contains("config: it has no digest"));
        let bytes = b"{\"config\"";
        let error = ImageManifest::parse(bytes, &Limits::default()).unwrap_err();
        assert!(error.to_string().contains("not JSON"));
    }
}
