//! Findings as files, and the audit pack. What their page shows stands in the same query.
use crate::console::Console;
use crate::failure::Failure;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use drydock_app::ApiError;
use drydock_app::error::ErrorCode;
use drydock_domain::compliance::FindingQuery;
use drydock_domain::compliance::export::Format;
use drydock_workflow::{Caller, ExportedFile};
use http::header;
use std::collections::HashMap;

type Pairs = Query<HashMap<String, String>>;

fn query_of(pairs: &HashMap<String, String>) -> FindingQuery {
    FindingQuery::read(|name| pairs.get(name).cloned().unwrap_or_default())
}

/// One format; `format` names it, and `digest` the image of a format that is about one.
pub async fn export(
    State(console): State<Console>,
    Extension(caller): Extension<Caller>,
    Path(registry): Path<String>,
    Query(pairs): Pairs,
) -> Result<Response, Failure> {
    let text = |name| pairs.get(name).map_or("", String::as_str);
    let Some(format) = Format::find(text("format")) else {
        let known = Format::ALL.map(Format::as_str).join(", ");
        let sentence = format!("Name the format of the file: {known}.");
        return Err(Failure(ApiError::new(ErrorCode::Invalid, sentence)));
    };
    let query = query_of(&pairs);
    let digest = text("digest");
    let exported = console
        .workflow
        .export_compliance(&caller, &registry, format, &query, digest)
        .await?;
    Ok(saved(exported))
}

pub async fn pack(
    State(console): State<Console>,
    Extension(caller): Extension<Caller>,
    Path(registry): Path<String>,
    Query(pairs): Pairs,
) -> Result<Response, Failure> {
    let query = query_of(&pairs);
    let pack = console.workflow.export_pack(&caller, &registry, &query);
    Ok(saved(pack.await?))
}

/// The browser saves it, a page too: nothing in it is of this site.
fn saved(exported: ExportedFile) -> Response {
    let fields = [
        (header::CONTENT_TYPE, exported.media_type.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{}\"", exported.name),
        ),
        // Of a format that has no place for its own digest.
        (
            header::HeaderName::from_static("x-content-sha256"),
            exported.sha256,
        ),
    ];
    (fields, exported.bytes).into_response()
}
