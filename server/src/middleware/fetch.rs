//! Where a request comes from, by what the browser itself says: `Sec-Fetch-*` and `Origin`.
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode, header};

/// Answers 403 to a request that another site's page made, other than a plain navigation to here.
pub async fn refuse_cross_site(request: Request, next: Next) -> Response {
    match check(request.method(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(sentence) => (StatusCode::FORBIDDEN, format!("{sentence}\n")).into_response(),
    }
}

fn check(method: &Method, headers: &HeaderMap) -> Result<(), &'static str> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let site = text("sec-fetch-site");
    if matches!(*method, Method::GET | Method::HEAD) {
        let navigation = text("sec-fetch-mode") == Some("navigate")
            && !matches!(
                text("sec-fetch-dest"),
                Some("object" | "embed" | "iframe" | "frame")
            );
        return match site {
            None | Some("same-origin" | "none") => Ok(()),
            Some(_) if navigation => Ok(()),
            Some(_) => Err("Another site's page asked for this; open it in the address bar."),
        };
    }
    // A change needs positive proof: every current browser sends at least one of the two.
    let origin = headers
        .contains_key(header::ORIGIN)
        .then(|| is_own(headers));
    match (site, origin) {
        (None | Some("same-origin"), Some(true)) | (Some("same-origin"), None) => Ok(()),
        (None, None) => Err("A change needs an Origin header that names this console."),
        _ => Err("Another site's page tried to change something here; nothing was changed."),
    }
}

/// The port counts: another service of this machine is another origin.
fn is_own(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let (Some(origin), Some(host)) = (text(header::ORIGIN), text(header::HOST)) else {
        return false;
    };
    let authority = origin
        .strip_prefix("http://")
        .or_else(|| origin.strip_prefix("https://"));
    authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::check;
    use http::{HeaderMap, HeaderName, HeaderValue, Method};

    #[track_caller]
    fn verdict(method: Method, fields: &[(&'static str, &'static str)], allowed: bool) {
        let mut headers = HeaderMap::new();
        headers.insert("host", HeaderValue::from_static("127.0.0.1:4280"));
        for (name, value) in fields {
            headers.insert(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        }
        assert_eq!(
            check(&method, &headers).is_ok(),
            allowed,
            "{method} {fields:?}"
        );
    }

    const OWN: (&str, &str) = ("origin", "http://127.0.0.1:4280");

    #[test]
    fn a_change_must_come_from_the_console_itself() {
        verdict(Method::POST, &[OWN], true);
        verdict(
            Method::POST,
            &[OWN, ("sec-fetch-site", "same-origin")],
            true,
        );
        verdict(Method::POST, &[("sec-fetch-site", "same-origin")], true);
        verdict(Method::POST, &[], false);
        verdict(Method::DELETE, &[("origin", "null")], false);
        verdict(Method::POST, &[("origin", "http://127.0.0.1:5080")], false);
        verdict(Method::POST, &[("origin", "https://evil.example")], false);
        verdict(
            Method::POST,
            &[OWN, ("sec-fetch-site", "cross-site")],
            false,
        );
        verdict(Method::POST, &[("sec-fetch-site", "same-site")], false);
        verdict(Method::POST, &[("sec-fetch-site", "none")], false);
    }

    #[test]
    fn reading_is_for_the_console_and_for_links_to_it() {
        verdict(Method::GET, &[], true);
        verdict(Method::GET, &[("sec-fetch-site", "none")], true);
        verdict(Method::GET, &[("sec-fetch-site", "cross-site")], false);
        let link = [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "navigate"),
        ];
        verdict(Method::GET, &link, true);
        verdict(
            Method::GET,
            &[link[0], link[1], ("sec-fetch-dest", "iframe")],
            false,
        );
    }
}
