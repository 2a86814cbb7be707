//! What the registry's settings refuse, before a request comes to the service that it is for.
use crate::{State, faults, rights, tokens::Principal, tokens::scope::Access};
use axum::{
    Json, Router,
    extract::Request,
    response::{IntoResponse, Response},
};
use drydock_domain::login_server::has_domain_label;
use http::{Method, StatusCode, header};
use serde_json::json;
use std::sync::Arc;

/// A room whose requests pass the settings, and the faults that were asked for.
pub(crate) fn guard(state: &Arc<State>, room: Router) -> Router {
    let state = state.clone();
    Router::new().fallback(move |request: Request| {
        let (state, room) = (state.clone(), room.clone());
        async move {
            match refuse(&state, &request) {
                Some(refusal) => refusal,
                None => faults::serve(&state, room, request).await,
            }
        }
    })
}

/// The data plane answers at its login server only where that has a domain name label, keeps out who
/// does not come from an admitted address, and keeps pushes out of repositories that a cache rule
/// fills.
fn refuse(state: &State, request: &Request) -> Option<Response> {
    let (method, path) = (request.method(), request.uri().path());
    let mut segments = path.trim_start_matches('/').splitn(2, '/');
    let first = segments.next().unwrap_or_default().to_ascii_lowercase();
    if !matches!(first.as_str(), "v2" | "acr" | "oauth2") {
        return None;
    }
    if let Some(host) = wrong_host(state, request) {
        return Some(misaddressed(state, host));
    }
    // The listener is on loopback, and so are those who reach it.
    let client = state.config.listen.ip();
    if !state.resources.settings.get().admits(client) {
        let message = format!(
            "client with IP '{client}' is not allowed access. Refer https://aka.ms/acr/firewall to grant access."
        );
        return Some(denied(&message));
    }
    let is_push = first == "v2" && matches!(*method, Method::POST | Method::PUT | Method::PATCH);
    let repository = segments
        .next()
        .filter(|_| is_push)
        .and_then(repository_of)?;
    let rule = state.resources.cache_rules.find_over(repository)?;
    let message = format!(
        "the repository '{repository}' is filled by the cache rule '{}' and cannot be pushed to",
        rule.name
    );
    Some(denied(&message))
}

/// The host of a request that asks for the registry by its bare name, which Azure's DNS does not
/// know where the login server has a label.
fn wrong_host<'r>(state: &State, request: &'r Request) -> Option<&'r str> {
    let login_server = &state.endpoints.login_server;
    // HTTP/2 has it in the address, HTTP/1.1 in a header.
    let host = request
        .uri()
        .authority()
        .map(|authority| authority.as_str());
    let header = || request.headers().get(header::HOST)?.to_str().ok();
    let host = host.or_else(header)?;
    (has_domain_label(login_server) && !host.eq_ignore_ascii_case(login_server)).then_some(host)
}

fn misaddressed(state: &State, host: &str) -> Response {
    let message = format!(
        "no registry answers at '{host}': this one has a domain name label, and its login server is '{}'",
        state.endpoints.login_server
    );
    let body = json!({"errors": [{"code": "NAME_UNKNOWN", "message": message, "detail": null}]});
    (StatusCode::NOT_FOUND, Json(body)).into_response()
}

/// `a/b` of `a/b/manifests/v1` and of `a/b/blobs/uploads/`.
fn repository_of(path: &str) -> Option<&str> {
    ["/blobs/uploads", "/manifests/"]
        .iter()
        .find_map(|mark| path.rfind(mark).map(|at| &path[..at]))
}

fn denied(message: &str) -> Response {
    let body = json!({"errors": [{"code": "DENIED", "message": message, "detail": null}]});
    (StatusCode::FORBIDDEN, Json(body)).into_response()
}

/// What of the access that a principal asks for the registry grants. In ABAC mode the roles of the
/// control plane say nothing about repositories: only the repository roles do.
pub(crate) fn grant(state: &State, principal: &Principal, asked: Vec<Access>) -> Vec<Access> {
    let Some(allowed) = narrowed_to(state, principal) else {
        return asked;
    };
    let narrow = |mut access: Access| {
        let is_catalog = access.kind == "registry";
        access.actions = if is_catalog {
            let may = allowed.contains(&"catalog");
            access.actions.into_iter().filter(|_| may).collect()
        } else {
            expand(access.actions)
                .into_iter()
                .filter(|action| allowed.contains(&action.as_str()))
                .collect()
        };
        (!access.actions.is_empty()).then_some(access)
    };
    asked.into_iter().filter_map(narrow).collect()
}

/// What a principal is narrowed to: the actions of the repository roles that it has, and `catalog`;
/// outside of ABAC mode those of AcrPull for who has only that. `None` for everything, and for the admin
/// user, whom roles do not touch.
pub(crate) fn narrowed_to(state: &State, principal: &Principal) -> Option<Vec<&'static str>> {
    let is_admin = principal.object_id == state.identity.registry_name;
    if is_admin {
        return None;
    }
    if !state.resources.settings.get().is_abac() {
        return rights::is_reader(state, principal).then(|| rights::PULL_ONLY.to_vec());
    }
    let registry_id = state.endpoints.registry_id();
    let roles = &state.desk.roles;
    Some(roles.repository_actions(&principal.object_id, &registry_id))
}

/// `*` stands for everything that can be done in a repository.
fn expand(actions: Vec<String>) -> Vec<String> {
    if actions.iter().any(|action| action == "*") {
        let all = ["pull", "push", "delete", "metadata_read", "metadata_write"];
        return all.map(str::to_owned).to_vec();
    }
    actions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_found_in_the_paths_of_a_push() {
        for (path, expected) in [
            ("a/b/manifests/v1", Some("a/b")),
            ("a/manifests/manifests/v1", Some("a/manifests")),
            ("a/blobs/uploads/", Some("a")),
            ("a/blobs/uploads/id", Some("a")),
            ("_catalog", None),
        ] {
            assert_eq!(repository_of(path), expected, "{path}");
        }
    }
}
