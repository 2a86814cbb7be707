//! The headers of an append blob.
use super::LogFacts;
use super::range::ByteRange;
use super::refusal::SERVICE_VERSION;
use crate::tasks::Run;
use axum::body::Body;
use axum::response::Response;
use chrono::{DateTime, Utc};
use http::{StatusCode, header};

/// A range of a log, or all of it.
pub fn respond(
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

pub fn http_date(instant: DateTime<Utc>) -> String {
    instant.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
