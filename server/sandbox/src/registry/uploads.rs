//! Uploads of blobs: in one request, in two, in chunks, or from another repository.
use super::{
    authorise::Caller,
    blocking,
    error::RegistryError,
    manifests::{CONTENT_DIGEST, digest_value, location_value},
    paging::query,
    receive,
    route::{parse_digest, parse_repository},
};
use crate::{State, store::StoreError, tokens::scope::Need};
use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use drydock_domain::tag::{Digest, RepositoryName};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts};
use std::sync::Arc;
use uuid::Uuid;

const UPLOAD_ID: HeaderName = HeaderName::from_static("docker-upload-uuid");

/// `POST /v2/{repository}/blobs/uploads/`, with `mount` and `from`, with `digest`, or with
/// neither.
pub(super) async fn start(
    state: &Arc<State>,
    caller: &Caller,
    parts: &Parts,
    body: Body,
    repository: &RepositoryName,
) -> Result<Response, RegistryError> {
    caller.require(&Need::push(repository))?;
    state.registry.check_writable(repository)?;
    if let Some(mounted) = mount(state, caller, parts, repository).await? {
        return Ok(mounted);
    }
    if let Some(digest) = find_digest(parts)? {
        let registry = state.registry.clone();
        let upload = blocking(move || registry.begin_blob()).await?;
        let (upload, _) = receive::stream(body, upload).await?;
        let (registry, name, claimed) =
            (state.registry.clone(), repository.clone(), digest.clone());
        blocking(move || registry.finish_blob(&name, upload, &claimed)).await?;
        return Ok(created(repository, &digest));
    }
    let (registry, name) = (state.registry.clone(), repository.clone());
    let id = blocking(move || registry.begin_upload(&name)).await?;
    Ok((StatusCode::ACCEPTED, progress(repository, id, 0)).into_response())
}

/// A mount that is not possible, for whatever reason, is an ordinary upload: the specification
/// wants no error, and one would tell what another repository holds.
async fn mount(
    state: &Arc<State>,
    caller: &Caller,
    parts: &Parts,
    repository: &RepositoryName,
) -> Result<Option<Response>, RegistryError> {
    let (Some(digest), Some(from)) = (find(parts, "mount"), find(parts, "from")) else {
        return Ok(None);
    };
    let digest = parse_digest(&digest)?;
    let from = parse_repository(&[&from])?;
    if !caller.may(&Need::pull(&from)) {
        return Ok(None);
    }
    let (registry, name, wanted) = (state.registry.clone(), repository.clone(), digest.clone());
    let mounted = blocking(move || registry.mount_blob(&name, &from, &wanted)).await?;
    Ok(mounted.then(|| created(repository, &digest)))
}

/// Operations on an upload that was started.
pub(super) async fn answer(
    state: &Arc<State>,
    caller: &Caller,
    parts: &Parts,
    body: Body,
    repository: &RepositoryName,
    id: Uuid,
) -> Result<Response, RegistryError> {
    caller.require(&Need::push(repository))?;
    let (registry, name) = (state.registry.clone(), repository.clone());
    match parts.method {
        Method::GET => {
            let held = blocking(move || registry.upload_held(&name, id)).await?;
            Ok((StatusCode::NO_CONTENT, progress(repository, id, held)).into_response())
        }
        Method::PATCH => {
            let held = append(state, parts, body, repository, id).await?.held();
            Ok((StatusCode::ACCEPTED, progress(repository, id, held)).into_response())
        }
        Method::PUT => {
            let digest = find_digest(parts)?.ok_or_else(digest_missing)?;
            let upload = append(state, parts, body, repository, id).await?;
            let claimed = digest.clone();
            blocking(move || registry.finish_upload(&name, upload, &claimed)).await?;
            Ok(created(repository, &digest))
        }
        Method::DELETE => {
            blocking(move || registry.cancel_upload(&name, id)).await?;
            Ok(StatusCode::NO_CONTENT.into_response())
        }
        _ => Err(RegistryError::method_not_allowed(&parts.method)),
    }
}

