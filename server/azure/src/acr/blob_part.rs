use super::{AcrClient, Scope};
use crate::AzureError;
use crate::wire::{Call, refusal};
use azure_core::http::Method;
use bytes::Bytes;
use drydock_domain::tag::{Digest, RepositoryName};
use url::Url;

impl AcrClient {
    /// A part of a blob from byte `from` on, `length` bytes of it or fewer where it ends before.
    /// The digest is for who has the whole blob to verify.
    pub async fn get_blob_part(
        &self,
        repository: &RepositoryName,
        digest: &Digest,
        from: u64,
        length: usize,
    ) -> Result<Bytes, AzureError> {
        let what = format!("{repository}/blobs/{digest}");
        let range = format!("bytes={from}-{}", from + length as u64 - 1);
        let call = |url: Url| {
            Call::new(Method::Get, url, &what)
                .header("range", range.clone())
                .limit(length)
        };
        let url = self.url(&format!("v2/{what}"));
        let scope = Scope::Repository(repository, "pull");
        let mut answer = self.ask(call(url), &scope).await?;
        if matches!(answer.status, 301 | 302 | 303 | 307 | 308) {
            let target = self.blob_target(&answer, &what)?;
            // The link itself is the permission, and the registry's token stays here.
            answer = self.wire.ask(&call(target)).await?;
        }
        match answer.status {
            206 => Ok(answer.body),
            // A server that knows no ranges: good where the whole is what was asked for.
            200 if from == 0 => Ok(answer.body),
            200 => Err(AzureError::internal(format!(
                "GET {what}: its storage sends no parts of a blob"
            ))),
            _ => Err(refusal(&format!("GET {what}"), &answer)),
        }
    }
}
