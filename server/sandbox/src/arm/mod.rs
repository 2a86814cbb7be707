//! Azure Resource Manager's routes.
mod error;
mod filter;
mod path;
mod registries;
mod role_assignments;
mod runs;
mod tasks;

pub use error::ArmError;

use crate::State;
use crate::tokens::Principal;
use axum::Router;
use axum::extract::{Request, State as Shared};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use path::{InRegistry, Resource, Target};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use std::sync::Arc;
use uuid::Uuid;

/// A definition holds a few files in base64; nothing that ARM is sent is larger.
const MAX_BODY_BYTES: usize = 4 << 20;

/// Answers every path that begins with `/subscriptions`, `/providers`, `/tenants` or `/metadata`,
/// in any casing.
pub fn router(state: Arc<State>) -> Router {
    Router::new().fallback(answer).with_state(state)
}

/// One request, its caller known and its body read.
struct Call {
    state: Arc<State>,
    caller: Principal,
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    body: Bytes,
}

async fn answer(Shared(state): Shared<Arc<State>>, request: Request) -> Response {
    let client_request_id = echoed_request_id(request.headers());
    let answered = match Call::read(state.clone(), request).await {
        Ok(call) => call.answer().await,
        Err(error) => Err(error),
    };
    let mut response = answered.unwrap_or_else(IntoResponse::into_response);
    let id = Uuid::new_v4();
    let routing = format!("LOCAL:{}:{id}", state.clock.now().format("%Y%m%dT%H%M%SZ"));
    let headers = response.headers_mut();
    for (name, value) in [
        ("x-ms-request-id", id.to_string()),
        ("x-ms-correlation-request-id", id.to_string()),
        ("x-ms-routing-request-id", routing),
    ] {
        let value = HeaderValue::try_from(value).expect("a UUID and a date are plain ASCII");
        headers.insert(HeaderName::from_static(name), value);
    }
    if let Some(id) = client_request_id {
        headers.insert("x-ms-client-request-id", id);
    }
    response
}

fn echoed_request_id(headers: &HeaderMap) -> Option<HeaderValue> {
    let wanted = headers.get("x-ms-return-client-request-id")?;
    let wanted = wanted.as_bytes().eq_ignore_ascii_case(b"true");
    headers
        .get("x-ms-client-request-id")
        .filter(|_| wanted)
        .cloned()
}

impl Call {
    async fn read(state: Arc<State>, request: Request) -> Result<Self, ArmError> {
        let caller = authenticate(&state, request.headers())?;
        let (parts, body) = request.into_parts();
        let query = parts.uri.query().unwrap_or_default();
        let query: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let body = axum::body::to_bytes(body, MAX_BODY_BYTES)
            .await
            .map_err(|error| {
                ArmError::bad_request(
                    "InvalidRequestContent",
                    format!("The request's body could not be read: {error}."),
                )
            })?;
        let call = Self {
            state,
            caller,
            method: parts.method,
            path: percent_decode_str(parts.uri.path())
                .decode_utf8_lossy()
                .into_owned(),
            query,
            body,
        };
        if call.parameter("api-version").is_none_or(str::is_empty) {
            return Err(ArmError::bad_request(
                "MissingApiVersionParameter",
                "The api-version query parameter (?api-version=) is required for all requests.",
            ));
        }
        Ok(call)
    }

    /// Changes are written to the disk before they are answered, so they get a thread that may wait.
    async fn answer(self) -> Result<Response, ArmError> {
        let answered = tokio::task::spawn_blocking(move || self.dispatch()).await;
        answered.unwrap_or_else(|panic| {
            tracing::error!(%panic, "an ARM request broke off");
            let message = "The request broke off; the sandbox's log says where.";
            Err(ArmError::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "InternalServerError",
                message,
            ))
        })
    }

    fn dispatch(&self) -> Result<Response, ArmError> {
        let target = Target::parse(&self.path).ok_or_else(|| ArmError::no_route(&self.path))?;
        registries::check_scope(self, &target)?;
        match target.resource {
            Resource::Subscriptions => self.get(registries::list_subscriptions),
            Resource::Subscription => self.get(registries::get_subscription),
            Resource::Resources => self.get(registries::list_resources),
            Resource::Groups => self.get(registries::list_resource_groups),
            Resource::Group => self.get(registries::get_resource_group),
            Resource::Registries => self.get(registries::list),
            Resource::RoleAssignments(scope) => {
                self.get(|call| role_assignments::list(call, &scope))
            }
            Resource::RoleAssignment(scope, name) => role_assignments::answer(self, &scope, &name),
            Resource::Permissions(_) => self.get(role_assignments::list_permissions),
            Resource::InRegistry(name, resource) => {
                registries::check_name(self, &name)?;
                self.dispatch_in_registry(resource)
            }
        }
    }

    fn dispatch_in_registry(&self, resource: InRegistry) -> Result<Response, ArmError> {
        match resource {
            InRegistry::Itself => self.get(registries::get),
            InRegistry::Usages => self.get(registries::list_usages),
            InRegistry::CacheRules => self.get(registries::list_cache_rules),
            InRegistry::Tasks => self.get(tasks::list),
            InRegistry::Task(name) => tasks::answer(self, &name),
            InRegistry::TaskDetails(name) => self.post(|call| tasks::list_details(call, &name)),
            InRegistry::ScheduleRun => self.post(runs::schedule),
            InRegistry::Runs => self.get(runs::list),
            InRegistry::Run(id) => runs::answer(self, &id),
            InRegistry::CancelRun(id) => self.post(|call| runs::cancel(call, &id)),
            InRegistry::LogLink(id) => self.post(|call| runs::list_log_sas_url(call, &id)),
        }
    }

    fn get(
        &self,
        answer: impl FnOnce(&Self) -> Result<Response, ArmError>,
    ) -> Result<Response, ArmError> {
        match self.method {
            Method::GET => answer(self),
            _ => Err(ArmError::method_not_allowed(&self.method)),
        }
    }

    fn post(
        &self,
        answer: impl FnOnce(&Self) -> Result<Response, ArmError>,
    ) -> Result<Response, ArmError> {
        match self.method {
            Method::POST => answer(self),
            _ => Err(ArmError::method_not_allowed(&self.method)),
        }
    }

    /// A query parameter; names are compared without case.
    fn parameter(&self, name: &str) -> Option<&str> {
        let mut pairs = self.query.iter();
        let found = pairs.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(&found.1)
    }

    /// The body as a JSON object.
    fn json(&self) -> Result<Value, ArmError> {
        let parsed: Result<Value, _> = serde_json::from_slice(&self.body);
        let why = match parsed {
            Ok(value) if value.is_object() => return Ok(value),
            Ok(_) => "it is not an object".to_owned(),
            Err(error) => error.to_string(),
        };
        let message =
            format!("The request content was invalid and could not be deserialized: {why}.");
        Err(ArmError::bad_request("InvalidRequestContent", message))
    }
}

fn authenticate(state: &State, headers: &HeaderMap) -> Result<Principal, ArmError> {
    let authority = format!("{}{}", state.endpoints.authority, state.endpoints.tenant_id);
    let header = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let bearer = header.and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim())
    });
    let Some(token) = bearer else {
        return Err(ArmError::unauthorized(&authority, None));
    };
    let verified = state.tokens.verify_arm(token);
    verified.map_err(|error| ArmError::unauthorized(&authority, Some(&error)))
}

#[cfg(test)]
mod http_tests;
