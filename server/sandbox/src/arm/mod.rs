//! Azure Resource Manager's routes.
mod bare_keys;
mod cache_rules;
mod deployments;
mod error;
mod filter;
mod import;
mod path;
mod quota;
mod registries;
mod resources;
mod role_assignments;
mod role_definitions;
mod runs;
mod schedule;
mod settings;
mod subscriptions;
mod tasks;

pub use error::ArmError;
pub use resources::Resources;
pub use settings::{LabelScope, SettingsFile};

use crate::tokens::Principal;
use crate::{State, rights};
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
    let method = request.method().clone();
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
    state.resources.quotas.count(&method, headers);
    if let Some(id) = client_request_id {
        headers.insert("x-ms-client-request-id", id);
    }
    response
}

/// What a deployment asks for in its caller's name: answered as a client's own request is.
pub(crate) async fn request(
    state: &Arc<State>,
    caller: &Principal,
    method: Method,
    id: &str,
    api_version: &str,
    body: &Value,
) -> (StatusCode, Value) {
    let call = Call {
        state: state.clone(),
        caller: caller.clone(),
        method,
        path: id.to_owned(),
        query: vec![("api-version".to_owned(), api_version.to_owned())],
        body: body.to_string().into(),
    };
    let response = call
        .answer()
        .await
        .unwrap_or_else(IntoResponse::into_response);
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await;
    let body = body.map(|bytes| serde_json::from_slice(&bytes).unwrap_or_default());
    (status, body.unwrap_or_default())
}

fn echoed_request_id(headers: &HeaderMap) -> Option<HeaderValue> {
    let wanted = headers.get("x-ms-return-client-request-id")?;
    let wanted = wanted.as_bytes().eq_ignore_ascii_case(b"true");
    headers
        .get("x-ms-client-request-id")
        .filter(|_| wanted)
        .cloned()
}

/// Where the state of what was begun is told; `Location` is where its answer is.
const POLL: HeaderName = HeaderName::from_static("azure-asyncoperation");

/// Without this, or with 0, az polls twice a minute.
fn retry_soon(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::RETRY_AFTER, HeaderValue::from(1));
    response
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
        if self.method != Method::GET && rights::is_reader(&self.state, &self.caller) {
            return Err(ArmError::forbidden(self));
        }
        match target.resource {
            Resource::Tenants => self.get(subscriptions::list_tenants),
            Resource::Subscriptions => self.get(subscriptions::list_subscriptions),
            Resource::Subscription => self.get(subscriptions::get_subscription),
            Resource::Provider(name) => self.get(|call| subscriptions::get_provider(call, &name)),
            Resource::Resources => self.get(registries::list_resources),
            Resource::Groups => self.get(subscriptions::list_resource_groups),
            Resource::Group => self.get(subscriptions::get_resource_group),
            Resource::Registries => self.get(registries::list),
            Resource::OperationResult(name) => self.get(|call| import::get_result(call, &name)),
            Resource::CheckNameAvailability => self.post(registries::check_name_availability),
            Resource::RoleAssignments(scope) => {
                self.get(|call| role_assignments::list(call, &scope))
            }
            Resource::RoleAssignment(scope, name) => role_assignments::answer(self, &scope, &name),
            Resource::Permissions(_) => self.get(role_assignments::list_permissions),
            Resource::Deployments => self.get(deployments::list),
            Resource::Deployment(name) => deployments::answer(self, &name),
            Resource::ValidateDeployment(name) => {
                self.post(|call| deployments::validate(call, &name))
            }
            Resource::CancelDeployment(name) => self.post(|call| deployments::cancel(call, &name)),
            Resource::WhatIfDeployment(name) => self.post(|call| deployments::what_if(call, &name)),
            Resource::WhatIfResult(id) => {
                self.get(|call| deployments::get_what_if_result(call, &id))
            }
            Resource::DeploymentStatus(name, number) => {
                self.get(|call| deployments::get_status(call, &name, &number))
            }
            Resource::DeploymentOperations(name) => {
                self.get(|call| deployments::list_operations(call, &name))
            }
            Resource::RoleDefinitions(_) => self.get(role_definitions::list),
            Resource::RoleDefinition(_, name) => {
                self.get(|call| role_definitions::get(call, &name))
            }
            Resource::InRegistry(name, resource) => {
                registries::check_name(self, &name)?;
                self.dispatch_in_registry(resource)
            }
        }
    }

    fn dispatch_in_registry(&self, resource: InRegistry) -> Result<Response, ArmError> {
        match resource {
            InRegistry::Itself => registries::answer(self),
            InRegistry::Usages => self.get(registries::list_usages),
            InRegistry::Credentials => self.post(registries::list_credentials),
            InRegistry::CacheRules => self.get(cache_rules::list),
            InRegistry::CacheRule(name) => cache_rules::answer(self, &name),
            InRegistry::CacheRuleStatus(name) => {
                self.get(|call| cache_rules::get_status(call, &name))
            }
            InRegistry::ImportImage => self.post(import::begin),
            InRegistry::Unused => self.get(registries::list_nothing),
            InRegistry::Tasks => self.get(tasks::list),
            InRegistry::Task(name) => tasks::answer(self, &name),
            InRegistry::TaskDetails(name) => self.post(|call| tasks::list_details(call, &name)),
            InRegistry::ScheduleRun => self.post(schedule::schedule),
            InRegistry::UploadUrl => self.post(schedule::list_upload_url),
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

    /// Tells where the answer to what was begun here is to be asked for, and when.
    fn poll_at(&self, header: HeaderName, path: &str, mut response: Response) -> Response {
        let mut place = self.state.endpoints.arm.clone();
        place.set_path(path);
        let version = self.parameter("api-version").unwrap_or_default();
        place.query_pairs_mut().append_pair("api-version", version);
        let place = HeaderValue::try_from(String::from(place)).expect("a URL is plain ASCII");
        response.headers_mut().insert(header, place);
        retry_soon(response)
    }

    /// The body as a JSON object.
    fn json(&self) -> Result<Value, ArmError> {
        object(serde_json::from_slice(&self.body))
    }

    /// The body as a JSON object whose keys may go without quotes.
    fn json_with_bare_keys(&self) -> Result<Value, ArmError> {
        let parsed = serde_json::from_slice(&self.body);
        object(parsed.or_else(|error| match str::from_utf8(&self.body) {
            Ok(text) => serde_json::from_str(&bare_keys::quote(text)),
            Err(_) => Err(error),
        }))
    }
}

fn object(parsed: serde_json::Result<Value>) -> Result<Value, ArmError> {
    let why = match parsed {
        Ok(value) if value.is_object() => return Ok(value),
        Ok(_) => "it is not an object".to_owned(),
        Err(error) => error.to_string(),
    };
    let message = format!("The request content was invalid and could not be deserialized: {why}.");
    Err(ArmError::bad_request("InvalidRequestContent", message))
}

/// Whoever the token for ARM in a request's header was issued to.
pub(crate) fn authenticate(state: &State, headers: &HeaderMap) -> Result<Principal, ArmError> {
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
mod deployment_tests;
#[cfg(test)]
mod http_tests;
#[cfg(test)]
mod registry_tests;
#[cfg(test)]
mod role_tests;
#[cfg(test)]
mod run_tests;
#[cfg(test)]
mod settings_tests;
