//! GET and HEAD of a log, and PUT of an archive.
use super::headers::{http_date, respond};
use super::range::ByteRange;
use super::refusal::{Refusal, SERVICE_VERSION};
use super::sources::MAX_ARCHIVE_BYTES;
use super::{Blob, BlobLinks, SourcePath};
use crate::State;
use axum::body::Body;
use axum::extract::{Request, State as Shared};
use axum::response::Response;
use futures::StreamExt;
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode, header};
use std::io::SeekFrom;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use tokio_util::io::ReaderStream;

pub async fn answer(Shared(state): Shared<Arc<State>>, request: Request) -> Response {
    let (request, body) = request.into_parts();
    let answered = match open_link(&state, &request) {
        Ok(Blob::Log(run_id)) => read(&state, &request, &run_id).await,
        Ok(Blob::Source(path)) => write(&state, &request, path, body).await,
        Err(refusal) => Err(refusal),
    };
    match answered {
        Ok(response) => response,
        Err(refusal) => refusal.into_response(request.method == Method::HEAD),
    }
}

/// The blob that a request is for, when its link opens it.
fn open_link(state: &State, request: &Parts) -> Result<Blob, Refusal> {
    let links = BlobLinks::of(state);
    let blob = links.parse_path(request.uri.path());
    let blob = blob.ok_or_else(Refusal::not_found)?;
    let query = request.uri.query().unwrap_or_default();
    let verified = links.verify(&blob, query, state.clock.now());
    verified.map_err(Refusal::not_authenticated)?;
    Ok(blob)
}

/// `PUT` of an archive in one piece, as a block blob.
async fn write(
    state: &Arc<State>,
    request: &Parts,
    path: SourcePath,
    body: Body,
) -> Result<Response, Refusal> {
    if request.method != Method::PUT {
        return Err(Refusal::method(&request.method));
    }
    let is_block = |kind: &http::HeaderValue| kind.as_bytes().eq_ignore_ascii_case(b"BlockBlob");
    if !request.headers.get("x-ms-blob-type").is_some_and(is_block) {
        return Err(Refusal::blob_type());
    }
    let temporary = state.desk.sources.begin(&path).map_err(Refusal::storage)?;
    let file = temporary.as_file().try_clone().map_err(Refusal::storage)?;
    let mut file = tokio::fs::File::from_std(file);
    let (mut chunks, mut size_bytes) = (body.into_data_stream(), 0_u64);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| Refusal::storage(std::io::Error::other(error)))?;
        size_bytes += chunk.len() as u64;
        if size_bytes > MAX_ARCHIVE_BYTES {
            return Err(Refusal::too_large(MAX_ARCHIVE_BYTES));
        }
        file.write_all(&chunk).await.map_err(Refusal::storage)?;
    }
    file.flush().await.map_err(Refusal::storage)?;
    let keeper = state.clone();
    let keep = move || keeper.desk.sources.keep(&path, temporary);
    let kept = tokio::task::spawn_blocking(keep).await;
    kept.map_err(std::io::Error::other)
        .and_then(|kept| kept)
        .map_err(Refusal::storage)?;
    let response = Response::builder()
        .status(StatusCode::CREATED)
        .header(header::ETAG, format!("\"0x{size_bytes:X}\""))
        .header(header::LAST_MODIFIED, http_date(state.clock.now()))
        .header("x-ms-request-server-encrypted", "false")
        .header("x-ms-version", SERVICE_VERSION);
    Ok(response
        .body(Body::empty())
        .expect("the header values are plain ASCII"))
}

async fn read(state: &State, request: &Parts, run_id: &str) -> Result<Response, Refusal> {
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
