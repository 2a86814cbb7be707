//! Every URL of the console, and what each request passes on its way there.
use crate::console::Console;
use crate::middleware::{self, FormErrors, content_security_policy};
use crate::{assets, auth, downloads, embed, events, metrics};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Redirect;
use axum::routing::{get, post};
use drydock_app::{App, FormError, RequestId, SampleFeed, paths, shell};
use drydock_workflow::Caller;
use http::{HeaderValue, header, request::Parts};
use leptos::config::LeptosOptions;
use leptos::nonce::use_nonce;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::{
    AxumRouteListing, ErrorHandler, LeptosRoutes, ResponseOptions, generate_route_list,
};
use std::sync::OnceLock;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::limit::RequestBodyLimitLayer;

/// A policy may have 10 MiB, and a form triples what it has to escape.
const BODY_LIMIT_BYTES: usize = 32 << 20;

/// The page's options: the bundle's URL carries its hash, so a browser keeps it for ever.
pub fn options() -> LeptosOptions {
    LeptosOptions::builder()
        .output_name("drydock")
        .site_pkg_dir(format!("pkg/{}", assets::PACKAGE_HASH))
        .build()
}

/// The whole console. A layer wraps those before it: the last one here sees a request first.
pub fn router(console: Console) -> Router {
    let frames = embed::router(console.clone());
    let options = console.options.clone();
    let context = request_context(&console);
    let pages = {
        let options = options.clone();
        move || shell(options.clone())
    };
    Router::new()
        .leptos_routes_with_context(&console, page_routes(), context.clone(), pages)
        .fallback_service(ErrorHandler::new_with_context(context, shell, options))
        // Streams of events pass as they are: the layer's own rule.
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .merge(events::routes())
        .merge(downloads::routes())
        .route(auth::SIGN_IN_PATH, get(auth::sign_in))
        .route(auth::PROVIDER_PATH, get(auth::begin))
        .route(auth::CALLBACK_PATH, get(auth::answer))
        .route(auth::SIGN_OUT_PATH, post(auth::sign_out))
        // What is left of a registry's address when its name is taken away.
        .route(
            "/registries",
            get(|| async { Redirect::to(paths::REGISTRIES) }),
        )
        .route("/healthz", get(|| async { "ok\n" }))
        .route(metrics::READY_PATH, get(metrics::ready))
        .route(metrics::METRICS_PATH, get(metrics::metrics))
        .layer(from_fn_with_state(
            FormErrors::default(),
            middleware::keep_form_errors,
        ))
        .layer(from_fn_with_state(
            console.clone(),
            middleware::require_session,
        ))
        .layer(from_fn(middleware::serve_assets))
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(BODY_LIMIT_BYTES))
        .layer(from_fn(middleware::refuse_cross_site))
        .layer(from_fn_with_state(
            console.clone(),
            middleware::refuse_foreign_hosts,
        ))
        .layer(from_fn_with_state(console.clone(), metrics::count))
        .layer(from_fn(middleware::add_headers))
        .layer(from_fn(middleware::identify))
        .with_state(console)
        .merge(frames)
}

/// The pages' routes, listed once in a process: while leptos lists them, every page of the process that
/// begins to load its data never ends (leptos-rs/leptos#4773). Tests start many consoles in one process.
fn page_routes() -> Vec<AxumRouteListing> {
    static ROUTES: OnceLock<Vec<AxumRouteListing>> = OnceLock::new();
    ROUTES.get_or_init(|| generate_route_list(App)).clone()
}

/// What a page and a server function find in their context: the only place that provides it. The
/// caller is the one whom `require_session` found; without one there is none in the context either.
fn request_context(console: &Console) -> impl Fn() + Clone + Send + Sync + 'static {
    let workflow = console.workflow.clone();
    let samples = console.samples.clone();
    let feed = samples.map(|samples| SampleFeed::new(move || samples.borrow().clone()));
    move || {
        provide_context(workflow.clone());
        if let Some(feed) = &feed {
            provide_context(feed.clone());
        }
        let extensions = use_context::<Parts>()
            .map(|parts| parts.extensions)
            .unwrap_or_default();
        if let Some(caller) = extensions.get::<Caller>() {
            provide_context(caller.clone());
        }
        if let Some(id) = extensions.get::<RequestId>() {
            provide_context(id.clone());
        }
        if let Some(error) = extensions.get::<FormError>() {
            provide_context(error.clone());
        }
        // leptos_axum has made this request's nonce just before.
        if let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) {
            let policy = HeaderValue::from_str(&content_security_policy(&nonce))
                .expect("a nonce is base64, and the rest is fixed");
            response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
        }
    }
}
