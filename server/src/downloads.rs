//! Plain files for people and programs: a run's log, the policy as deployed, the planned runs, the
//! audit trail.
mod compliance;

use crate::console::Console;
use crate::failure::Failure;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use drydock_app::error::ErrorCode;
use drydock_app::{ApiError, paths};
use drydock_domain::images_file;
use drydock_domain::lineage::to_dot;
use drydock_ledger::{LedgerError, Token, TrailReader};
use drydock_workflow::Caller;
use futures::stream;
use http::header;
use serde::Deserialize;

pub fn routes() -> Router<Console> {
    Router::new()
        .route("/registries/{registry}/runs/{id}/log.txt", get(log))
        .route("/registries/{registry}/policy.json", get(policy))
        .route("/registries/{registry}/lineage", get(lineage))
        .route("/registries/{registry}/images.csv", get(images_csv))
        .route("/registries/{registry}/images.json", get(images_json))
        .route("/registries/{registry}/schedule.ics", get(feed))
        .route(
            "/registries/{registry}/compliance/export",
            get(compliance::export),
        )
        .route(
            "/registries/{registry}/compliance/pack",
            get(compliance::pack),
        )
        .route(paths::SHARED_FEED, get(shared_feed))
        .route(paths::AUDIT_FILE, get(trail))
}

/// The log as far as it is written; the browser shows it.
async fn log(
    State(console): State<Console>,
    Extension(caller): Extension<Caller>,
    Path((registry, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let chunk = console.workflow.read_log(&caller, &registry, &id).await?;
    let media_type = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    Ok((media_type, chunk.text).into_response())
}

/// The whole audit trail, as `drydock audit verify` reads it. Where reading breaks off, so does the
/// connection.
async fn trail(
    State(console): State<Console>,
    Extension(caller): Extension<Caller>,
) -> Result<Response, Failure> {
    let reader = console.workflow.export_trail(&caller).await?;
    let pages = stream::try_unfold(reader, async |mut reader: TrailReader| {
        let lines = reader.next_page().await?;
        let page = lines.iter().flat_map(|line| [line.as_str(), "\n"]);
        let page: String = page.collect();
        Ok::<_, LedgerError>((!page.is_empty()).then_some((page, reader)))
    });
    let fields = [
        (header::CONTENT_TYPE, "application/x-ndjson"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"audit.ndjson\"",
        ),
    ];
    Ok((fields, Body::from_stream(pages)).into_response())
}

/// The policy artifact's layer, byte for byte; the browser saves it.
async fn policy(
    State(console): State<Console>,
    Extension(caller): Extension<Caller>,
    Path(registry): Path<String>,
) -> Result<Response, Failure> {
    let state = console.workflow.get_workflow(&caller, &registry).await?;
    let Some(policy) = state.policy else {
        let sentence = "This registry has no policy yet: create one on its Policy page.";
        return Err(Failure(ApiError::new(ErrorCode::NotFound, sentence)));
    };
    let fields = [
        (header::CONTENT_TYPE, "application/json"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"policy.json\"",
        ),
    ];
    Ok((fields, policy.text).into_response())
}

/// The planned runs of a registry as iCalendar.
async fn feed(
    State(console): State<Console>,
    Extension(caller): Extension<Caller>,
    Path(registry): Path<String>,
) -> Result<Response, Failure> {
    let text = console.workflow.read_feed(&caller, &registry).await?;
    Ok(calendar(text))
}

#[derive(Deserialize)]
struct Shared {
    #[serde(default)]
    token: String,
}

/// The same without a session, for a calendar program that holds a link's token.
async fn shared_feed(
    State(console): State<Console>,
    Query(shared): Query<Shared>,
) -> Result<Response, Failure> {
    let token = Token::from_presented(&shared.token);
    Ok(calendar(console.workflow.read_shared_feed(&token).await?))
}

fn calendar(text: String) -> Response {
    let fields = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"schedule.ics\"",
        ),
    ];
    (fields, text).into_response()
}

/// Every tag of a registry for a spreadsheet.
async fn images_csv(
    State(console): State<Console>,
    Extension(caller): Extension<Caller>,
    Path(registry): Path<String>,
) -> Result<Response, Failure> {
    let images = console.workflow.list_images(&caller, &registry).await?;
    let text = images_file::to_csv(&images);
    Ok(saved("text/csv; charset=utf-8", "images.csv", text))
}

/// The same for a program.
async fn images_json(
    State(console): State<Console>,
    Extension(caller): Extension<Caller>,
    Path(registry): Path<String>,
) -> Result<Response, Failure> {
    let images = console.workflow.list_images(&caller, &registry).await?;
    let text = serde_json::to_string_pretty(&images);
    let text = text.expect("strings, numbers and lists have their JSON");
    Ok(saved("application/json", "images.json", text))
}

/// A file that the browser saves under this name.
fn saved(media_type: &'static str, name: &str, text: String) -> Response {
    let saved = format!("attachment; filename=\"{name}\"");
    let fields = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_DISPOSITION, saved),
    ];
    (fields, text).into_response()
}

#[derive(Deserialize)]
struct LineageFile {
    repository: String,
    #[serde(rename = "as")]
    format: LineageFormat,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum LineageFormat {
    Dot,
    Json,
}

/// A repository's lineage for other programs.
async fn lineage(
    State(console): State<Console>,
    Extension(caller): Extension<Caller>,
    Path(registry): Path<String>,
    Query(file): Query<LineageFile>,
) -> Result<Response, Failure> {
    let drawing = console
        .workflow
        .draw_lineage(&caller, &registry, &file.repository)
        .await?;
    let (media_type, extension, text) = match file.format {
        LineageFormat::Dot => ("text/vnd.graphviz", "dot", to_dot(&drawing.graph)),
        LineageFormat::Json => {
            let text = serde_json::to_string_pretty(&drawing);
            let text = text.expect("strings, numbers and lists have their JSON");
            ("application/json", "json", text)
        }
    };
    // A repository's name holds nothing that a header forbids.
    let name = drawing.lineage.repository.replace('/', "-");
    let name = format!("lineage-{name}.{extension}");
    Ok(saved(media_type, &name, text))
}
