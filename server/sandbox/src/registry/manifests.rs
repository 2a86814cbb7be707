//! Manifests: read, push, delete.
use super::{authorise::Caller, blocking, error::RegistryError};
use crate::{
    State,
    store::{Blobs, MAX_MANIFEST_BYTES, ManifestRecord, Reference, StoreError},
    tokens::scope::Need,
};
use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use drydock_domain::tag::{Digest, RepositoryName};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts};
use std::sync::Arc;

pub(super) const CONTENT_DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");
const OCI_SUBJECT: HeaderName = HeaderName::from_static("oci-subject");

pub(super) async fn answer(
    state: &Arc<State>,
    caller: &Caller,
    parts: &Parts,
    body: Body,
    repository: &RepositoryName,
    reference: &Reference,
) -> Result<Response, RegistryError> {
    match parts.method {
        Method::GET | Method::HEAD => {
            caller.require(&Need::pull(repository))?;
            get(state, parts, repository, reference).await
        }
        Method::PUT => {
            caller.require(&Need::push(repository))?;
            put(state, parts, body, repository, reference).await
        }
        Method::DELETE => {
            caller.require(&Need::delete(repository))?;
            delete(state, repository, reference).await
        }
        _ => Err(RegistryError::method_not_allowed(&parts.method)),
    }
}

async fn get(
    state: &Arc<State>,
    parts: &Parts,
    repository: &RepositoryName,
    reference: &Reference,
) -> Result<Response, RegistryError> {
    let record = state.registry.manifest_record(repository, reference)?;
    state.registry.check_readable(repository, reference)?;
    check_accepted(&parts.headers, &record, repository, reference)?;
    let headers = describe(&record);
    if parts.headers.get(header::IF_NONE_MATCH) == headers.get(header::ETAG) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    if parts.method == Method::HEAD {
        return Ok((headers, Body::empty()).into_response());
    }
    let (registry, repository) = (state.registry.clone(), repository.clone());
    let digest = Reference::Digest(record.digest);
    let manifest = blocking(move || registry.manifest(&repository, &digest)).await?;
    Ok((headers, manifest.content).into_response())
}

fn describe(record: &ManifestRecord) -> HeaderMap {
    let plain = |text: String| {
        HeaderValue::from_str(&text).expect("digests, sizes and known media types are plain ASCII")
    };
    HeaderMap::from_iter([
        (header::CONTENT_TYPE, plain(record.media_type.clone())),
        (header::CONTENT_LENGTH, plain(record.size_bytes.to_string())),
        (header::ETAG, plain(format!("\"{}\"", record.digest))),
        (CONTENT_DIGEST, digest_value(&record.digest)),
    ])
}

pub(super) fn digest_value(digest: &Digest) -> HeaderValue {
    HeaderValue::from_str(digest.as_str()).expect("a digest is plain ASCII")
}

/// A client that lists what it takes must not get anything else. One that lists nothing gets the
/// manifest as it is.
fn check_accepted(
    headers: &HeaderMap,
    record: &ManifestRecord,
    repository: &RepositoryName,
    reference: &Reference,
) -> Result<(), RegistryError> {
    let accepted = headers.get_all(header::ACCEPT).iter();
    let mut accepted = accepted
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|range| range.split(';').next().unwrap_or_default().trim())
        .filter(|range| !range.is_empty())
        .peekable();
    if accepted.peek().is_none() {
        return Ok(());
    }
    let stored = record.media_type.as_str();
    if accepted.any(|range| matches!(range, "*/*" | "application/*") || range == stored) {
        return Ok(());
    }
    Err(RegistryError::new(
        StatusCode::NOT_FOUND,
        "MANIFEST_UNKNOWN",
        format!(
            "the manifest '{reference}' in '{repository}' is a {stored}, which the request's Accept header does not list"
        ),
    ))
}

async fn put(
    state: &Arc<State>,
    parts: &Parts,
    body: Body,
    repository: &RepositoryName,
    reference: &Reference,
) -> Result<Response, RegistryError> {
    let media_type = parts.headers.get(header::CONTENT_TYPE);
    let media_type = media_type
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let media_type = media_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_owned();
    let content = super::receive::whole(body, MAX_MANIFEST_BYTES).await?;
    let (registry, repository_, reference) = (
        state.registry.clone(),
        repository.clone(),
        reference.clone(),
    );
    let pushed = blocking(move || {
        let blobs = Blobs::InRepository;
        registry.put_manifest(&repository_, &reference, &media_type, &content, blobs)
    })
    .await?;
    let location = format!("/v2/{repository}/manifests/{}", pushed.digest);
    let mut headers = HeaderMap::new();
    headers.insert(header::LOCATION, location_value(&location));
    headers.insert(CONTENT_DIGEST, digest_value(&pushed.digest));
    if let Some(subject) = &pushed.subject {
        headers.insert(OCI_SUBJECT, digest_value(subject));
    }
    Ok((StatusCode::CREATED, headers).into_response())
}

pub(super) fn location_value(path: &str) -> HeaderValue {
    HeaderValue::from_str(path).expect("names, ids and digests are plain ASCII")
}

/// By digest, the manifest goes with all its tags; by tag, the tag alone.
async fn delete(
    state: &Arc<State>,
    repository: &RepositoryName,
    reference: &Reference,
) -> Result<Response, RegistryError> {
    let (registry, repository, reference) = (
        state.registry.clone(),
        repository.clone(),
        reference.clone(),
    );
    blocking(move || match &reference {
        Reference::Digest(digest) => registry.delete_manifest(&repository, digest).map(drop),
        Reference::Tag(tag) => match registry.delete_tag(&repository, tag) {
            Err(StoreError::TagUnknown { repository, tag }) => Err(StoreError::ManifestUnknown {
                repository,
                reference: tag.into(),
            }),
            other => other,
        },
    })
    .await?;
    Ok(StatusCode::ACCEPTED.into_response())
}
