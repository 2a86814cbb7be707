//! Listings of the distribution API: repositories, and the tags of one.
use super::{authorise::Caller, error::RegistryError, paging::Page};
use crate::{State, store::StoreError, tokens::scope::Need};
use axum::{
    Json,
    response::{IntoResponse, Response},
};
use drydock_domain::tag::RepositoryName;
use http::request::Parts;
use serde_json::json;

/// `GET /v2/_catalog`, and ACR's own under another path.
pub(crate) fn list_repositories(
    state: &State,
    caller: &Caller,
    parts: &Parts,
) -> Result<Response, RegistryError> {
    caller.require(&Need::catalog())?;
    let page = Page::parse(parts)?;
    let mut names = state
        .registry
        .repository_names(page.last.as_deref(), page.limit + 1);
    let more = page.cut(&mut names);
    let next = names.last().filter(|_| more).map(RepositoryName::as_str);
    let headers = page.headers(parts.uri.path(), next);
    Ok((headers, Json(json!({ "repositories": names }))).into_response())
}

/// `GET /v2/{repository}/tags/list`.
pub(super) fn list_tags(
    state: &State,
    caller: &Caller,
    parts: &Parts,
    repository: &RepositoryName,
) -> Result<Response, RegistryError> {
    caller.require(&Need::list(repository))?;
    let page = Page::parse(parts)?;
    let last = page.last.as_deref();
    let tags = state.registry.tag_names(repository, last, page.limit + 1);
    let mut tags = tags.ok_or_else(|| StoreError::RepositoryUnknown(repository.clone()))?;
    let more = page.cut(&mut tags);
    let next = tags.last().filter(|_| more).map(|tag| tag.as_str());
    let headers = page.headers(parts.uri.path(), next);
    let body = json!({"name": repository, "tags": tags});
    Ok((headers, Json(body)).into_response())
}
