//! Where a blob's content is read. A registry in Azure sends its clients to its storage account,
//! with a link that opens this one blob for a while; here the storage is on the same listener.
use super::{
    blocking,
    error::RegistryError,
    manifests::{CONTENT_DIGEST, digest_value},
    send::{self, Asked},
};
use crate::{State, store::StoredBlob, tls::Channel};
use axum::{
    Router,
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use drydock_domain::tag::Digest;
use hmac::{Hmac, Mac};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts};
use sha2::Sha256;
use std::{ops::Range, sync::Arc};
use url::Url;

/// The first segment of these paths begins so; the registry's id follows.
pub(crate) const PREFIX: &str = "managed-";
const LIFETIME: TimeDelta = TimeDelta::minutes(20);
const VERSION: &str = "2018-03-28";

/// Answers every path that begins with `/managed-`. The link is the permission: a bearer that a
/// client sends along is not looked at.
pub(crate) fn router(state: Arc<State>) -> Router {
    Router::new().fallback(move |request: Request| {
        let state = state.clone();
        async move {
            let (parts, _body) = request.into_parts();
            match read(&state, &parts).await {
                Ok(response) => response,
                Err(refusal) => refusal.into_response(),
            }
        }
    })
}

/// A link that opens the blob for twenty minutes, for a client that came over `channel`.
pub(super) fn link(state: &State, channel: Channel, digest: &Digest) -> Url {
    let expiry = (state.clock.now() + LIFETIME).to_rfc3339_opts(SecondsFormat::Secs, true);
    let signature = mac(state, digest, &expiry).finalize().into_bytes();
    let base = format!(
        "{}://{}{}",
        channel.scheme(),
        state.endpoints.login_server,
        path(state, digest)
    );
    let mut link = Url::parse(&base).expect("a login server and a plain path make a URL");
    link.query_pairs_mut()
        .append_pair("se", &expiry)
        .append_pair("sig", &STANDARD.encode(signature))
        .append_pair("sp", "r")
        .append_pair("sr", "b")
        .append_pair("sv", VERSION)
        .append_pair("regid", &registry_id(state));
    link
}

fn registry_id(state: &State) -> String {
    state.identity.subscription_id.simple().to_string()
}

fn path(state: &State, digest: &Digest) -> String {
    let (id, hex) = (registry_id(state), digest.hex());
    let shard = &hex[..2];
    format!("/{PREFIX}{id}/docker/registry/v2/blobs/sha256/{shard}/{hex}/data")
}

fn mac(state: &State, digest: &Digest, expiry: &str) -> Hmac<Sha256> {
    let key = state.identity.signing_key.reveal().as_bytes();
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(format!("blob\n{digest}\n{expiry}").as_bytes());
    mac
}

/// The storage service's own refusals.
struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
}

async fn read(state: &Arc<State>, parts: &Parts) -> Result<Response, Refusal> {
    let digest = find(state, parts.uri.path()).ok_or_else(Refusal::not_found)?;
    verify(state, &digest, parts.uri.query().unwrap_or_default())?;
    if !matches!(parts.method, Method::GET | Method::HEAD) {
        return Err(Refusal {
            status: StatusCode::METHOD_NOT_ALLOWED,
            code: "UnsupportedHttpVerb",
            message: "A blob is only read.".into(),
        });
    }
    let (registry, wanted) = (state.registry.clone(), digest.clone());
    let blob = blocking(move || registry.content(&wanted)).await;
    let blob = blob.map_err(|_| Refusal::not_found())?;
    Ok(match send_blob(parts, &digest, blob) {
        Ok(response) => response,
        Err(error) => error.into_response(),
    })
}

fn find(state: &State, asked: &str) -> Option<Digest> {
    let hex = asked.strip_suffix("/data")?.rsplit('/').next()?;
    let digest = Digest::parse(&format!("sha256:{hex}")).ok()?;
    (path(state, &digest) == asked).then_some(digest)
}

fn verify(state: &State, digest: &Digest, query: &str) -> Result<(), Refusal> {
    let value = |name: &str| {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.find_map(|(key, value)| (key == name).then(|| value.into_owned()))
    };
    let (Some(expiry), Some(signature)) = (value("se"), value("sig")) else {
        return Err(Refusal::not_authenticated("the link carries no signature"));
    };
    let signature = STANDARD.decode(signature).unwrap_or_default();
    let signed = mac(state, digest, &expiry).verify_slice(&signature);
    signed.map_err(|_| {
        Refusal::not_authenticated("the link carries no signature of this registry")
    })?;
    match expiry.parse::<DateTime<Utc>>() {
        Ok(expiry) if state.clock.now() < expiry => Ok(()),
        _ => Err(Refusal::not_authenticated("the link has expired")),
    }
}

impl Refusal {
    fn not_found() -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            code: "BlobNotFound",
            message: "The specified blob does not exist.".into(),
        }
    }

    fn not_authenticated(why: &str) -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            code: "AuthenticationFailed",
            message: format!(
                "Server failed to authenticate the request: {why}. Ask the registry for the blob again."
            ),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self {
            status,
            code,
            message,
        } = self;
        let xml = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
        );
        let headers = [
            (header::CONTENT_TYPE.as_str(), "application/xml"),
            ("x-ms-error-code", code),
        ];
        (status, headers, xml).into_response()
    }
}

fn send_blob(parts: &Parts, digest: &Digest, blob: StoredBlob) -> Result<Response, RegistryError> {
    let size = blob.size_bytes;
    let mut headers = describe(digest, size);
    if parts.headers.get(header::IF_NONE_MATCH) == headers.get(header::ETAG) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    if parts.method == Method::HEAD {
        return Ok((headers, Body::empty()).into_response());
    }
    let range = parts.headers.get(header::RANGE);
    match send::parse_range(range.and_then(|value| value.to_str().ok()), size) {
        Asked::Whole => Ok((headers, send::body(blob.file, 0..size)).into_response()),
        Asked::OutOfFile => Err(out_of_range(digest, size)),
        Asked::Part(part) => {
            let length = part.end - part.start;
            headers.insert(header::CONTENT_LENGTH, length.into());
            headers.insert(header::CONTENT_RANGE, content_range(&part, size));
            let body = send::body(blob.file, part);
            Ok((StatusCode::PARTIAL_CONTENT, headers, body).into_response())
        }
    }
}

/// What is told of a blob before, or instead of, its content.
pub(super) fn describe(digest: &Digest, size: u64) -> HeaderMap {
    let tag = HeaderValue::from_str(&format!("\"{digest}\"")).expect("a digest is plain ASCII");
    HeaderMap::from_iter([
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/octet-stream"),
        ),
        (header::CONTENT_LENGTH, size.into()),
        (header::ACCEPT_RANGES, HeaderValue::from_static("bytes")),
        // A blob is its digest: it never changes.
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("max-age=31536000"),
        ),
        (header::ETAG, tag),
        (CONTENT_DIGEST, digest_value(digest)),
    ])
}

fn content_range(part: &Range<u64>, size: u64) -> HeaderValue {
    let range = format!("bytes {}-{}/{size}", part.start, part.end - 1);
    HeaderValue::from_str(&range).expect("numbers are plain ASCII")
}

fn out_of_range(digest: &Digest, size: u64) -> RegistryError {
    let value = HeaderValue::from_str(&format!("bytes */{size}")).expect("a number is plain ASCII");
    RegistryError::new(
        StatusCode::RANGE_NOT_SATISFIABLE,
        "RANGE_INVALID",
        format!("the blob {digest} has {size} bytes, and the range begins after them"),
    )
    .with_header(header::CONTENT_RANGE, value)
}
