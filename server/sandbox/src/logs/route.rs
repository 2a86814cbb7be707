//! GET and HEAD of a log, with the headers of an append blob.
use super::range::{ByteRange, RangeError};
use super::{LogFacts, LogLinks, SasError};
use crate::State;
use crate::tasks::Run;
use axum::body::Body;
use axum::extract::{Request, State as Shared};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode, header};
use std::io::SeekFrom;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;

const SERVICE_VERSION: &str = "2022-11-02";

pub async fn answer(Shared(state): Shared<Arc<State>>, request: Request) -> Response {
    let (request, _body) = request.into_parts();
    match read(&state, &request).await {
        Ok(response) => response,
        Err(refusal) => refusal.into_response(request.method == Method::HEAD),
    }
}

/// An answer other than the blob, in the storage service's own envelope.
struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    size_bytes: Option<u64>,
}

async fn read(state: &State, request: &Parts) -> Result<Response, Refusal> {
    let links = LogLinks::new(
        &state.endpoints.arm,
        &state.identity.signing_key,
        &state.endpoints.registry_id(),
    );
    let run_id = links
        .parse_path(request.uri.path())
        .ok_or_else(Refusal::not_found)?;
    let query = request.uri.query().unwrap_or_default();
    links
        .verify(run_id, query, state.clock.now())
        .map_err(Refusal::not_authenticated)?;
    let is_head = request.method == Method::HEAD;
    if !is_head && request.method != Method::GET {
        return Err(Refusal::method(&request.method));
    }
    // The run is asked before the file: when it has ended, its log is whole.
    let run = state.desk.find_run(run_id).ok_or_else(Refusal::not_found)?;
    let facts = state.desk.logs.facts(run_id).map_err(Refusal::storage)?;
    let facts = facts.ok_or_else(Refusal::not_found)?;
    let range = if is_head {
        None
    } else {
        wanted(&request.headers)
    };
    let Some(range) = range else {
        let whole = ByteRange {
            start: 0,
            end: facts.size_bytes,
        };
        let body = if is_head {
            Body::empty()
        } else {
            open(state, run_id, whole).await?
        };
        return Ok(respond(StatusCode::OK, &run, &facts, whole, body));
    };
    let range = ByteRange::parse(range, facts.size_bytes)
        .map_err(|error| Refusal::range(error, facts.size_bytes))?;
    let body = open(state, run_id, range).await?;
    Ok(respond(
        StatusCode::PARTIAL_CONTENT,
        &run,
        &facts,
        range,
        body,
    ))
}

fn wanted(headers: &HeaderMap) -> Option<&str> {
    let header = headers
        .get("x-ms-range")
        .or_else(|| headers.get(header::RANGE))?;
    header.to_str().ok()
}

async fn open(state: &State, run_id: &str, range: ByteRange) -> Result<Body, Refusal> {
    let path = state.desk.logs.path_of(run_id);
    let mut file = tokio::fs::File::open(path)
        .await
        .map_err(Refusal::storage)?;
    file.seek(SeekFrom::Start(range.start))
        .await
        .map_err(Refusal::storage)?;
    Ok(Body::from_stream(ReaderStream::new(
        file.take(range.size_bytes()),
    )))
}

fn respond(
    status: StatusCode,
    run: &Run,
    facts: &LogFacts,
    range: ByteRange,
    body: Body,
) -> Response {
    let created_at = run.started_at.unwrap_or(run.created_at);
    let etag = format!(
        "\"0x{:X}\"",
        (facts.size_bytes << 1) | u64::from(run.status.is_finished())
    );
    let mut response = Response::builder()
        .status(status)
        .header(header::CONTENT_LENGTH, range.size_bytes())
        .header(header::CONTENT_TYPE, "text/plain; charset=utf-8")
        // Not a coding that HTTP knows, and what the real blobs carry.
        .header(header::CONTENT_ENCODING, "utf-8")
        .header(header::ACCEPT_RANGES, "bytes")
        .header(header::ETAG, etag)
        .header(header::LAST_MODIFIED, http_date(facts.modified_at.into()))
        .header("x-ms-creation-time", http_date(created_at))
        .header("x-ms-blob-type", "AppendBlob")
        .header("x-ms-blob-committed-block-count", facts.blocks)
        .header("x-ms-lease-state", "available")
        .header("x-ms-lease-status", "unlocked")
        .header("x-ms-server-encrypted", "false")
        .header("x-ms-version", SERVICE_VERSION);
    if status == StatusCode::PARTIAL_CONTENT {
        let content_range = format!(
            "bytes {}-{}/{}",
            range.start,
            range.end - 1,
            facts.size_bytes
        );
        response = response.header(header::CONTENT_RANGE, content_range);
    }
    if let Some(completion) = run.log_completion() {
        response = response.header("x-ms-meta-complete", completion);
    }
    response
        .body(body)
        .expect("the header values are plain ASCII")
}

fn http_date(instant: DateTime<Utc>) -> String {
    instant.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            size_bytes: None,
        }
    }

    fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "BlobNotFound",
            "The specified blob does not exist.",
        )
    }

    fn not_authenticated(error: SasError) -> Self {
        let message = format!("Server failed to authenticate the request: {error}.");
        Self::new(StatusCode::FORBIDDEN, "AuthenticationFailed", message)
    }

    fn method(method: &Method) -> Self {
        let message =
            format!("The resource doesn't support the HTTP verb {method}: a log is only read.");
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "UnsupportedHttpVerb",
            message,
        )
    }

    fn range(error: RangeError, size_bytes: u64) -> Self {
        let mut refusal = match error {
            RangeError::BeyondTheEnd => Self::new(
                StatusCode::RANGE_NOT_SATISFIABLE,
                "InvalidRange",
                "The range specified is invalid for the current size of the resource.",
            ),
            RangeError::Malformed => Self::new(
                StatusCode::BAD_REQUEST,
                "InvalidHeaderValue",
                "The range is not of the form bytes=FIRST-LAST.",
            ),
        };
        refusal.size_bytes = Some(size_bytes);
        refusal
    }

    fn storage(error: std::io::Error) -> Self {
        tracing::error!(%error, "a log cannot be read");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalError",
            "The log cannot be read.",
        )
    }

    fn into_response(self, is_head: bool) -> Response {
        let Self {
            status,
            code,
            message,
            size_bytes,
        } = self;
        let xml = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
        );
        let body = if is_head { String::new() } else { xml };
        let headers = [
            (header::CONTENT_TYPE.as_str(), "application/xml"),
            ("x-ms-error-code", code),
            ("x-ms-version", SERVICE_VERSION),
        ];
        let mut response = (status, headers, body).into_response();
        if let (StatusCode::RANGE_NOT_SATISFIABLE, Some(size)) = (status, size_bytes) {
            let value = http::HeaderValue::from_str(&format!("bytes */{size}"));
            response.headers_mut().insert(
                header::CONTENT_RANGE,
                value.expect("a number is plain ASCII"),
            );
        }
        response
    }
}
