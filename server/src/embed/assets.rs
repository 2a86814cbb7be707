//! The frame's own files and the host's. They hold nothing of anybody's, and any page may load them.
use super::share;
use crate::assets;
use crate::console::Console;
use axum::Router;
use axum::extract::{Path, Request};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderMap, StatusCode};

/// What a host's page loads: its address never changes.
pub const KIT: &str = drydock_app::paths::EMBED_KIT;
/// What the frame runs.
pub const SCRIPT: &str = "/embed/frame.js";

pub fn routes() -> Router<Console> {
    Router::new()
        .route(KIT, get(file))
        .route("/embed/drydock-embed.d.ts", get(file))
        .route(SCRIPT, get(file))
        .route("/embed/pkg/{hash}/drydock.css", get(style))
}

/// The style sheet of this build, under the frames' own tree.
pub fn style_path() -> String {
    format!("/embed/pkg/{}/drydock.css", assets::PACKAGE_HASH)
}

async fn file(request: Request) -> Response {
    serve(request.uri().path(), request.headers())
}

async fn style(Path(hash): Path<String>, headers: HeaderMap) -> Response {
    serve(&format!("/pkg/{hash}/drydock.css"), &headers)
}

fn serve(path: &str, headers: &HeaderMap) -> Response {
    let found = assets::serve(path, headers);
    let mut response = found.unwrap_or_else(|| StatusCode::NOT_FOUND.into_response());
    share(response.headers_mut());
    response
}
