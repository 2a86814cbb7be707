//! No session, no page, no server function, no stream, no download.
use crate::auth::{Gate, SIGN_IN_PATH};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, Method, StatusCode, header};

/// What a person without a session may reach; the embedded files are answered before this.
const OPEN_PATHS: [&str; 2] = [SIGN_IN_PATH, "/healthz"];

/// Puts the session's `Caller` into the request, or answers: a page with a redirect to the sign-in
/// page, anything else with 401.
pub async fn require_session(
    State(gate): State<Gate>,
    mut request: Request,
    next: Next,
) -> Response {
    if OPEN_PATHS.contains(&request.uri().path()) {
        return next.run(request).await;
    }
    match gate.find_caller(request.headers()).await {
        Ok(Some(caller)) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Ok(None) if is_page(request.method(), request.headers()) => {
            Redirect::to(SIGN_IN_PATH).into_response()
        }
        Ok(None) => (StatusCode::UNAUTHORIZED, UNAUTHENTICATED).into_response(),
        Err(error) => {
            tracing::error!(
                error = format!("{error:#}"),
                "a session could not be looked up"
            );
            (StatusCode::SERVICE_UNAVAILABLE, UNAVAILABLE).into_response()
        }
    }
}

const UNAUTHENTICATED: &str = "Your session has ended. Run `drydock link` for a new link.\n";
const UNAVAILABLE: &str = "Sessions cannot be read at the moment; the server's log says why.\n";

fn is_page(method: &Method, headers: &HeaderMap) -> bool {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok());
    *method == Method::GET && accept.is_some_and(|accept| accept.contains("text/html"))
}
