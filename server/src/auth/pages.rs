//! The two routes of signing in and out. They are plain HTML: they work before anything else does.
use super::SIGN_IN_PATH;
use super::cookie;
use super::gate::Gate;
use crate::assets::PACKAGE_HASH;
use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use http::{HeaderMap, Method, StatusCode, header};
use serde::Deserialize;

#[derive(Deserialize)]
pub struct SignIn {
    token: Option<String>,
}

/// Without a token, the page that says where to get a link. With one, a session and the way to `/`.
pub async fn sign_in(
    State(gate): State<Gate>,
    method: Method,
    headers: HeaderMap,
    Query(SignIn { token }): Query<SignIn>,
) -> Response {
    let Some(token) = token else {
        return page(StatusCode::OK, "Sign in", HOW);
    };
    // What a browser or a chat program loads ahead of the person must not use the link up.
    if method != Method::GET || is_prefetch(&headers) {
        return StatusCode::NO_CONTENT.into_response();
    }
    let exchanged = match cookie::parse(&token) {
        Some(token) => gate.exchange(&token).await,
        None => Ok(None),
    };
    match exchanged {
        Ok(Some(cookie)) => ([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response(),
        Ok(None) => page(StatusCode::FORBIDDEN, "This link no longer works", USED),
        Err(error) => unavailable(&error),
    }
}

/// Ends the session and says so.
pub async fn sign_out(State(gate): State<Gate>, headers: HeaderMap) -> Response {
    match gate.sign_out(&headers).await {
        Ok(cookie) => ([(header::SET_COOKIE, cookie)], Redirect::to(SIGN_IN_PATH)).into_response(),
        Err(error) => unavailable(&error),
    }
}

fn is_prefetch(headers: &HeaderMap) -> bool {
    ["sec-purpose", "purpose", "x-moz"].iter().any(|name| {
        let value = headers.get(*name).and_then(|value| value.to_str().ok());
        value.is_some_and(|value| value.contains("prefetch") || value.contains("prerender"))
    })
}

fn unavailable(error: &anyhow::Error) -> Response {
    tracing::error!(
        error = format!("{error:#}"),
        "sessions cannot be read or written"
    );
    page(
        StatusCode::SERVICE_UNAVAILABLE,
        "Drydock cannot sign you in",
        BROKEN,
    )
}

const HOW: &str = "<p>Drydock prints a link when it starts: open it in this browser. A link works \
    once, and for ten minutes.</p><p>For a fresh one, run this on the machine where Drydock runs:</p>\
    <pre><code>drydock link</code></pre><p>From a checkout of the source, that is \
    <code>cargo run --release -- link</code>.</p>";
const USED: &str = "<p>A sign-in link works once, and for ten minutes. Run <code>drydock link</code> \
    on the machine where Drydock runs, and open the link that it prints.</p>";
const BROKEN: &str = "<p>Its sessions cannot be read or written at the moment. The server's log says \
    why; a full disk is the usual reason.</p>";

fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title} · Drydock</title>\n\
         <link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">\n\
         <link rel=\"stylesheet\" href=\"/pkg/{PACKAGE_HASH}/drydock.css\">\n</head>\n<body>\n\
         <main class=\"sign-in\">\n<h1>{title}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    );
    (status, Html(html)).into_response()
}
