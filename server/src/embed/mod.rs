//! Views in other sites' frames: a route tree of its own, beside the console's. No cookie is read
//! here, nothing is changed here, and only here may a page be framed.
mod api;
mod assets;
mod gate;
mod limit;
mod live;
mod page;
mod refusal;
mod token;

pub use gate::EmbedGate;

use crate::console::Console;
use crate::middleware;
use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use tower_http::limit::RequestBodyLimitLayer;

/// A token has some hundred bytes, a browser's report some thousand.
const BODY_LIMIT_BYTES: usize = 16 << 10;

/// The tree, with its own layers: neither the console's session nor its headers reach it.
pub fn router(console: Console) -> Router {
    let api = Router::new()
        .route(
            "/embed/api/session",
            post(api::exchange).options(api::preflight),
        )
        .route("/embed/api/view", get(api::view).options(api::preflight))
        .route(
            "/embed/api/events",
            get(live::follow).options(api::preflight),
        )
        .layer(from_fn(share_with_all));
    Router::new()
        .merge(api)
        .route("/embed/{id}", get(page::page))
        .route("/embed/{id}/reports", post(page::report))
        .merge(assets::routes())
        .layer(from_fn(add_headers))
        .layer(RequestBodyLimitLayer::new(BODY_LIMIT_BYTES))
        .layer(from_fn_with_state(
            console.clone(),
            middleware::refuse_foreign_hosts,
        ))
        .layer(from_fn(middleware::identify))
        .with_state(console)
}

/// For whatever is no frame's document.
const BARE: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "cross-origin",
    ),
    (header::CACHE_CONTROL, "no-store"),
];

/// Fills in what the handler has not decided. `X-Frame-Options` is missing on purpose: it knows no
/// list of sites, and a browser that reads `frame-ancestors` ignores it.
async fn add_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in BARE {
        let headers = response.headers_mut();
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    response
}

/// A frame in a sandbox has no origin of its own: the API answers anybody who has a token, and never
/// with credentials, of which it knows none.
async fn share_with_all(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    share(response.headers_mut());
    response
}

fn share(headers: &mut HeaderMap) {
    let any = HeaderValue::from_static("*");
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, any);
}
