//! What a frame's script asks for: a session, and what to show.
use super::refusal::{Code, Refusal};
use super::token::find_status;
use crate::console::Console;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use drydock_app::RequestId;
use drydock_app::frames::{self, FramedView};
use drydock_domain::access::{Role, Scope};
use drydock_domain::embed::{EmbedRoute, EmbedView};
use drydock_domain::run::ImageStatus;
use drydock_ledger::EmbedSession;
use drydock_workflow::Caller;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};

/// Says to a browser that a frame in a sandbox may ask.
pub async fn preflight() -> Response {
    let fields = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "authorization, content-type",
        ),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    (StatusCode::NO_CONTENT, fields).into_response()
}

#[derive(Deserialize)]
struct Presented {
    embed: String,
    token: String,
    /// Of the page that sent the token, as the browser told the frame.
    origin: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Granted<'g> {
    session: &'g str,
    expires_in: i64,
}

/// Exchanges a host's token, out of the body: addresses are kept in logs and histories.
pub async fn exchange(
    State(console): State<Console>,
    Extension(request): Extension<RequestId>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let exchanged = async {
        check_origin(&headers)?;
        let presented: Presented = serde_json::from_slice(&body).map_err(|error| {
            let why = format!("send JSON with `embed`, `token` and `origin`: {error}");
            Refusal::new(Code::TokenMalformed, why)
        })?;
        let Presented {
            embed,
            token,
            origin,
        } = presented;
        console.embeds.exchange(&embed, &token, &origin).await
    };
    match exchanged.await {
        Ok(opened) => Json(Granted {
            session: opened.token.expose(),
            expires_in: opened.life.num_seconds(),
        })
        .into_response(),
        Err(refusal) => {
            let code = refusal.code.as_str();
            tracing::warn!(code, why = refusal.why, "a frame's token was refused");
            refusal.answer(&request)
        }
    }
}

/// The frame's own document sends its own origin, or `null` out of a sandbox; another page has no
/// business with a token.
fn check_origin(headers: &HeaderMap) -> Result<(), Refusal> {
    let text = |name| headers.get(name).map(HeaderValue::as_bytes);
    let Some(origin) = text(header::ORIGIN) else {
        return Ok(());
    };
    let scheme_end = origin.windows(3).position(|part| part == b"://");
    let authority = scheme_end.and_then(|place| origin.get(place + 3..));
    if origin == b"null" || (authority.is_some() && authority == text(header::HOST)) {
        return Ok(());
    }
    let why = "tokens are exchanged by the frame itself, not by the page around it";
    Err(Refusal::new(Code::ForeignOrigin, why))
}

#[derive(Deserialize)]
pub struct Wanted {
    route: String,
    /// Statuses with commas, of the visitor's own choice among those that are shown.
    #[serde(default)]
    status: String,
}

#[derive(Serialize)]
struct Shown {
    route: String,
    title: String,
    html: String,
}

/// The HTML of one place of the frame's view.
pub async fn view(
    State(console): State<Console>,
    Extension(request): Extension<RequestId>,
    headers: HeaderMap,
    Query(wanted): Query<Wanted>,
) -> Response {
    let shown = async {
        let (token, session) = console.embeds.find_session(&headers).await?;
        let route = allowed_route(&session, &wanted.route)?;
        let shown = show(&console, &session, &route, &wanted.status).await?;
        let place = route.to_string();
        console.embeds.note_view(&token, &session, &place).await?;
        Ok::<_, Refusal>(Shown {
            route: place,
            title: shown.title,
            html: shown.html,
        })
    };
    match shown.await {
        Ok(shown) => Json(shown).into_response(),
        Err(refusal) => refusal.answer(&request),
    }
}

/// A route that the session's scope shows.
pub(super) fn allowed_route(session: &EmbedSession, text: &str) -> Result<EmbedRoute, Refusal> {
    let route = EmbedRoute::parse(text).filter(|route| session.scope.shows(route));
    route.ok_or_else(|| Refusal::new(Code::RouteRefused, "this frame does not show that place"))
}

/// The session's person, who may read what the session shows, and nothing else exists for them.
pub(super) fn caller(session: &EmbedSession) -> Result<Caller, Refusal> {
    let scope = &session.scope;
    let names = scope.repositories.iter();
    let mut places: Vec<String> = names
        .map(|pattern| format!("{}/{pattern}", scope.registry))
        .collect();
    if places.is_empty() {
        places.push(scope.registry.clone());
    }
    let scope: Result<Scope, _> = places.join(",").parse();
    let scope = scope.map_err(|error| Refusal::new(Code::TokenScope, format!("{error}")))?;
    Ok(Caller::new(session.actor(), Role::Embed).within(scope))
}

async fn show(
    console: &Console,
    session: &EmbedSession,
    route: &EmbedRoute,
    status: &str,
) -> Result<FramedView, Refusal> {
    let scope = &session.scope;
    let (workflow, caller) = (&console.workflow, caller(session)?);
    let registry = scope.registry.as_str();
    let statuses = chosen(&scope.statuses, status);
    match (scope.view, route) {
        (EmbedView::Overview, _) => {
            let overview = workflow.get_overview(&caller, registry).await?;
            Ok(frames::overview(overview))
        }
        (_, EmbedRoute::Run(id)) => {
            let detail = workflow.get_run(&caller, registry, id).await?;
            let log = workflow.read_log(&caller, registry, id).await?;
            Ok(frames::run(registry, detail, log, &statuses))
        }
        (EmbedView::Runs, _) => {
            let list = workflow.read_runs(&caller, registry).await?;
            Ok(frames::runs(registry, list, &statuses))
        }
        (EmbedView::Lineage, EmbedRoute::Repository(name)) => {
            let lineage = workflow.get_lineage(&caller, registry, name).await?;
            Ok(frames::lineage(registry, lineage))
        }
        (EmbedView::Lineage, EmbedRoute::Start) => {
            let mut list = workflow.list_repositories(&caller, registry).await?;
            let is_shown = |name: &str| scope.shows_repository(name);
            list.repositories.retain(|row| is_shown(&row.repository));
            Ok(frames::repositories(registry, list.repositories))
        }
    }
}

/// What a visitor chose among what is locked; a choice of nothing shown is as none.
fn chosen(locked: &[ImageStatus], status: &str) -> Vec<ImageStatus> {
    let wanted = status.split(',').filter_map(find_status);
    let wanted: Vec<ImageStatus> = wanted
        .filter(|status| locked.is_empty() || locked.contains(status))
        .collect();
    match wanted.is_empty() {
        true => locked.to_vec(),
        false => wanted,
    }
}
