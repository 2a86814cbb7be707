//! The one error that crosses from the server to a page: words for a person, a code for a page.
use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a page does differently about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// No session, or one that has ended.
    SignedOut,
    Forbidden,
    NotFound,
    Conflict,
    /// It would do something that the page has not warned of: the same once more does it.
    Unconfirmed,
    Invalid,
    Throttled,
    Unavailable,
    Internal,
    /// The browser did not reach the server.
    Offline,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiError {
    pub code: ErrorCode,
    /// What happened, to what, and why. Never a secret.
    pub message: String,
    /// What to do next, where the message does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// The form field that is at fault, for `Invalid`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Finds the server's log lines of this request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl ApiError {
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        let message = message.into();
        #[cfg(not(target_arch = "wasm32"))]
        let message = server::bounded(message);
        Self {
            code,
            message,
            remedy: None,
            field: None,
            request_id: None,
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for ApiError {}

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(value: ServerFnErrorErr) -> Self {
        use ServerFnErrorErr as E;
        let error = match value {
            E::Request(_) => Self::new(
                ErrorCode::Offline,
                "Drydock did not answer. Check that it is running, then try again.",
            ),
            E::Args(why) | E::MissingArg(why) => Self::new(
                ErrorCode::Invalid,
                format!("Drydock could not read the form: {why}. Reload the page and try again."),
            ),
            E::Deserialization(_) => Self::new(
                ErrorCode::Internal,
                "The answer was not understood, as after an update of Drydock. Reload the page.",
            ),
            E::Registration(why)
            | E::UnsupportedRequestMethod(why)
            | E::ServerError(why)
            | E::MiddlewareError(why)
            | E::Serialization(why)
            | E::Response(why) => Self::new(
                ErrorCode::Internal,
                format!("The request could not be carried out: {why}."),
            ),
        };
        #[cfg(not(target_arch = "wasm32"))]
        let error = error.answered();
        error
    }
}

#[cfg(not(target_arch = "wasm32"))]
pub(crate) use server::is_plain_form_post;

#[cfg(not(target_arch = "wasm32"))]
mod server {
    use super::{ApiError, ErrorCode};
    use crate::api::door::RequestId;
    use drydock_workflow::WorkflowError;
    use http::{Method, StatusCode, header, request::Parts};
    use leptos::prelude::use_context;
    use leptos_axum::ResponseOptions;

    /// Longer than any sentence of ours.
    const MESSAGE_LIMIT_BYTES: usize = 4000;
    /// The sentence's end says what to do.
    const END_BYTES: usize = 400;

    /// A message may repeat what somebody sent, of any length: beginning and end of it are enough.
    pub(super) fn bounded(message: String) -> String {
        if message.len() <= MESSAGE_LIMIT_BYTES {
            return message;
        }
        let start = message.floor_char_boundary(MESSAGE_LIMIT_BYTES - END_BYTES);
        let end = message.ceil_char_boundary(message.len() - END_BYTES);
        let (start, end, left_out) = (&message[..start], &message[end..], end - start);
        format!("{start} … ({left_out} bytes left out) … {end}")
    }

    impl ErrorCode {
        pub fn status(self) -> StatusCode {
            match self {
                Self::SignedOut => StatusCode::UNAUTHORIZED,
                Self::Forbidden => StatusCode::FORBIDDEN,
                Self::NotFound => StatusCode::NOT_FOUND,
                Self::Conflict | Self::Unconfirmed => StatusCode::CONFLICT,
                Self::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
                Self::Throttled => StatusCode::TOO_MANY_REQUESTS,
                Self::Unavailable | Self::Offline => StatusCode::SERVICE_UNAVAILABLE,
                Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            }
        }
    }

    impl ApiError {
        /// Gives the error the request's id, and the response its status.
        pub(crate) fn answered(mut self) -> Self {
            self.request_id = use_context::<RequestId>().map(|id| id.0);
            if let Some(response) = use_context::<ResponseOptions>()
                && !is_plain_form_post()
            {
                response.set_status(self.code.status());
            }
            self
        }
    }

    impl From<WorkflowError> for ApiError {
        /// The only place where a use case's error becomes words for a page. What nobody in front
        /// of the page can mend is logged here too, once and with its causes, which stay here.
        fn from(error: WorkflowError) -> Self {
            let code = code(&error);
            if matches!(code, ErrorCode::Unavailable | ErrorCode::Internal) {
                tracing::error!(error = &error as &dyn std::error::Error, "use case failed");
            }
            let mut answer = Self::new(code, sentence(&error));
            answer.remedy = error.remedy();
            if let WorkflowError::Invalid { field, .. } = error {
                answer.field = Some(field);
            }
            answer.answered()
        }
    }

    fn code(error: &WorkflowError) -> ErrorCode {
        use WorkflowError as E;
        match error {
            E::NotFound { .. } | E::NoSuchImage { .. } => ErrorCode::NotFound,
            E::Invalid { .. } => ErrorCode::Invalid,
            E::Conflict { .. } => ErrorCode::Conflict,
            E::Forbidden(_) | E::OutOfScope { .. } | E::OwnProposal | E::Refused { .. } => {
                ErrorCode::Forbidden
            }
            E::Throttled { .. } => ErrorCode::Throttled,
            E::Unavailable { .. } => ErrorCode::Unavailable,
            E::Internal { .. } => ErrorCode::Internal,
            E::Undone { cause, .. } => code(cause),
        }
    }

    fn sentence(error: &WorkflowError) -> String {
        use WorkflowError as E;
        match error {
            E::Undone {
                step,
                cause,
                undone,
            } => {
                let end = if undone.is_empty() {
                    "Nothing had been changed before."
                } else if undone.iter().all(|part| part.done) {
                    "What had been made was taken back."
                } else {
                    "Not all that had been made could be taken back; the registry's preflight, \
                     under Settings, names what is left."
                };
                let start = format!("{} failed. {} {end}", capitalised(step), sentence(cause));
                undone.iter().fold(start, |text, part| {
                    format!("{text} {}: {}.", part.part, part.detail)
                })
            }
            E::NotFound { .. }
            | E::NoSuchImage { .. }
            | E::Invalid { .. }
            | E::Conflict { .. }
            | E::Forbidden(_)
            | E::OutOfScope { .. }
            | E::OwnProposal
            | E::Refused { .. }
            | E::Throttled { .. }
            | E::Unavailable { .. }
            | E::Internal { .. } => {
                let text = error.to_string();
                let stop = if text.ends_with(['.', '!', '?']) {
                    ""
                } else {
                    "."
                };
                format!("{}{stop}", capitalised(&text))
            }
        }
    }

    fn capitalised(text: &str) -> String {
        let mut characters = text.chars();
        let first = characters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(characters).collect()
    }

    /// A form posted without JavaScript: its answer must stay a redirect.
    pub(crate) fn is_plain_form_post() -> bool {
        use_context::<Parts>().is_some_and(|parts| {
            parts.method == Method::POST
                && parts
                    .headers
                    .get(header::ACCEPT)
                    .and_then(|value| value.to_str().ok())
                    .is_some_and(|accept| accept.contains("text/html"))
        })
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn what_somebody_sent_is_not_sent_back_whole() {
            let message = |zone: &str| {
                let message = format!("There is no zone `{zone}`: write UTC.");
                ApiError::new(ErrorCode::Invalid, message).message
            };
            assert_eq!(message("Mars"), "There is no zone `Mars`: write UTC.");
            let long = message(&"ü€".repeat(1 << 20));
            assert!(long.len() < 5000, "{}", long.len());
            assert!(long.starts_with("There is no zone `ü€") && long.ends_with("write UTC."));
            assert!(long.contains("bytes left out"));
        }
    }
}
