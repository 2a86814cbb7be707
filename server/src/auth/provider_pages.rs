//! The two routes of signing in at a provider: the way there, and the way back.
use super::flow::Flow;
use super::gate::{Browser, Gate};
use super::html::{escape, no_role, page};
use super::oidc::Oidc;
use super::pages::unavailable;
use super::{CALLBACK_PATH, SIGN_IN_PATH};
use axum::extract::{Query, Request, State};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use chrono::Utc;
use http::{StatusCode, header};
use serde::Deserialize;

/// Sends the browser to the provider, with a cookie that its answer must fit.
pub async fn begin(State(gate): State<Gate>) -> Response {
    let Some(oidc) = &gate.inner.oidc else {
        return no_provider();
    };
    let flow = oidc.key.begin(Utc::now());
    match oidc.authorization_url(&flow, &callback(&gate)).await {
        Ok(url) => {
            let cookie = gate.inner.cookies.set_flow(&flow.cookie);
            ([(header::SET_COOKIE, cookie)], Redirect::to(url.as_str())).into_response()
        }
        Err(error) => {
            tracing::error!(
                error = format!("{error:#}"),
                "the sign-in provider cannot be used"
            );
            let body = format!(
                "<p>{} does not answer as it should, so nobody can sign in there at the moment. The \
                 server's log says what it answered.</p>{AGAIN}",
                escape(oidc.name())
            );
            page(
                StatusCode::SERVICE_UNAVAILABLE,
                "The provider cannot be reached",
                &body,
            )
        }
    }
}

/// What the provider sends back with the browser.
#[derive(Deserialize)]
pub struct ProviderAnswer {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// Begins a session for whom the provider vouches, if the answer belongs to this browser's attempt and
/// one of the roles fits.
pub async fn answer(
    State(gate): State<Gate>,
    Query(answer): Query<ProviderAnswer>,
    request: Request,
) -> Response {
    let Some(oidc) = &gate.inner.oidc else {
        return no_provider();
    };
    let browser = Browser::of(&request);
    let cookie = gate.inner.cookies.flow(browser.headers);
    let flow = cookie.and_then(|cookie| oidc.key.resume(cookie, Utc::now()));
    // A cookie that only this console can have made says what the state must be.
    let flow = flow.filter(|flow| answer.state.as_deref() == Some(flow.state.as_str()));
    let response = match flow {
        Some(flow) => finish(&gate, oidc, &flow, answer, &browser).await,
        None => {
            let why = "an answer of the provider that fits no attempt of this browser";
            gate.note_failure(None, why, &browser).await;
            page(
                StatusCode::FORBIDDEN,
                "This sign-in did not begin here",
                &format!("{FOREIGN}{AGAIN}"),
            )
        }
    };
    // An attempt is over with its answer.
    let forget = AppendHeaders([(header::SET_COOKIE, gate.inner.cookies.clear_flow())]);
    (forget, response).into_response()
}

async fn finish(
    gate: &Gate,
    oidc: &Oidc,
    flow: &Flow,
    answer: ProviderAnswer,
    browser: &Browser<'_>,
) -> Response {
    let Some(code) = answer.code else {
        let error = answer.error.unwrap_or_else(|| "no code".to_owned());
        let why = format!("the provider refused: {}", error.escape_debug());
        gate.note_failure(None, &why, browser).await;
        let body = format!(
            "<p>{} answered <code>{}</code>. {}</p>{AGAIN}",
            escape(oidc.name()),
            escape(&error),
            escape(&answer.error_description.unwrap_or_default())
        );
        return page(
            StatusCode::FORBIDDEN,
            "The provider did not sign you in",
            &body,
        );
    };
    let vouched = match oidc.exchange(code, flow, &callback(gate)).await {
        Ok(vouched) => vouched,
        Err(error) => {
            tracing::warn!(
                error = format!("{error:#}"),
                "a provider's answer was refused"
            );
            gate.note_failure(None, &error.to_string(), browser).await;
            let body = format!(
                "<p>What went wrong: {}.</p>{UNPROVEN}{AGAIN}",
                escape(&error.to_string())
            );
            return page(
                StatusCode::FORBIDDEN,
                "Your sign-in could not be verified",
                &body,
            );
        }
    };
    match vouched.identity.granted(&gate.inner.config.grants) {
        Ok(granted) => {
            let begun = gate.begin(&granted, oidc.issuer(), Some(&vouched.id_token), browser);
            match begun.await {
                Ok(cookie) => {
                    let keep = AppendHeaders([(header::SET_COOKIE, cookie)]);
                    (keep, Redirect::to("/")).into_response()
                }
                Err(error) => unavailable(&error),
            }
        }
        Err(stranger) => {
            let why = "nothing that the provider says of them gives a role";
            gate.note_failure(Some(&stranger.name), why, browser).await;
            no_role(&stranger, oidc.roles_claim())
        }
    }
}

fn no_provider() -> Response {
    let body = format!(
        "<p>This Drydock was started without <code>--oidc-issuer</code>, so there is no provider to \
         sign in at.</p><p><a class=\"button\" href=\"{SIGN_IN_PATH}\">How to sign in</a></p>"
    );
    page(StatusCode::NOT_FOUND, "There is no sign-in provider", &body)
}

fn callback(gate: &Gate) -> String {
    format!("{}{CALLBACK_PATH}", gate.inner.url)
}

const AGAIN: &str = "<p><a class=\"button\" href=\"/sign-in/provider\">Try again</a></p>";
const FOREIGN: &str = "<p>The provider's answer fits no sign-in that this browser began within the last \
    ten minutes. Perhaps it took too long, or the browser keeps no cookies, or somebody sent you the \
    address.</p>";
const UNPROVEN: &str = "<p>A code works once and for a short time. The server's log says more.</p>";
