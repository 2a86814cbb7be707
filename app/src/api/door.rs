//! What the server puts into the context of each request, and how a server function takes it.
use crate::error::{ApiError, ErrorCode, is_plain_form_post};
use drydock_domain::console::SampleProgress;
use drydock_domain::schedule::{InvalidSchedule, Schedule};
use drydock_workflow::{Caller, Workflow};
use leptos::prelude::use_context;
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
            let message = "Your session has ended. Open the sign-in link again.";
            ApiError::new(ErrorCode::SignedOut, message).answered()
        })
}

/// A schedule out of a form's two fields; `at` is `HH:MM` in UTC.
///
/// # Errors
/// `Invalid`, naming the field.
pub(super) fn schedule(days: u8, at: &str) -> Result<Schedule, ApiError> {
    let invalid = |field: &str, message: String| {
        let mut error = ApiError::new(ErrorCode::Invalid, message);
        error.field = Some(field.to_owned());
        error.answered()
    };
    let time = at
        .split_once(':')
        .and_then(|(hour, minute)| Some((hour.parse().ok()?, minute.get(..2)?.parse().ok()?)));
    let Some((hour, minute)) = time else {
        let message = format!("`{at}` is not a time of day: write 00:00 to 23:59, in UTC.");
        return Err(invalid("at", message));
    };
    Schedule::new(days, hour, minute).map_err(|error| {
        let field = match &error {
            InvalidSchedule::Days(_) => "days",
            InvalidSchedule::Time { .. } => "at",
        };
        invalid(field, error.to_string())
    })
}

/// Where a form posted without JavaScript leads after it succeeded; a living page shows the
/// outcome where it is.
pub(super) fn go_on(path: &str) {
    if is_plain_form_post() {
        leptos_axum::redirect(path);
    }
}

/// Texts that fit into an address with room to spare for the rest of the request's head.
const MAX_TEXT_IN_ADDRESS_BYTES: usize = 12 << 10;

/// Where a form posted without JavaScript leads after its policy was refused: back to the editor,
/// with the text that was sent and the error, so that nothing typed is lost. A longer text than an
/// address holds is still where the browser's Back leads.
pub(super) fn keep_text<T>(
    result: Result<T, ApiError>,
    registry: &str,
    policy: &str,
    function: &str,
) -> Result<T, ApiError> {
    let Err(error) = &result else {
        return result;
    };
    let page = crate::paths::policy(registry);
    let address = format!(
        "http://localhost{page}?policy={}",
        crate::paths::query_value(policy)
    );
    if is_plain_form_post() && address.len() <= MAX_TEXT_IN_ADDRESS_BYTES {
        let told = ServerFnUrlError::new(function, error.clone()).to_url(&address);
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
