use super::manifest::sha256;
use super::{AcrClient, Descriptor, Scope};
use crate::AzureError;
use crate::wire::Call;
use azure_core::http::Method;
use drydock_domain::tag::{Digest, RepositoryName, Tag};

const PUSH: &str = "pull,push";

impl AcrClient {
    /// Uploads a small blob in one piece.
    pub async fn push_blob(
        &self,
        repository: &RepositoryName,
        media_type: &str,
        bytes: &[u8],
    ) -> Result<Descriptor, AzureError> {
        let what = format!("{repository}/blobs/uploads");
        let scope = Scope::Repository(repository, PUSH);
        let url = self.url(&format!("v2/{what}/"));
        let answer = self
            .send(Call::new(Method::Post, url, &what), &scope)
            .await?;
        // Relative, and with state of the registry's own in its query.
        let mut url = answer
            .header("location")
            .and_then(|location| self.own_url(location))
            .ok_or_else(|| {
                AzureError::internal(format!(
                    "{what}: the upload's address is not at this registry"
                ))
            })?;
        let digest = sha256(bytes);
        url.query_pairs_mut().append_pair("digest", &digest);
        let call =
            Call::new(Method::Put, url, &what).body("application/octet-stream", bytes.to_vec());
        self.send(call, &scope).await?;
        Ok(Descriptor {
            media_type: media_type.to_owned(),
            digest,
            size: bytes.len() as u64,
            ..Descriptor::default()
        })
    }

    /// Puts a manifest under a tag; answers with its digest.
    pub async fn put_manifest(
        &self,
        repository: &RepositoryName,
        tag: &Tag,
        media_type: &str,
        bytes: &[u8],
    ) -> Result<Digest, AzureError> {
        let what = format!("{repository}/manifests/{tag}");
        let url = self.url(&format!("v2/{what}"));
        let call = Call::new(Method::Put, url, &what).body(media_type, bytes.to_vec());
        let answer = self
            .send(call, &Scope::Repository(repository, PUSH))
            .await?;
        let digest = sha256(bytes);
        match answer.header("docker-content-digest") {
            Some(stored) if stored != digest => Err(AzureError::internal(format!(
                "{what}: the registry stored {stored} instead of {digest}"
            ))),
            _ => Ok(Digest::parse(&digest).expect("a SHA-256 in hexadecimal is a digest")),
        }
    }
}
