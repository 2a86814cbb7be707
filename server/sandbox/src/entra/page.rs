//! The one page of Entra: a form without a script, which no other page can frame.
use axum::response::{Html, IntoResponse, Response};
use http::{HeaderName, HeaderValue};

/// Asks for a code, a name and a password, below a sentence on what went wrong, if anything did.
/// `notice` is ours: nothing that was sent comes back on the page.
pub(super) fn form_page(notice: &str) -> String {
    let form = r#"<form method="post">
<p><label>The code that the program shows<br><input name="user_code" autocomplete="off" autocapitalize="characters" required></label></p>
<p><label>Name<br><input name="username" autocomplete="username" required></label></p>
<p><label>Password<br><input name="password" type="password" autocomplete="current-password" required></label></p>
<p>Enter a code only if you started the program that shows it: it may then act in your name.</p>
<p><button>Sign in</button></p>
</form>"#;
    document(&format!("<p role=\"status\">{notice}</p>\n{form}"))
}

pub(super) fn message_page(message: &str) -> String {
    document(&format!("<p role=\"status\">{message}</p>"))
}

fn document(content: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>Sign in to the Drydock sandbox</title></head>\n<body><main><h1>Sign in to the Drydock sandbox</h1>\n{content}\n</main></body></html>\n"
    )
}

pub(super) fn respond(page: String) -> Response {
    let mut response = Html(page).into_response();
    for (name, value) in [
        (
            "content-security-policy",
            "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        ),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
    ] {
        let name = HeaderName::from_static(name);
        let value = HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
    response
}
