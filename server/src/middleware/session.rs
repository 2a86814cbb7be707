//! No session, no page, no server function, no stream, no download.
use crate::auth::{CALLBACK_PATH, Found, Gate, PROVIDER_PATH, SIGN_IN_PATH, no_role};
use crate::metrics;
use axum::Json;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use drydock_app::error::ErrorCode;
use drydock_app::{ApiError, paths};
use drydock_workflow::Role;
use http::{HeaderMap, HeaderValue, StatusCode, header};

/// What a person without a session may reach; the embedded files are answered before this.
/// A calendar program has a token of its own in its link.
const OPEN_PATHS: [&str; 7] = [
    SIGN_IN_PATH,
    PROVIDER_PATH,
    CALLBACK_PATH,
    "/healthz",
    metrics::READY_PATH,
    // Guarded by a token of its own.
    metrics::METRICS_PATH,
    paths::SHARED_FEED,
];

/// Puts the session's `Caller` into the request, or answers: a page, and a form that the browser posts
/// by itself, with a redirect to the sign-in page, anything else with 401.
pub async fn require_session(
    State(gate): State<Gate>,
    mut request: Request,
    next: Next,
) -> Response {
    if OPEN_PATHS.contains(&request.uri().path()) {
        return next.run(request).await;
    }
    match gate.find_caller(&mut request).await {
        // A frame of another site has its own few addresses, and nothing here is one of them.
        Ok(Found::Caller { caller, .. }) if caller.role == Role::Embed => {
            let sentence = "A session of an embed opens the view that it is for, and no other.";
            refuse(request.uri().path(), ErrorCode::Forbidden, sentence)
        }
        Ok(Found::Caller { caller, cookie }) => {
            request.extensions_mut().insert(caller);
            let response = next.run(request).await;
            with_cookie(response, cookie)
        }
        Ok(Found::Stranger(identity)) => match accepts_page(request.headers()) {
            true => no_role(&identity, gate.proxy_claim()),
            false => refuse(request.uri().path(), ErrorCode::Forbidden, NO_ROLE),
        },
        Ok(Found::Nobody) if accepts_page(request.headers()) => {
            Redirect::to(SIGN_IN_PATH).into_response()
        }
        Ok(Found::Nobody) => {
            let sentence = match gate.has_cookie(request.headers()) {
                true => ENDED,
                false => NONE,
            };
            refuse(request.uri().path(), ErrorCode::SignedOut, sentence)
        }
        Err(error) => {
            tracing::error!(
                error = format!("{error:#}"),
                "a session could not be looked up"
            );
            (StatusCode::SERVICE_UNAVAILABLE, UNAVAILABLE).into_response()
        }
    }
}

/// A session's new token, unless the answer itself says what becomes of the session.
fn with_cookie(mut response: Response, cookie: Option<String>) -> Response {
    let headers = response.headers_mut();
    let says_itself = headers.get_all(header::SET_COOKIE).iter().any(|value| {
        let name = cookie
            .as_deref()
            .and_then(|cookie| cookie.split('=').next());
        name.is_some_and(|name| value.as_bytes().starts_with(name.as_bytes()))
    });
    if let Some(cookie) = cookie
        && !says_itself
    {
        let value = HeaderValue::from_str(&cookie).expect("names, hexadecimal digits and numbers");
        headers.append(header::SET_COOKIE, value);
    }
    response
}

const NO_ROLE: &str =
    "The proxy in front knows you, and nothing that it says gives you a role here.";
const NONE: &str = "Sign in first, at /sign-in.";
const ENDED: &str = "Your session has ended. Sign in again, at /sign-in.";
const UNAVAILABLE: &str = "Sessions cannot be read at the moment; the server's log says why.\n";

/// 401 or 403, for a page's own calls in the words that it shows.
fn refuse(path: &str, code: ErrorCode, sentence: &str) -> Response {
    let body = match path.starts_with("/api/") {
        true => Json(ApiError::new(code, sentence)).into_response(),
        false => format!("{sentence}\n").into_response(),
    };
    (code.status(), body).into_response()
}

fn accepts_page(headers: &HeaderMap) -> bool {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}
