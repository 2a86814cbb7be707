use super::model::Descriptor;
use super::{AcrClient, Scope};
use crate::AzureError;
use crate::wire::{Answer, Call, refusal};
use azure_core::http::Method;
use bytes::Bytes;
use drydock_domain::tag::{Digest, RepositoryName};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use url::Url;

/// Every kind of manifest that a registry may hold; all are accepted, so that none is converted.
pub const MANIFEST_TYPES: [&str; 4] = [
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
];

/// The specification lets a registry refuse manifests above this.
const MANIFEST_LIMIT: usize = 4 << 20;

/// A manifest as stored, its digest verified.
#[derive(Clone, Debug)]
pub struct Manifest {
    pub digest: String,
    pub media_type: String,
    pub bytes: Bytes,
}

/// The members of an image manifest that lineage and reports need.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ImageManifest {
    pub config: Descriptor,
    pub layers: Vec<Descriptor>,
}

impl Manifest {
    /// `None` for an index, which has no layers of its own.
    pub fn image(&self) -> Option<ImageManifest> {
        let image: ImageManifest = serde_json::from_slice(&self.bytes).ok()?;
        (!image.layers.is_empty()).then_some(image)
    }
}

#[derive(Deserialize)]
struct Index {
    #[serde(default)]
    manifests: Option<Vec<Descriptor>>,
}

impl AcrClient {
    /// `reference` is a tag or a digest; `None` where there is no such manifest.
    pub async fn find_manifest(
        &self,
        repository: &RepositoryName,
        reference: &str,
    ) -> Result<Option<Manifest>, AzureError> {
        let what = format!("{repository}/manifests/{reference}");
        let url = self.url(&format!("v2/{what}"));
        let call = Call::new(Method::Get, url, &what)
            .header("accept", MANIFEST_TYPES.join(", "))
            .limit(MANIFEST_LIMIT);
        let answer = match self
            .send(call, &Scope::Repository(repository, "pull"))
            .await
        {
            Ok(answer) => answer,
            Err(AzureError::NotFound(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let digest = sha256(&answer.body);
        let claimed = answer.header("docker-content-digest").unwrap_or(&digest);
        let expected = if reference.contains(':') {
            reference
        } else {
            claimed
        };
        if digest != expected || digest != claimed {
            return Err(AzureError::internal(format!(
                "{what}: the registry sent other bytes ({digest}) than its digest says ({expected})"
            )));
        }
        let media_type = answer
            .header("content-type")
            .and_then(|value| value.split(';').next())
            .unwrap_or(MANIFEST_TYPES[0])
            .trim()
            .to_owned();
        Ok(Some(Manifest {
            digest,
            media_type,
            bytes: answer.body,
        }))
    }

    /// A small blob, whole: verified against `digest`, refused above `limit` bytes.
    pub async fn get_blob(
        &self,
        repository: &RepositoryName,
        digest: &Digest,
        limit: usize,
    ) -> Result<Bytes, AzureError> {
        let what = format!("{repository}/blobs/{digest}");
        let url = self.url(&format!("v2/{what}"));
        let scope = Scope::Repository(repository, "pull");
        let mut answer = self
            .ask(Call::new(Method::Get, url, &what).limit(limit), &scope)
            .await?;
        if matches!(answer.status, 301 | 302 | 303 | 307 | 308) {
            answer = self.redirected_blob(&answer, &what, limit).await?;
        }
        if answer.status != 200 {
            return Err(refusal(&format!("GET {what}"), &answer));
        }
        let actual = sha256(&answer.body);
        if actual == digest.as_str() {
            Ok(answer.body)
        } else {
            Err(AzureError::internal(format!(
                "{what}: the registry sent other bytes, with digest {actual}"
            )))
        }
    }

    /// Blob storage: the link itself is the permission, and the registry's token stays here.
    async fn redirected_blob(
        &self,
        answer: &Answer,
        what: &str,
        limit: usize,
    ) -> Result<Answer, AzureError> {
        let target = self.blob_target(answer, what)?;
        let call = Call::new(Method::Get, target, what).limit(limit);
        self.wire.ask(&call).await
    }

    pub(super) fn blob_target(&self, answer: &Answer, what: &str) -> Result<Url, AzureError> {
        let target = answer
            .header("location")
            .and_then(|location| self.base.join(location).ok())
            .filter(|url| url.scheme() == "https");
        target.ok_or_else(|| {
            AzureError::internal(format!("{what}: redirected to no address of a server"))
        })
    }

    /// A small JSON document in a blob.
    pub async fn get_json_blob<T: DeserializeOwned>(
        &self,
        repository: &RepositoryName,
        digest: &Digest,
        limit: usize,
    ) -> Result<T, AzureError> {
        let bytes = self.get_blob(repository, digest, limit).await?;
        serde_json::from_slice(&bytes)
            .map_err(|source| AzureError::decode(format!("{repository}/blobs/{digest}"), source))
    }

    /// Manifests whose `subject` is `digest`, of one artifact type.
    pub async fn list_referrers(
        &self,
        repository: &RepositoryName,
        digest: &Digest,
        artifact_type: &str,
    ) -> Result<Vec<Descriptor>, AzureError> {
        let found = self.referrers(repository, digest, Some(artifact_type));
        let mut referrers = found.await?;
        // A registry may ignore the filter.
        referrers.retain(|found| found.artifact_type.as_deref() == Some(artifact_type));
        Ok(referrers)
    }

    /// Manifests whose `subject` is `digest`, of every type.
    pub async fn list_attachments(
        &self,
        repository: &RepositoryName,
        digest: &Digest,
    ) -> Result<Vec<Descriptor>, AzureError> {
        self.referrers(repository, digest, None).await
    }

    async fn referrers(
        &self,
        repository: &RepositoryName,
        digest: &Digest,
        artifact_type: Option<&str>,
    ) -> Result<Vec<Descriptor>, AzureError> {
        let what = format!("{repository}/referrers/{digest}");
        let mut url: Url = self.url(&format!("v2/{what}"));
        if let Some(artifact_type) = artifact_type {
            let mut query = url.query_pairs_mut();
            query.append_pair("artifactType", artifact_type);
        }
        let scope = Scope::Repository(repository, "pull");
        let index: Index = match self.get(url, &what, &scope).await {
            Ok(answer) => answer.json(&what)?,
            // A registry without the referrers API has no referrers to list.
            Err(AzureError::NotFound(_)) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        Ok(index.manifests.unwrap_or_default())
    }
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}
