//! A name for each request: in its log lines, in its answer, and in the error that a person sees.
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use drydock_app::RequestId;
use http::HeaderValue;
use rand::Rng as _;
use std::time::Instant;
use tracing::Instrument as _;

/// Opens a span with the method, the path and the id; never the query, which may hold a sign-in token.
pub async fn identify(mut request: Request, next: Next) -> Response {
    let id = format!("{:016x}", rand::rng().random::<u64>());
    let span = tracing::info_span!(
        "request", %id, method = %request.method(), path = request.uri().path()
    );
    request.extensions_mut().insert(RequestId(id.clone()));
    let started = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let milliseconds = started.elapsed().as_millis();
    span.in_scope(|| {
        tracing::debug!(
            status = response.status().as_u16(),
            milliseconds,
            "answered"
        )
    });
    let value = HeaderValue::from_str(&id).expect("hexadecimal digits");
    response.headers_mut().insert("x-request-id", value);
    response
}
