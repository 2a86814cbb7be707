//! The two routes of signing in and out.
use super::gate::{Browser, Gate};
use super::html::{leading, page, signed_in_by_proxy};
use super::{PROVIDER_PATH, SIGN_IN_PATH, cookie};
use axum::extract::{Query, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, Method, StatusCode, header};
use serde::Deserialize;

#[derive(Deserialize)]
pub struct SignIn {
    token: Option<String>,
}

/// Without a token, the page that says how to sign in. With one, a session and the way to `/`.
pub async fn sign_in(
    State(gate): State<Gate>,
    Query(SignIn { token }): Query<SignIn>,
    request: Request,
) -> Response {
    let Some(token) = token else {
        return page(StatusCode::OK, "Sign in", &how(&gate));
    };
    // What a browser or a chat program loads ahead of the person must not use the link up.
    if request.method() != Method::GET || is_prefetch(request.headers()) {
        return StatusCode::NO_CONTENT.into_response();
    }
    let exchanged = match cookie::parse(&token) {
        Some(token) => gate.exchange(&token, &Browser::of(&request)).await,
        None => Ok(None),
    };
    match exchanged {
        Ok(Some(cookie)) => ([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response(),
        Ok(None) => page(StatusCode::FORBIDDEN, "This link no longer works", USED),
        Err(error) => unavailable(&error),
    }
}

/// Ends the session here and, where a provider began it, there.
pub async fn sign_out(State(gate): State<Gate>, request: Request) -> Response {
    if !gate.has_cookie(request.headers()) {
        return signed_in_by_proxy();
    }
    let (cookie, id_token) = match gate.sign_out(&Browser::of(&request)).await {
        Ok(ended) => ended,
        Err(error) => return unavailable(&error),
    };
    let forget = [(header::SET_COOKIE, cookie)];
    let oidc = gate.inner.oidc.as_ref().zip(id_token);
    if let Some((oidc, id_token)) = oidc {
        let back = format!("{}{SIGN_IN_PATH}", gate.inner.url);
        match oidc.end_session_url(&id_token, &back).await {
            // Not a redirect: the page's policy lets a form lead to this console alone.
            Ok(Some(url)) => {
                let words =
                    "You are signed out of Drydock. Your session at the provider ends next.";
                return (forget, leading("Signed out", url.as_str(), words)).into_response();
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(
                error = format!("{error:#}"),
                "a session goes on at the provider"
            ),
        }
    }
    (forget, Redirect::to(SIGN_IN_PATH)).into_response()
}

fn is_prefetch(headers: &HeaderMap) -> bool {
    ["sec-purpose", "purpose", "x-moz"].iter().any(|name| {
        let value = headers.get(*name).and_then(|value| value.to_str().ok());
        value.is_some_and(|value| value.contains("prefetch") || value.contains("prerender"))
    })
}

pub(super) fn unavailable(error: &anyhow::Error) -> Response {
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

fn how(gate: &Gate) -> String {
    let provider = gate.inner.oidc.as_ref().map(|oidc| {
        let name = super::html::escape(oidc.name());
        format!(
            "<p><a class=\"button\" data-variant=\"primary\" href=\"{PROVIDER_PATH}\">Sign in with \
             {name}</a></p><h2>Or by a link</h2>"
        )
    });
    provider.unwrap_or_default() + HOW
}

const HOW: &str = "<p>Drydock prints a link when it starts: open it in this browser. A link works \
    once, and for ten minutes.</p><p>For a fresh one, run this on the machine where Drydock runs:</p>\
    <pre><code>drydock link</code></pre><p>From a checkout of the source, that is \
    <code>cargo run --release -- link</code>.</p>";
const USED: &str = "<p>A sign-in link works once, and for ten minutes. Run <code>drydock link</code> \
    on the machine where Drydock runs, and open the link that it prints.</p>";
const BROKEN: &str = "<p>Its sessions cannot be read or written at the moment. The server's log says \
    why; a full disk is the usual reason.</p>";
