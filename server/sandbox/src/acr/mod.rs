//! What Azure's registry has beside the distribution API: its own listings under `/acr/v1`, and
//! its tokens under `/oauth2`.
mod attributes;
pub(crate) mod credentials;
mod listing;
mod route;
pub(crate) mod token;

use crate::{
    State,
    registry::{
        authorise::Caller, blocking, error::RegistryError, list_repositories, mark, read_whole,
    },
    store::{AttributeChange, Deleted, Reference, StoreError},
    tokens::scope::Need,
};
use axum::{
    Json, Router,
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use drydock_domain::tag::{Digest, RepositoryName, Tag};
use http::{HeaderName, HeaderValue, Method, StatusCode, request::Parts};
use route::Route;
use serde_json::{Value, json};
use std::sync::Arc;

const RATE_LEFT: HeaderName = HeaderName::from_static("x-ms-ratelimit-remaining-calls-per-second");

/// Answers every path that begins with `/acr` or `/oauth2`.
pub fn router(state: Arc<State>) -> Router {
    Router::new().fallback(move |request: Request| {
        let state = state.clone();
        async move {
            let (parts, body) = request.into_parts();
            let mut response = match answer(&state, &parts, body).await {
                Ok(response) => response,
                Err(error) => error.into_response(),
            };
            mark(&mut response);
            let rate = HeaderValue::from_static("166.65");
            response.headers_mut().insert(RATE_LEFT, rate);
            response
        }
    })
}

async fn answer(state: &Arc<State>, parts: &Parts, body: Body) -> Result<Response, RegistryError> {
    match (parts.uri.path().trim_end_matches('/'), &parts.method) {
        ("/oauth2/exchange", &Method::POST) => return token::exchange(state, body).await,
        ("/oauth2/token", &Method::POST) => return token::post(state, body).await,
        ("/oauth2/token", &Method::GET) => return token::get(state, parts),
        _ => {}
    }
    let route = Route::parse(parts.uri.path())?;
    let caller = Caller::authenticate(state, parts);
    match (route, &parts.method) {
        (Route::Catalog, &Method::GET) => list_repositories(state, &caller, parts),
        (Route::Repository(name), &Method::GET) => get_repository(state, &caller, &name),
        (Route::Repository(name), &Method::PATCH) => {
            let change = read_change(&caller, &name, body).await?;
            let (registry, of) = (state.registry.clone(), name.clone());
            blocking(move || registry.change_repository(&of, change)).await?;
            Ok(Json(describe_repository(state, &name)?).into_response())
        }
        (Route::Repository(name), &Method::DELETE) => delete_repository(state, &caller, name).await,
        (Route::Tags(name), &Method::GET) => listing::tags(state, &caller, parts, &name),
        (Route::Tag(name, tag), &Method::GET) => get_tag(state, &caller, name, tag),
        (Route::Tag(name, tag), &Method::PATCH) => {
            let change = read_change(&caller, &name, body).await?;
            let (registry, of, changed) = (state.registry.clone(), name.clone(), tag.clone());
            blocking(move || registry.change_tag(&of, &changed, change)).await?;
            Ok(Json(describe_tag(state, name, tag)?).into_response())
        }
        (Route::Tag(name, tag), &Method::DELETE) => delete_tag(state, &caller, name, tag).await,
        (Route::Manifests(name), &Method::GET) => listing::manifests(state, &caller, parts, &name),
        (Route::Manifest(name, digest), &Method::GET) => {
            get_manifest(state, &caller, &name, digest)
        }
        (Route::Manifest(name, digest), &Method::PATCH) => {
            let change = read_change(&caller, &name, body).await?;
            let (registry, of, changed) = (state.registry.clone(), name.clone(), digest.clone());
            blocking(move || registry.change_manifest(&of, &changed, change)).await?;
            Ok(Json(describe_manifest(state, &name, digest)?).into_response())
        }
        _ => Err(RegistryError::method_not_allowed(&parts.method)),
    }
}

/// Above any four members.
const MAX_CHANGE_BYTES: usize = 4096;

async fn read_change(
    caller: &Caller,
    name: &RepositoryName,
    body: Body,
) -> Result<AttributeChange, RegistryError> {
    caller.require(&Need::metadata_write(name))?;
    let body = read_whole(body, MAX_CHANGE_BYTES).await?;
    serde_json::from_slice(&body).map_err(|error| {
        let why = format!("the body is no object of changeable attributes: {error}");
        RegistryError::new(StatusCode::BAD_REQUEST, "UNSUPPORTED", why)
    })
}

/// The members that every answer about a repository begins with.
fn envelope(state: &State, name: &RepositoryName) -> Value {
    json!({"registry": state.endpoints.login_server, "imageName": name})
}

fn get_repository(
    state: &State,
    caller: &Caller,
    name: &RepositoryName,
) -> Result<Response, RegistryError> {
    caller.require(&Need::metadata(name))?;
    Ok(Json(describe_repository(state, name)?).into_response())
}

fn describe_repository(state: &State, name: &RepositoryName) -> Result<Value, RegistryError> {
    let facts = state.registry.repository(name);
    let facts = facts.ok_or_else(|| StoreError::RepositoryUnknown(name.clone()))?;
    let mut body = envelope(state, name);
    body["createdTime"] = attributes::time(facts.created_at).into();
    body["lastUpdateTime"] = attributes::time(facts.updated_at).into();
    body["manifestCount"] = facts.manifests.into();
    body["tagCount"] = facts.tags.into();
    body["changeableAttributes"] = json!(facts.attributes);
    Ok(body)
}

async fn delete_repository(
    state: &State,
    caller: &Caller,
    name: RepositoryName,
) -> Result<Response, RegistryError> {
    caller.require(&Need::delete(&name))?;
    let registry = state.registry.clone();
    let Deleted { manifests, tags } = blocking(move || registry.delete_repository(&name)).await?;
    let body = json!({"manifestsDeleted": manifests, "tagsDeleted": tags});
    Ok((StatusCode::ACCEPTED, Json(body)).into_response())
}

fn get_tag(
    state: &State,
    caller: &Caller,
    name: RepositoryName,
    tag: Tag,
) -> Result<Response, RegistryError> {
    caller.require(&Need::metadata(&name))?;
    Ok(Json(describe_tag(state, name, tag)?).into_response())
}

fn describe_tag(state: &State, name: RepositoryName, tag: Tag) -> Result<Value, RegistryError> {
    let mut body = envelope(state, &name);
    if !state.registry.has_repository(&name) {
        return Err(StoreError::RepositoryUnknown(name).into());
    }
    let record = state.registry.tag(&name, &tag);
    let repository = name;
    let record = record.ok_or(StoreError::TagUnknown { repository, tag })?;
    body["tag"] = attributes::tag(&record);
    Ok(body)
}

/// The manifest stays: this is what the CLI calls untagging.
async fn delete_tag(
    state: &State,
    caller: &Caller,
    name: RepositoryName,
    tag: Tag,
) -> Result<Response, RegistryError> {
    caller.require(&Need::delete(&name))?;
    let registry = state.registry.clone();
    blocking(move || registry.delete_tag(&name, &tag)).await?;
    Ok(StatusCode::ACCEPTED.into_response())
}

fn get_manifest(
    state: &State,
    caller: &Caller,
    name: &RepositoryName,
    digest: Digest,
) -> Result<Response, RegistryError> {
    caller.require(&Need::metadata(name))?;
    Ok(Json(describe_manifest(state, name, digest)?).into_response())
}

fn describe_manifest(
    state: &State,
    name: &RepositoryName,
    digest: Digest,
) -> Result<Value, RegistryError> {
    let record = state
        .registry
        .manifest_record(name, &Reference::Digest(digest))?;
    let tags = state.registry.tags_of(name, &record.digest);
    let mut body = envelope(state, name);
    body["manifest"] = attributes::manifest(&record, &tags);
    Ok(body)
}
