//! Blobs: read and delete.
use super::{
    authorise::Caller,
    blocking,
    error::RegistryError,
    manifests::{CONTENT_DIGEST, digest_value},
    storage,
};
use crate::{State, tls::Channel, tokens::scope::Need};
use axum::{
    body::Body,
    response::{Html, IntoResponse, Response},
};
use drydock_domain::tag::{Digest, RepositoryName};
use http::{HeaderValue, Method, StatusCode, header, request::Parts};
use std::sync::Arc;

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
            if parts.method == Method::HEAD {
                let headers = storage::describe(digest, blob.size_bytes);
                return Ok((headers, Body::empty()).into_response());
            }
            Ok(redirect(state, parts, digest))
        }
        Method::DELETE => {
            caller.require(&Need::delete(repository))?;
            blocking(move || registry.delete_blob(&name, &wanted)).await?;
            Ok(StatusCode::ACCEPTED.into_response())
        }
        _ => Err(RegistryError::method_not_allowed(&parts.method)),
    }
}

/// The content comes from elsewhere: clients have to follow, and leave their token behind.
fn redirect(state: &State, parts: &Parts, digest: &Digest) -> Response {
    let link = storage::link(state, Channel::of(parts), digest);
    let location = HeaderValue::from_str(link.as_str()).expect("a URL is plain ASCII");
    let href = link.as_str().replace('&', "&amp;");
    let headers = [
        (header::LOCATION, location),
        (CONTENT_DIGEST, digest_value(digest)),
    ];
    let body = Html(format!("<a href=\"{href}\">Temporary Redirect</a>.\n\n"));
    (StatusCode::TEMPORARY_REDIRECT, headers, body).into_response()
}
