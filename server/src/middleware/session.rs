//! No session, no page, no server function, no stream, no download.
use crate::auth::{Gate, SIGN_IN_PATH};
use axum::Json;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use drydock_app::error::ErrorCode;
use drydock_app::{ApiError, paths};
use drydock_workflow::Role;
use http::{HeaderMap, StatusCode, header};

/// What a person without a session may reach; the embedded files are answered before this.
/// A calendar program has a token of its own in its link.
const OPEN_PATHS: [&str; 3] = [SIGN_IN_PATH, "/healthz", paths::SHARED_FEED];

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
    match gate.find_caller(request.headers()).await {
        // A frame of another site has its own few addresses, and nothing here is one of them.
        Ok(Some(caller)) if caller.role == Role::Embed => {
            let sentence = "A session of an embed opens the view that it is for, and no other.";
            refuse(request.uri().path(), ErrorCode::Forbidden, sentence)
        }
        Ok(Some(caller)) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Ok(None) if accepts_page(request.headers()) => Redirect::to(SIGN_IN_PATH).into_response(),
        Ok(None) => {
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

const NONE: &str = "Sign in first: open the link that `drydock link` prints.";
const ENDED: &str = "Your session has ended. Open a new link: `drydock link` prints one.";
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
