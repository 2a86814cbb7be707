//! What the server puts into the context of each request, and how a server function takes it.
use crate::error::{ApiError, ErrorCode, is_plain_form_post};
use crate::state::zone::ZoneName;
use crate::widgets::read_schedule;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use drydock_domain::calendar::{Plan, SaveWarning, instant_of};
use drydock_domain::console::SampleProgress;
use drydock_domain::proposal::{Proposal, Submission};
use drydock_domain::schedule::Schedule;
use drydock_workflow::{Caller, Workflow, WorkflowError};
use leptos::prelude::use_context;
use leptos::server_fn::ServerFn;
use leptos::server_fn::error::ServerFnUrlError;
use std::sync::Arc;

/// Finds the log lines of one request.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Tells how far the sandbox is with its sample images. Absent where there is no sandbox.
#[derive(Clone)]
pub struct SampleFeed(Arc<dyn Fn() -> SampleProgress + Send + Sync>);

impl SampleFeed {
    pub fn new(read: impl Fn() -> SampleProgress + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    pub fn read(&self) -> SampleProgress {
        (self.0)()
    }
}

/// The use cases, and who asks.
///
/// # Errors
/// `SignedOut` where the request has no caller: the router lets none through, so this is the
/// second lock on the same door.
pub fn open() -> Result<(Workflow, Caller), ApiError> {
    use_context::<Workflow>()
        .zip(use_context::<Caller>())
        .ok_or_else(|| {
            let message = "You are not signed in. Open a sign-in link first.";
            ApiError::new(ErrorCode::SignedOut, message).answered()
        })
}

/// A schedule out of the text of a form's two fields; `at` is `HH:MM` in UTC.
///
/// # Errors
/// `Invalid`, naming the field.
pub(super) fn schedule(days: &str, at: &str) -> Result<Schedule, ApiError> {
    read_schedule(days, at).map_err(|(field, message)| {
        let mut error = ApiError::new(ErrorCode::Invalid, message);
        error.field = Some(field.to_owned());
        error.answered()
    })
}

/// Lets a schedule pass that a living page sent, which has shown what saving it does; of a plain form
/// only one whose warnings were on the page.
///
/// # Errors
/// `Unconfirmed`, with the warnings.
pub(super) async fn require_warned(
    workflow: &Workflow,
    caller: &Caller,
    registry: &str,
    schedule: Schedule,
    seen: &str,
) -> Result<(), ApiError> {
    if !is_plain_form_post() || schedule.to_cron() == seen {
        return Ok(());
    }
    let facts = workflow.get_calendar(caller, registry).await?;
    let warnings = facts.save_warnings(&Plan::Days(schedule));
    if warnings.is_empty() {
        return Ok(());
    }
    let warnings: Vec<String> = warnings.iter().map(SaveWarning::to_string).collect();
    let mut error = ApiError::new(ErrorCode::Unconfirmed, warnings.join(" "));
    error.remedy = Some("Press the same button again to do so all the same.".to_owned());
    Err(error.answered())
}

/// An instant out of the text of a form's field, `YYYY-MM-DDTHH:MM` on the clocks of a zone.
///
/// # Errors
/// `Invalid`, naming the field.
pub(super) fn instant(
    field: &'static str,
    text: &str,
    zone: &str,
) -> Result<DateTime<Utc>, ApiError> {
    let shown = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M");
    let Some((shown, zone)) = shown.ok().zip(ZoneName::find(zone)) else {
        let message = "Write a day and a time of day, such as 2026-12-20T08:00.";
        let mut error = ApiError::new(ErrorCode::Invalid, message);
        error.field = Some(field.to_owned());
        return Err(error.answered());
    };
    Ok(instant_of(&zone, shown))
}

/// The beginning of a day in UTC out of the text of a form's field, `YYYY-MM-DD`.
///
/// # Errors
/// `Invalid`, naming the field.
pub(super) fn day(field: &'static str, text: &str) -> Result<DateTime<Utc>, ApiError> {
    let day: Result<NaiveDate, _> = text.parse();
    day.map(|day| day.and_time(NaiveTime::MIN).and_utc())
        .map_err(|_| {
            let mut error = ApiError::new(ErrorCode::Invalid, "Write a day, such as 2026-12-20.");
            error.field = Some(field.to_owned());
            error.answered()
        })
}

/// Deploys a change, or proposes it where that takes a second person.
pub(super) async fn submit<T>(
    workflow: &Workflow,
    deploy: impl Future<Output = Result<T, WorkflowError>>,
    propose: impl Future<Output = Result<Proposal, WorkflowError>>,
) -> Result<Submission<T>, ApiError> {
    let submitted = match workflow.requires_approval() {
        true => propose
            .await
            .map(|proposal| Submission::Proposed(Box::new(proposal))),
        false => deploy.await.map(Submission::Done),
    };
    Ok(submitted?)
}

/// The same as [`go_on`], after a change: to `done`, or to where it waits.
pub(super) fn go_on_from<T>(submission: &Submission<T>, done: &str) {
    match submission {
        Submission::Done(_) => go_on(done),
        Submission::Proposed(proposal) => go_on(&crate::paths::proposals(&proposal.registry)),
    }
}

/// Where a form posted without JavaScript leads after it succeeded; a living page shows the
/// outcome where it is.
pub(super) fn go_on(path: &str) {
    if is_plain_form_post() {
        leptos_axum::redirect(path);
    }
}

/// Addresses that leave room to spare for the rest of a request's head.
const MAX_ADDRESS_BYTES: usize = 12 << 10;

/// Where a form posted without JavaScript leads after it was refused: back to its page, with the
/// fields as they were sent and the error, so that nothing typed is lost. Fields that are longer than
/// an address can be are still where the browser's Back leads.
pub(super) fn keep_fields<F: ServerFn>(
    result: Result<F::Output, ApiError>,
    page: &str,
    fields: &[(&str, &str)],
) -> Result<F::Output, ApiError> {
    let Err(error) = &result else {
        return result;
    };
    let query: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", crate::paths::query_value(value)))
        .collect();
    let address = format!("http://localhost{page}?{}", query.join("&"));
    if is_plain_form_post() && address.len() <= MAX_ADDRESS_BYTES {
        let told = ServerFnUrlError::new(F::PATH, error.clone()).to_url(&address);
        if let Ok(url) = told {
            leptos_axum::redirect(&format!(
                "{}?{}",
                url.path(),
                url.query().unwrap_or_default()
            ));
        }
    }
    result
}
