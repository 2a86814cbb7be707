//! The frame's document: empty of data, it waits for the page around it to vouch for somebody.
use super::assets::{SCRIPT, style_path};
use super::refusal::{Code, Refusal};
use crate::console::Console;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use drydock_app::RequestId;
use drydock_domain::embed::{Embed, Origin, frame_headers};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use rand::Rng as _;
use serde::Deserialize;

/// The document of an embed, for the sites that it names. An embed that is unknown has none, and no
/// site may frame the sentence about it.
pub async fn page(
    State(console): State<Console>,
    Extension(request): Extension<RequestId>,
    Path(id): Path<String>,
) -> Response {
    match console.embeds.find_embed(&id).await {
        Ok(embed) => document(&embed),
        Err(refusal) if refusal.code == Code::EmbedUnknown => {
            let sentence =
                "There is no such embed; its site's administrator may have the address wrong.\n";
            (StatusCode::NOT_FOUND, sentence).into_response()
        }
        Err(refusal) => refusal.answer(&request),
    }
}

fn document(embed: &Embed) -> Response {
    let nonce = format!("{:032x}", rand::rng().random::<u128>());
    let (status, body) = match embed.revoked_at {
        None => (StatusCode::OK, living(embed, &nonce)),
        Some(_) => (StatusCode::GONE, REVOKED.to_owned()),
    };
    let style = style_path();
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"{body}",
        body = body.replace("{style}", &style)
    );
    let mut response = (status, Html(html)).into_response();
    for field in frame_headers(embed, &nonce) {
        let name = HeaderName::from_bytes(field.name.as_bytes()).expect("our own names");
        let value = HeaderValue::from_str(&field.value).expect("origins and ids are plain ASCII");
        response.headers_mut().insert(name, value);
    }
    response
}

const REVOKED: &str = ">\n<head>\n<meta charset=\"utf-8\">\n<title>Drydock</title>\n\
    <link rel=\"stylesheet\" href=\"{style}\">\n</head>\n<body class=\"embedded\">\n\
    <main><p>This view was revoked by Drydock's administrator.</p></main>\n</body>\n</html>\n";

/// Nothing in it is text of somebody else: ids and origins have no character that HTML knows.
fn living(embed: &Embed, nonce: &str) -> String {
    let origins: Vec<&str> = embed.origins.iter().map(Origin::as_str).collect();
    format!(
        " data-embed=\"{id}\" data-origins=\"{origins}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>Drydock</title>\n\
         <link rel=\"stylesheet\" href=\"{{style}}\">\n\
         <script type=\"module\" nonce=\"{nonce}\" src=\"{SCRIPT}\" crossorigin></script>\n\
         </head>\n<body class=\"embedded\">\n<p id=\"notice\" class=\"frame-notice\" role=\"status\">Connecting…</p>\n\
         <main id=\"view\"></main>\n\
         <noscript><p>This view needs JavaScript: it is shown only to whom the page around it \
         vouches for.</p></noscript>\n</body>\n</html>\n",
        id = embed.id,
        origins = origins.join(" "),
    )
}

#[derive(Deserialize)]
struct Report {
    #[serde(rename = "csp-report")]
    report: ReportBody,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct ReportBody {
    document_uri: Option<String>,
    effective_directive: Option<String>,
    violated_directive: Option<String>,
    blocked_uri: Option<String>,
}

/// What a browser says of a frame that it did not show: under which site. Anybody may send this, so
/// it is taken as an origin or not at all, and entered once an hour.
pub async fn report(
    State(console): State<Console>,
    Extension(request): Extension<RequestId>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let noted = async {
        let embed = console.embeds.find_embed(&id).await?;
        let Ok(Report { report }) = serde_json::from_slice::<Report>(&body) else {
            return Ok(());
        };
        let directive = report.effective_directive.as_deref();
        let directive = directive.or(report.violated_directive.as_deref());
        if !directive.is_some_and(|directive| directive.starts_with("frame-ancestors")) {
            return Ok(());
        }
        let referer = headers.get(header::REFERER);
        let referer = referer.and_then(|value| value.to_str().ok());
        let ancestor = ancestor(&embed, &report, referer);
        console.embeds.note_blocked(&embed.id, &ancestor).await
    };
    match noted.await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(Refusal { code, why }) => Refusal { code, why }.answer(&request),
    }
}

/// The site above the frame that is not listed, as far as the browser tells. Chromium names the frame
/// itself in its place, and the page around the frame in the Referer.
fn ancestor(embed: &Embed, report: &ReportBody, referer: Option<&str>) -> String {
    let own = report.document_uri.as_deref().and_then(origin);
    let blocked = report.blocked_uri.as_deref().and_then(origin);
    if let Some(blocked) = blocked.filter(|blocked| Some(blocked) != own.as_ref()) {
        return blocked;
    }
    match referer.and_then(origin) {
        Some(around) if embed.origins.iter().any(|it| it.as_str() == around) => {
            format!("a site above {around}, which is listed")
        }
        Some(around) => around,
        None => "a site that the browser does not name".to_owned(),
    }
}

/// Scheme, host and port of an address.
fn origin(address: &str) -> Option<String> {
    let origin = url::Url::parse(address).ok()?.origin();
    let text = origin.is_tuple().then(|| origin.ascii_serialization())?;
    (text.len() <= 256).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use drydock_domain::access::Role;
    use drydock_domain::embed::{EmbedScope, EmbedView};

    #[test]
    fn the_site_that_is_not_listed_is_named_as_far_as_the_browser_tells() {
        let embed = Embed {
            id: "e".into(),
            scope: EmbedScope {
                view: EmbedView::Runs,
                registry: "harbour".into(),
                repositories: Vec::new(),
                statuses: Vec::new(),
                role: Role::Viewer,
            },
            origins: vec![Origin::parse("https://listed.example").unwrap()],
            created_at: chrono::DateTime::UNIX_EPOCH,
            revoked_at: None,
        };
        let check = |blocked: &str, referer: Option<&str>, expected: &str| {
            let report = ReportBody {
                document_uri: Some("https://drydock.example/embed/e".into()),
                effective_directive: None,
                violated_directive: None,
                blocked_uri: Some(blocked.into()),
            };
            assert_eq!(ancestor(&embed, &report, referer), expected);
        };
        let (own, nobody) = (
            "https://drydock.example/",
            "a site that the browser does not name",
        );
        check("https://evil.example/page", None, "https://evil.example");
        check(own, Some("https://evil.example/"), "https://evil.example");
        let above = "a site above https://listed.example, which is listed";
        check(own, Some("https://listed.example/"), above);
        check(own, None, nobody);
        check("", Some("about:blank"), nobody);
    }
}
