//! The pages of signing in. They are plain HTML: they work before anything else does.
use super::PROVIDER_PATH;
use super::identity::Identity;
use crate::assets::PACKAGE_HASH;
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;

/// `body` is HTML: whatever came from elsewhere in it is escaped.
pub(super) fn page(status: StatusCode, title: &str, body: &str) -> Response {
    page_with(status, title, "", body)
}

/// A page that leads on to another address by itself, with a link for whoever is not led.
pub(super) fn leading(title: &str, url: &str, words: &str) -> Response {
    let url = escape(url);
    let refresh = format!("<meta http-equiv=\"refresh\" content=\"0;url={url}\">\n");
    let body = format!("<p>{words}</p><p><a class=\"button\" href=\"{url}\">Go on</a></p>");
    page_with(StatusCode::OK, title, &refresh, &body)
}

fn page_with(status: StatusCode, title: &str, head: &str, body: &str) -> Response {
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n{head}<title>{title} · Drydock</title>\n\
         <link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">\n\
         <link rel=\"stylesheet\" href=\"/pkg/{PACKAGE_HASH}/drydock.css\">\n</head>\n<body>\n\
         <main class=\"sign-in\">\n<h1>{title}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    );
    (status, Html(html)).into_response()
}

/// Somebody is known, and nothing that is known of them gives a role: what was seen, and who can change
/// that.
pub(crate) fn no_role(identity: &Identity, claim: &str) -> Response {
    let values = match identity.values.as_slice() {
        [] => "<p>It holds nothing of the kind.</p>".to_owned(),
        values => {
            let items = values
                .iter()
                .map(|value| format!("<li><code>{}</code></li>", escape(value)));
            format!("<p>It holds:</p><ul>{}</ul>", items.collect::<String>())
        }
    };
    let body = format!(
        "<p>You are signed in as <strong>{}</strong>, and nothing gives you a role in this console.</p>\
         <p>Roles come from <code>{}</code>. {values}</p>\
         <p>Whoever runs this Drydock gives one of these values a role, by starting it with \
         <code>--grant VALUE=ROLE</code>; whoever runs the sign-in can give you a value that has \
         one.</p><p><a class=\"button\" href=\"{PROVIDER_PATH}\">Sign in as somebody else</a></p>",
        escape(&identity.name),
        escape(claim),
    );
    page(StatusCode::FORBIDDEN, "You have no role here", &body)
}

/// Whom a proxy signs in it also signs out.
pub(super) fn signed_in_by_proxy() -> Response {
    let body = "<p>A proxy in front of this console signs you in with every request, so you are signed out \
         there and not here: at <code>/.auth/logout</code> of Azure, or <code>/oauth2/sign_out</code> \
         of oauth2-proxy.</p>";
    page(StatusCode::OK, "You are signed in by a proxy", body)
}

pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(character),
        }
    }
    escaped
}
