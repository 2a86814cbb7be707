//! Copies an image: its manifests, and the blobs that are not here yet.
use super::ImportError;
use super::client::{Credentials, Source};
use crate::State;
use crate::store::{Blobs, MAX_MANIFEST_BYTES, Missing, Reference, Registry, StoreError};
use drydock_domain::tag::{Digest, RepositoryName, Tag};
use reqwest::header::CONTENT_TYPE;
use std::io::Write;
use std::sync::Arc;

/// What is imported, where from and where to.
pub struct Import {
    pub origin: Origin,
    /// `v1`, or a digest.
    pub reference: Reference,
    pub tags: Vec<(RepositoryName, Tag)>,
    /// Where the image is to be without a tag.
    pub untagged: Vec<RepositoryName>,
}

pub enum Origin {
    /// A repository of this registry.
    Here(RepositoryName),
    Elsewhere {
        registry: String,
        repository: RepositoryName,
        /// User and password.
        credentials: Option<(String, String)>,
    },
}

struct Fetched {
    media_type: String,
    content: Vec<u8>,
}

/// Indexes of indexes are rare, and endless ones are an attack.
const MAX_DEPTH: u8 = 4;
/// Chunks are gathered up to this size before a thread is asked to write them.
const WRITE_BYTES: usize = 1 << 20;

impl Import {
    /// # Errors
    /// The source cannot be read, what it sends is not what it promised, or the store failed. What
    /// has come in by then stays without a tag.
    pub async fn carry_out(self, state: &Arc<State>) -> Result<(), ImportError> {
        let mut targets: Vec<&RepositoryName> = self.tags.iter().map(|(name, _)| name).collect();
        targets.extend(&self.untagged);
        targets.dedup();
        let mut source = match &self.origin {
            Origin::Here(repository) => Reader::Here(state.registry.clone(), repository.clone()),
            Origin::Elsewhere {
                registry,
                repository,
                credentials,
            } => {
                let credentials = credentials
                    .clone()
                    .map(|(username, password)| Credentials { username, password });
                Reader::Elsewhere(Source::open(registry, repository, credentials).await?)
            }
        };
        let image = source.manifest(&self.reference).await?;
        for target in targets {
            bring(state, &mut source, target, &image, MAX_DEPTH).await?;
        }
        for (repository, tag) in self.tags {
            put(state, &repository, Reference::Tag(tag), &image).await?;
        }
        Ok(())
    }
}

/// Puts a manifest under its digest. The store says what it names and does not have; that comes
/// first, and then the manifest again.
async fn bring(
    state: &Arc<State>,
    source: &mut Reader,
    target: &RepositoryName,
    image: &Fetched,
    depth: u8,
) -> Result<(), ImportError> {
    let digest = image.digest();
    let by_digest = || Reference::Digest(digest.clone());
    let missing = match put(state, target, by_digest(), image).await {
        Err(ImportError::Store(StoreError::ContentMissing { missing, .. })) => missing,
        result => return result,
    };
    let is_index = image.is_index();
    for Missing { digest, .. } in missing {
        if !is_index {
            source.blob(state, target, &digest).await?;
            continue;
        }
        let depth = depth.checked_sub(1).ok_or(ImportError::TooDeep)?;
        let child = source.manifest(&Reference::Digest(digest)).await?;
        Box::pin(bring(state, source, target, &child, depth)).await?;
    }
    put(state, target, by_digest(), image).await
}

async fn put(
    state: &Arc<State>,
    target: &RepositoryName,
    reference: Reference,
    image: &Fetched,
) -> Result<(), ImportError> {
    let (registry, target) = (state.registry.clone(), target.clone());
    let (media_type, content) = (image.media_type.clone(), image.content.clone());
    let put =
        move || registry.put_manifest(&target, &reference, &media_type, &content, Blobs::Anywhere);
    tokio::task::spawn_blocking(put).await??;
    Ok(())
}

enum Reader {
    Here(Arc<Registry>, RepositoryName),
    Elsewhere(Source),
}

impl Reader {
    async fn manifest(&mut self, reference: &Reference) -> Result<Fetched, ImportError> {
        match self {
            Self::Here(registry, repository) => {
                let found = registry.manifest(repository, reference)?;
                Ok(Fetched {
                    media_type: found.record.media_type,
                    content: found.content,
                })
            }
            Self::Elsewhere(source) => {
                let response = source.get(&format!("manifests/{reference}")).await?;
                let media_type = response.headers().get(CONTENT_TYPE);
                let media_type = media_type.and_then(|value| value.to_str().ok());
                let media_type = media_type.unwrap_or_default().split(';').next();
                let media_type = media_type.unwrap_or_default().trim().to_owned();
                let content = source
                    .read(response, "the manifest", MAX_MANIFEST_BYTES)
                    .await?;
                Ok(Fetched {
                    media_type,
                    content,
                })
            }
        }
    }

    async fn blob(
        &mut self,
        state: &Arc<State>,
        target: &RepositoryName,
        digest: &Digest,
    ) -> Result<(), ImportError> {
        match self {
            // What is in the store anywhere is given to the target by the manifest that names it.
            Self::Here(_, repository) => Err(StoreError::BlobUnknown {
                repository: repository.clone(),
                digest: digest.clone(),
            }
            .into()),
            Self::Elsewhere(source) => stream(state, source, target, digest).await,
        }
    }
}

/// Writes a blob as it arrives; the store keeps it only when it has the digest.
async fn stream(
    state: &Arc<State>,
    source: &mut Source,
    target: &RepositoryName,
    digest: &Digest,
) -> Result<(), ImportError> {
    let mut response = source.get(&format!("blobs/{digest}")).await?;
    let mut upload = state.registry.begin_blob()?;
    let mut gathered = Vec::with_capacity(WRITE_BYTES);
    loop {
        let chunk = source.chunk(&mut response).await?;
        let is_last = chunk.is_none();
        gathered.extend_from_slice(&chunk.unwrap_or_default());
        if is_last || gathered.len() >= WRITE_BYTES {
            let piece = std::mem::take(&mut gathered);
            let write = move || upload.write_all(&piece).map(|()| upload);
            let written = tokio::task::spawn_blocking(write).await?;
            upload = written.map_err(StoreError::from)?;
        }
        if is_last {
            break;
        }
    }
    let (registry, target, digest) = (state.registry.clone(), target.clone(), digest.clone());
    let finish = move || registry.finish_blob(&target, upload, &digest);
    tokio::task::spawn_blocking(finish).await??;
    Ok(())
}

impl Fetched {
    fn digest(&self) -> Digest {
        use sha2::{Digest as _, Sha256};
        let digest = format!("sha256:{}", hex::encode(Sha256::digest(&self.content)));
        Digest::parse(&digest).expect("a SHA-256 in hex is a digest")
    }

    fn is_index(&self) -> bool {
        let parsed: Result<serde_json::Value, _> = serde_json::from_slice(&self.content);
        parsed.is_ok_and(|manifest| manifest.get("manifests").is_some())
    }
}
