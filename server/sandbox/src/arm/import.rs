//! `importImage`, and the polling of it.
use super::registries::LOCATION;
use super::{ArmError, Call};
use crate::import::{Import, Origin, Progress};
use crate::store::Reference;
use axum::Json;
use axum::response::{IntoResponse, Response};
use drydock_domain::tag::{RepositoryName, Tag};
use http::{StatusCode, header};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ImportBody {
    source: SourceBody,
    target_tags: Option<Vec<String>>,
    untagged_target_repositories: Option<Vec<String>>,
    mode: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SourceBody {
    resource_id: Option<String>,
    registry_uri: Option<String>,
    source_image: String,
    credentials: Option<CredentialsBody>,
}

#[derive(Deserialize)]
struct CredentialsBody {
    username: Option<String>,
    password: Option<String>,
}

const PREFIX: &str = "registries-";

pub fn begin(call: &Call) -> Result<Response, ArmError> {
    let body: ImportBody = serde_json::from_value(call.json()?).map_err(|error| {
        ArmError::bad_request(
            "InvalidRequestContent",
            format!("The import cannot be read: {error}."),
        )
    })?;
    let import = read(call, &body)?;
    let is_forced = body
        .mode
        .as_deref()
        .is_some_and(|mode| mode.eq_ignore_ascii_case("Force"));
    let registry = &call.state.registry;
    let taken = import
        .tags
        .iter()
        .find(|(repository, tag)| registry.tag(repository, tag).is_some());
    if let Some((repository, tag)) = taken.filter(|_| !is_forced) {
        let message = format!("Tag {repository}:{tag} already exists in target registry.");
        return Err(ArmError::new(StatusCode::CONFLICT, "Conflict", message));
    }
    for (repository, _) in &import.tags {
        if let Some(rule) = call
            .state
            .resources
            .cache_rules
            .find_over(repository.as_str())
        {
            let message = format!(
                "The repository '{repository}' is filled by the cache rule '{}' and cannot be imported to.",
                rule.name
            );
            return Err(ArmError::new(StatusCode::FORBIDDEN, "Denied", message));
        }
    }
    let imports = &call.state.resources.imports;
    let names = import
        .tags
        .iter()
        .map(|(name, tag)| format!("{name}:{tag}"));
    let id = imports.begin(names.collect());
    let state = call.state.clone();
    call.state.background.spawn(async move {
        let result = tokio::select! {
            result = import.carry_out(&state) => result,
            // Nothing half-way is in the registry under a tag, and the process is about to end.
            () = state.shutdown.cancelled() => return,
        };
        state.resources.imports.end(id, result);
    });
    let response = (StatusCode::ACCEPTED, Json(Value::Null)).into_response();
    Ok(poll_at(call, id, response))
}

/// `…/locations/{location}/operationResults/registries-{id}`
pub fn get_result(call: &Call, name: &str) -> Result<Response, ArmError> {
    let id = name
        .strip_prefix(PREFIX)
        .and_then(|id| Uuid::parse_str(id).ok());
    let found = id.and_then(|id| Some((id, call.state.resources.imports.find(id)?)));
    let Some((id, progress)) = found else {
        let message = format!(
            "The operation '{name}' could not be found; the sandbox forgets operations when it stops."
        );
        return Err(ArmError::new(
            StatusCode::NOT_FOUND,
            "OperationNotFound",
            message,
        ));
    };
    match progress {
        Progress::Pending(names) => {
            let mut body: Map<String, Value> = names
                .into_iter()
                .map(|name| (name, "Pending".into()))
                .collect();
            body.insert("status".into(), "Accepted".into());
            let response = (StatusCode::ACCEPTED, Json(body)).into_response();
            Ok(poll_at(call, id, response))
        }
        Progress::Succeeded => Ok(Json(json!({"status": "Succeeded"})).into_response()),
        Progress::Failed(why) => {
            let message = format!("Operation {name} failed. {why}.");
            Err(ArmError::bad_request("InvalidParameters", message))
        }
    }
}

fn poll_at(call: &Call, id: Uuid, response: Response) -> Response {
    let subscription = &call.state.endpoints.subscription_id;
    let path = format!(
        "/subscriptions/{subscription}/providers/Microsoft.ContainerRegistry/locations/{LOCATION}/operationResults/{PREFIX}{id}"
    );
    call.poll_at(header::LOCATION, &path, response)
}

fn read(call: &Call, body: &ImportBody) -> Result<Import, ArmError> {
    let source = &body.source;
    let (repository, reference) = split(&source.source_image)?;
    let reference =
        Reference::parse(reference).map_err(|error| wrong(&source.source_image, &error))?;
    let endpoints = &call.state.endpoints;
    let registry_id = endpoints.registry_id();
    let is_here = match (&source.resource_id, &source.registry_uri) {
        (Some(id), _)
            if id
                .trim_matches('/')
                .eq_ignore_ascii_case(registry_id.trim_matches('/')) =>
        {
            true
        }
        (Some(id), _) => {
            let message = format!(
                "The sandbox has one registry, '{registry_id}', and the source is '{id}'. Name another registry by its registryUri."
            );
            return Err(ArmError::bad_request("InvalidParameters", message));
        }
        (None, Some(uri)) => uri.eq_ignore_ascii_case(&endpoints.login_server),
        (None, None) => {
            let message = "The import names neither source.resourceId nor source.registryUri.";
            return Err(ArmError::bad_request("InvalidParameters", message));
        }
    };
    let repository = RepositoryName::parse(repository);
    let repository = repository.map_err(|error| wrong(&source.source_image, &error))?;
    let origin = if is_here {
        Origin::Here(repository)
    } else {
        Origin::Elsewhere {
            registry: source.registry_uri.clone().unwrap_or_default(),
            repository,
            credentials: source.credentials.as_ref().and_then(CredentialsBody::read),
        }
    };
    let mut tags = Vec::new();
    for target in body.target_tags.iter().flatten() {
        let (repository, tag) = split(target)?;
        let repository =
            RepositoryName::parse(repository).map_err(|error| wrong(target, &error))?;
        let tag = Tag::parse(tag).map_err(|error| wrong(target, &error))?;
        tags.push((repository, tag));
    }
    let untagged = body.untagged_target_repositories.iter().flatten();
    let untagged =
        untagged.map(|name| RepositoryName::parse(name).map_err(|error| wrong(name, &error)));
    let untagged: Vec<RepositoryName> = untagged.collect::<Result<_, _>>()?;
    if tags.is_empty() && untagged.is_empty() {
        let message = "The import has no target: name targetTags or untaggedTargetRepositories.";
        return Err(ArmError::bad_request("InvalidParameters", message));
    }
    Ok(Import {
        origin,
        reference,
        tags,
        untagged,
    })
}

impl CredentialsBody {
    /// `None` for a source that is read by everybody. Without a user, the password is a token, and
    /// registries of Azure take it for the user whose name is the zero GUID.
    fn read(&self) -> Option<(String, String)> {
        let password = self
            .password
            .clone()
            .filter(|password| !password.is_empty())?;
        let user = self.username.clone().filter(|user| !user.is_empty());
        let user = user.unwrap_or_else(|| Uuid::nil().to_string());
        Some((user, password))
    }
}

/// `a/b:v1`, `a/b@sha256:…`, or `a/b` for its `latest`.
fn split(image: &str) -> Result<(&str, &str), ArmError> {
    if let Some(parts) = image.split_once('@') {
        return Ok(parts);
    }
    match image.rsplit_once(':') {
        Some(parts) => Ok(parts),
        None if image.is_empty() => {
            let message = "An image's name is empty.";
            Err(ArmError::bad_request("InvalidParameters", message))
        }
        None => Ok((image, "latest")),
    }
}

fn wrong(name: &str, error: &dyn std::fmt::Display) -> ArmError {
    let message = format!("'{name}' is not the name of an image: {error}.");
    ArmError::bad_request("InvalidParameters", message)
}