async fn append(
    state: &Arc<State>,
    parts: &Parts,
    body: Body,
    repository: &RepositoryName,
    id: Uuid,
) -> Result<crate::store::Appender, RegistryError> {
    let range = parse_content_range(&parts.headers)?;
    let (registry, name) = (state.registry.clone(), repository.clone());
    let offset = range.map(|(first, _)| first);
    let upload = blocking(move || registry.append_upload(&name, id, offset)).await;
    let upload = upload.map_err(|error| tell_offset(state, repository, id, error))?;
    let (upload, received) = receive::stream(body, upload).await?;
    let announced = range.map(|(first, last)| (last - first).saturating_add(1));
    match announced {
        Some(announced) if announced != received => Err(RegistryError::new(
            StatusCode::BAD_REQUEST,
            "SIZE_INVALID",
            format!("Content-Range says {announced} bytes, and {received} arrived"),
        )),
        _ => Ok(upload),
    }
}

/// A refused chunk is answered with the place to go on from.
fn tell_offset(
    state: &State,
    repository: &RepositoryName,
    id: Uuid,
    mut error: RegistryError,
) -> RegistryError {
    if let Ok(held) = state.registry.upload_held(repository, id) {
        for (name, value) in &progress(repository, id, held) {
            error = error.with_header(name.clone(), value.clone());
        }
    }
    error
}

/// `first-last`, as the specification writes it, or `bytes first-last/…`, as HTTP does.
fn parse_content_range(headers: &HeaderMap) -> Result<Option<(u64, u64)>, RegistryError> {
    let Some(value) = headers.get(header::CONTENT_RANGE) else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default();
    let range = text.strip_prefix("bytes ").unwrap_or(text);
    let range = range.split('/').next().unwrap_or_default();
    let bounds = range
        .split_once('-')
        .and_then(|(first, last)| Some((first.trim().parse().ok()?, last.trim().parse().ok()?)));
    match bounds {
        Some((first, last)) if first <= last => Ok(Some((first, last))),
        _ => Err(RegistryError::new(
            StatusCode::RANGE_NOT_SATISFIABLE,
            "BLOB_UPLOAD_INVALID",
            format!("Content-Range is '{text}', which is not of the form first-last"),
        )),
    }
}

/// The headers that say where an upload is and how much of it has arrived.
fn progress(repository: &RepositoryName, id: Uuid, held: u64) -> HeaderMap {
    // ACR's locations carry a query: a client has to append `digest` to it, not replace it.
    let location = format!(
        "/v2/{repository}/blobs/uploads/{id}?_nouploadcache=false&_state={}",
        id.simple()
    );
    let range = format!("0-{}", held.saturating_sub(1));
    HeaderMap::from_iter([
        (header::LOCATION, location_value(&location)),
        (
            header::RANGE,
            HeaderValue::from_str(&range).expect("numbers are plain ASCII"),
        ),
        (
            UPLOAD_ID,
            HeaderValue::from_str(&id.to_string()).expect("a UUID is plain ASCII"),
        ),
    ])
}

fn created(repository: &RepositoryName, digest: &Digest) -> Response {
    let location = format!("/v2/{repository}/blobs/{digest}");
    let headers = HeaderMap::from_iter([
        (header::LOCATION, location_value(&location)),
        (CONTENT_DIGEST, digest_value(digest)),
    ]);
    (StatusCode::CREATED, headers).into_response()
}

/// # Errors
/// The digest breaks the grammar or is one that this registry does not make.
fn find_digest(parts: &Parts) -> Result<Option<Digest>, RegistryError> {
    let Some(digest) = find(parts, "digest") else {
        return Ok(None);
    };
    let digest = parse_digest(&digest)?;
    match digest.algorithm() {
        "sha256" => Ok(Some(digest)),
        _ => Err(StoreError::DigestUnsupported(digest).into()),
    }
}

fn find(parts: &Parts, key: &str) -> Option<String> {
    let found = query(parts).find(|(name, _)| name == key);
    found.map(|(_, value)| value.into_owned())
}

fn digest_missing() -> RegistryError {
    RegistryError::new(
        StatusCode::BAD_REQUEST,
        "DIGEST_INVALID",
        "the query's 'digest' is missing; it says which content the upload is",
    )
}
