//! What every request passes before it reaches a page, in this order.
mod fetch;
mod form_errors;
mod headers;
mod host;
mod identify;
mod session;

pub use fetch::refuse_cross_site;
pub use form_errors::{FormErrors, keep_form_errors};
pub use headers::{add_headers, content_security_policy};
pub use host::{AllowedHosts, refuse_foreign_hosts};
pub use identify::identify;
pub use session::require_session;

use crate::assets;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::Method;

/// Embedded files need no session: the sign-in page uses them, and they hold nothing of anybody's.
pub async fn serve_assets(request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD)
        && let Some(response) = assets::serve(request.uri().path(), request.headers())
    {
        return response;
    }
    next.run(request).await
}
