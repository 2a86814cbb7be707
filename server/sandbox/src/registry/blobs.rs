//! Blobs: read and delete.
use super::{
    authorise::Caller,
    blocking,
    error::RegistryError,
    manifests::{CONTENT_DIGEST, digest_value},
    send::{self, Asked},
};
use crate::{State, store::StoredBlob, tokens::scope::Need};
use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use drydock_domain::tag::{Digest, RepositoryName};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts};
use std::{ops::Range, sync::Arc};

pub(super) async fn answer(
    state: &Arc<State>,
    caller: &Caller,
    parts: &Parts,
    repository: &RepositoryName,
    digest: &Digest,
) -> Result<Response, RegistryError> {
    let (registry, name, wanted) = (state.registry.clone(), repository.clone(), digest.clone());
    match parts.method {
        Method::GET | Method::HEAD => {
            caller.require(&Need::pull(repository))?;
            let blob = blocking(move || registry.blob(&name, &wanted)).await?;
            send_blob(parts, digest, blob)
        }
        Method::DELETE => {
            caller.require(&Need::delete(repository))?;
            blocking(move || registry.delete_blob(&name, &wanted)).await?;
            Ok(StatusCode::ACCEPTED.into_response())
        }
        _ => Err(RegistryError::method_not_allowed(&parts.method)),
    }
}

/// From our own disk. A registry in Azure answers 307 with an address of its storage; that would
/// be decided here.
fn send_blob(parts: &Parts, digest: &Digest, blob: StoredBlob) -> Result<Response, RegistryError> {
    let size = blob.size_bytes;
    let mut headers = describe(digest, size);
    if parts.headers.get(header::IF_NONE_MATCH) == headers.get(header::ETAG) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    if parts.method == Method::HEAD {
        return Ok((headers, Body::empty()).into_response());
    }
    let range = parts.headers.get(header::RANGE);
    match send::parse_range(range.and_then(|value| value.to_str().ok()), size) {
        Asked::Whole => Ok((headers, send::body(blob.file, 0..size)).into_response()),
        Asked::OutOfFile => Err(out_of_range(digest, size)),
        Asked::Part(part) => {
            let length = part.end - part.start;
            headers.insert(header::CONTENT_LENGTH, length.into());
            headers.insert(header::CONTENT_RANGE, content_range(&part, size));
            let body = send::body(blob.file, part);
            Ok((StatusCode::PARTIAL_CONTENT, headers, body).into_response())
        }
    }
}

fn describe(digest: &Digest, size: u64) -> HeaderMap {
    let tag = HeaderValue::from_str(&format!("\"{digest}\"")).expect("a digest is plain ASCII");
    HeaderMap::from_iter([
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/octet-stream"),
        ),
        (header::CONTENT_LENGTH, size.into()),
        (header::ACCEPT_RANGES, HeaderValue::from_static("bytes")),
        // A blob is its digest: it never changes.
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("max-age=31536000"),
        ),
        (header::ETAG, tag),
        (CONTENT_DIGEST, digest_value(digest)),
    ])
}

fn content_range(part: &Range<u64>, size: u64) -> HeaderValue {
    let range = format!("bytes {}-{}/{size}", part.start, part.end - 1);
    HeaderValue::from_str(&range).expect("numbers are plain ASCII")
}

fn out_of_range(digest: &Digest, size: u64) -> RegistryError {
    let value = HeaderValue::from_str(&format!("bytes */{size}")).expect("a number is plain ASCII");
    RegistryError::new(
        StatusCode::RANGE_NOT_SATISFIABLE,
        "RANGE_INVALID",
        format!("the blob {digest} has {size} bytes, and the range begins after them"),
    )
    .with_header(header::CONTENT_RANGE, value)
}
