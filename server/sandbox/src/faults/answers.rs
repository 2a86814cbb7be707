//! What a client meets when a rule strikes.
use super::{Kind, Rule, empty_page, forward};
use crate::State;
use axum::Json;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use futures::stream;
use http::{HeaderValue, StatusCode, header};
use serde_json::json;
use std::io;
use std::sync::Arc;

pub async fn harm(state: &Arc<State>, rule: &Rule, room: Router, request: Request) -> Response {
    let plane = Plane::of(request.uri().path());
    match rule.kind {
        Kind::Throttle => throttled(state, plane, rule.seconds),
        Kind::ServerError => plane.refusal(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalServerError",
            "Encountered internal server error; the sandbox was told to.",
        ),
        Kind::Unauthorized => unauthorized(state, plane),
        Kind::ExpiredLink => Plane::Blob.refusal(
            StatusCode::FORBIDDEN,
            "AuthenticationFailed",
            "Server failed to authenticate the request. Signature not valid in the specified time frame.",
        ),
        Kind::EmptyPage => {
            let (parts, body) = request.into_parts();
            match empty_page::answer(state, plane, &parts) {
                Some(page) => page,
                None => forward(room, Request::from_parts(parts, body)).await,
            }
        }
        Kind::Reset => {
            let response = forward(room, request).await;
            drop(response);
            broken()
        }
        Kind::SlowBody => slow(state, rule.seconds, forward(room, request).await).await,
        // Runs are asked about when they begin, and no request is harmed.
        Kind::EndlessRun => forward(room, request).await,
    }
}

/// Which service's envelope an answer has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Plane {
    Arm,
    Registry,
    Blob,
}

impl Plane {
    fn of(path: &str) -> Self {
        let first = path.trim_start_matches('/').split('/').next();
        let first = first.unwrap_or_default().to_ascii_lowercase();
        match first.as_str() {
            "v2" | "acr" | "oauth2" => Self::Registry,
            _ if first.starts_with("container-") => Self::Blob,
            _ => Self::Arm,
        }
    }

    fn refusal(self, status: StatusCode, code: &'static str, message: &str) -> Response {
        match self {
            Self::Arm => {
                let body = json!({"error": {"code": code, "message": message}});
                (status, Json(body)).into_response()
            }
            Self::Registry => {
                let body = json!({"errors": [{"code": code, "message": message, "detail": null}]});
                (status, Json(body)).into_response()
            }
            Self::Blob => {
                let body = format!(
                    "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
                );
                let headers = [
                    (header::CONTENT_TYPE.as_str(), "application/xml"),
                    ("x-ms-error-code", code),
                ];
                (status, headers, body).into_response()
            }
        }
    }
}

fn throttled(state: &State, plane: Plane, seconds: u32) -> Response {
    let endpoints = &state.endpoints;
    let (code, message) = match plane {
        Plane::Arm => (
            "SubscriptionRequestsThrottled",
            format!(
                "Number of requests for subscription '{}' actor '{}' exceeded. Please try again after '{seconds}' seconds.",
                endpoints.subscription_id, state.identity.object_id
            ),
        ),
        Plane::Registry => ("TOOMANYREQUESTS", "too many requests".to_owned()),
        Plane::Blob => ("ServerBusy", "The server is busy.".to_owned()),
    };
    let mut response = plane.refusal(StatusCode::TOO_MANY_REQUESTS, code, &message);
    let headers = response.headers_mut();
    headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

fn unauthorized(state: &State, plane: Plane) -> Response {
    let endpoints = &state.endpoints;
    let (code, message, challenge) = match plane {
        Plane::Arm => (
            "ExpiredAuthenticationToken",
            "The access token expiry UTC time is earlier than current UTC time.",
            format!(
                "Bearer authorization_uri=\"{}{}\", error=\"invalid_token\", error_description=\"The access token expired\"",
                endpoints.authority, endpoints.tenant_id
            ),
        ),
        Plane::Registry => (
            "UNAUTHORIZED",
            "authentication required, visit https://aka.ms/acr/authorization for more information.",
            format!(
                "Bearer realm=\"https://{0}/oauth2/token\",service=\"{0}\",error=\"invalid_token\"",
                endpoints.login_server
            ),
        ),
        Plane::Blob => (
            "InvalidAuthenticationInfo",
            "Server failed to authenticate the request.",
            "Bearer".to_owned(),
        ),
    };
    let mut response = plane.refusal(StatusCode::UNAUTHORIZED, code, message);
    let challenge = HeaderValue::try_from(challenge).expect("names and ids are plain ASCII");
    let headers = response.headers_mut();
    headers.insert(header::WWW_AUTHENTICATE, challenge);
    response
}

/// A body that breaks before its first byte takes the connection with it, and the head of the
/// answer, which has not been sent yet.
fn broken() -> Response {
    let broken = io::Error::new(io::ErrorKind::ConnectionReset, "a fault on purpose");
    Response::new(Body::from_stream(stream::once(async {
        Err::<Bytes, _>(broken)
    })))
}

async fn slow(state: &Arc<State>, seconds: u32, response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let whole = match axum::body::to_bytes(body, usize::MAX).await {
        Ok(whole) => whole,
        Err(error) => {
            return Plane::Arm.refusal(
                StatusCode::INTERNAL_SERVER_ERROR,
                "InternalServerError",
                &error.to_string(),
            );
        }
    };
    let (first, rest) = (
        whole.slice(..whole.len() / 2),
        whole.slice(whole.len() / 2..),
    );
    let until = state.clock.now() + TimeDelta::seconds(seconds.into());
    let clock = state.clock.clone();
    let rest = async move {
        clock.sleep_until(until).await;
        Ok(rest)
    };
    let body = stream::once(async { Ok::<_, io::Error>(first) });
    let body = futures::StreamExt::chain(body, stream::once(rest));
    Response::from_parts(parts, Body::from_stream(body))
}
