//! What Azure answered when it did not do what was asked.
use serde::Deserialize;
use serde_json::Value;
use std::fmt;
use std::time::Duration;

/// The branches that a caller takes. `Display` names the call, Azure's code and message, and the
/// ids that Microsoft's support asks for; it never holds a token or a signed URL.
#[derive(Debug, thiserror::Error)]
pub enum AzureError {
    #[error("{0}")]
    NotFound(Box<Failure>),
    #[error("{field}: {why}")]
    Invalid { field: String, why: String },
    #[error("{0}")]
    Conflict(Box<Failure>),
    /// 401 and 403: the credential, a role or the registry's network rules; and the 400 that says
    /// that the subscription may run no tasks.
    #[error("{0}")]
    Forbidden(Box<Failure>),
    #[error("{failure}")]
    Throttled {
        retry_after: Option<Duration>,
        failure: Box<Failure>,
    },
    /// No answer, or a server's error: nothing is known about what happened.
    #[error("{what}")]
    Unavailable { what: String },
    /// An answer that this client does not understand.
    #[error("{what}")]
    Internal {
        what: String,
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
}

/// One refused call, in Azure's words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// The call in words without its query: `PUT tasks/cssc-scan-image`.
    pub call: String,
    /// HTTP's; 0 for a call that was not sent.
    pub status: u16,
    /// `ResourceNotFound`, `NAME_UNKNOWN`; empty where the answer named none.
    pub code: String,
    pub message: String,
    pub target: Option<String>,
    /// Messages of `details`, those that are themselves JSON unwrapped.
    pub details: Vec<String>,
    /// `x-ms-request-id`.
    pub request_id: Option<String>,
    /// `x-ms-correlation-request-id`.
    pub correlation_id: Option<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status {
            0 => write!(formatter, "{} was not sent", self.call)?,
            status => write!(formatter, "{} answered {status}", self.call)?,
        }
        if !self.code.is_empty() {
            write!(formatter, " {}", self.code)?;
        }
        if !self.message.is_empty() {
            write!(formatter, ": {}", self.message)?;
        }
        for detail in &self.details {
            write!(formatter, "; {detail}")?;
        }
        match (&self.request_id, &self.correlation_id) {
            (Some(request), Some(correlation)) if request != correlation => {
                write!(formatter, " (request {request}, correlation {correlation})")
            }
            (Some(id), _) => write!(formatter, " (request {id})"),
            (None, Some(id)) => write!(formatter, " (correlation {id})"),
            (None, None) => Ok(()),
        }
    }
}

/// What Entra's codes begin with: they are about the credential.
pub const SIGN_IN_CODE: &str = "AADSTS";

/// Azure's code for a subscription that may run no tasks, a free trial above all.
pub const TASKS_NOT_ALLOWED: &str = "TasksOperationsNotAllowed";

impl AzureError {
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound(_))
    }

    /// Azure's own code, where it gave one.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::NotFound(failure)
            | Self::Conflict(failure)
            | Self::Forbidden(failure)
            | Self::Throttled { failure, .. } => Some(&failure.code),
            Self::Invalid { .. } | Self::Unavailable { .. } | Self::Internal { .. } => None,
        }
    }

    pub(crate) fn decode(what: impl Into<String>, source: serde_json::Error) -> Self {
        Self::Internal {
            what: format!("{}: the answer is not in the documented shape", what.into()),
            source: Some(Box::new(source)),
        }
    }

    pub(crate) fn internal(what: impl Into<String>) -> Self {
        Self::Internal {
            what: what.into(),
            source: None,
        }
    }

    /// The error for an answer with a status that is not a success.
    pub(crate) fn from_failure(failure: Failure, retry_after: Option<Duration>) -> Self {
        let failure = Box::new(failure);
        match failure.status {
            400 if failure.code == TASKS_NOT_ALLOWED => Self::Forbidden(failure),
            401 | 403 => Self::Forbidden(failure),
            404 => Self::NotFound(failure),
            409 | 412 => Self::Conflict(failure),
            429 => Self::Throttled {
                retry_after,
                failure,
            },
            400..=499 => Self::Invalid {
                field: failure
                    .target
                    .clone()
                    .unwrap_or_else(|| failure.code.clone()),
                why: failure.to_string(),
            },
            _ => Self::Unavailable {
                what: failure.to_string(),
            },
        }
    }
}

/// ARM's envelope, the same without its `error` member, and the registry's `errors` list.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Envelope {
    error: Option<Body>,
    errors: Option<Vec<Body>>,
    #[serde(flatten)]
    bare: Body,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    code: Option<String>,
    message: Option<String>,
    target: Option<String>,
    details: Option<Vec<Body>>,
}

impl Failure {
    /// Reads a refusal; whatever is missing or of another shape is left empty.
    pub(crate) fn parse(call: &str, status: u16, body: &[u8]) -> Self {
        let mut failure = Self {
            call: call.to_owned(),
            status,
            ..Self::default()
        };
        // `error` is a word and not an object in Entra's refusals.
        let envelope = serde_json::from_slice::<Envelope>(body).unwrap_or_default();
        let main = envelope
            .error
            .or_else(|| envelope.errors.and_then(|list| list.into_iter().next()))
            .unwrap_or(envelope.bare);
        failure.code = main.code.unwrap_or_default();
        failure.message = unwrapped(&main.message.unwrap_or_default());
        failure.target = main.target.filter(|target| !target.is_empty());
        failure.details = main
            .details
            .unwrap_or_default()
            .into_iter()
            .filter_map(|detail| detail.message)
            .map(|message| unwrapped(&message))
            .filter(|message| !message.is_empty() && *message != failure.message)
            .collect();
        failure
    }
}

/// A message that is itself a JSON error (deployments nest them) as `code: message`.
fn unwrapped(message: &str) -> String {
    let nested: Option<Value> = serde_json::from_str(message).ok();
    let Some(error) = nested
        .as_ref()
        .map(|value| value.get("error").unwrap_or(value))
    else {
        return message.trim().to_owned();
    };
    match (error["code"].as_str(), error["message"].as_str()) {
        (Some(code), Some(inner)) => format!("{code}: {}", unwrapped(inner)),
        (None, Some(inner)) => unwrapped(inner),
        _ => message.trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, code: &str, message: &str) {
        let failure = Failure::parse("PUT x", 400, body.as_bytes());
        assert_eq!(
            (failure.code.as_str(), failure.message.as_str()),
            (code, message)
        );
    }

    #[test]
    fn every_envelope_yields_code_and_message() {
        check(
            r#"{"error":{"code":"A","message":"b \"c\"\r\n","details":null}}"#,
            "A",
            "b \"c\"",
        );
        check(r#"{"code":"A","message":"b"}"#, "A", "b");
        check(
            r#"{"errors":[{"code":"NAME_UNKNOWN","message":"no","detail":null}]}"#,
            "NAME_UNKNOWN",
            "no",
        );
        check("<html>gateway</html>", "", "");
        check("", "", "");
    }

    #[test]
    fn a_nested_deployment_error_is_unwrapped() {
        let inner = r#"{\r\n \"error\": {\r\n \"code\": \"InvalidSchedule\",\r\n \"message\": \"bad cron\"\r\n }\r\n}"#;
        let body = format!(
            r#"{{"error":{{"code":"DeploymentFailed","message":"m","details":[{{"code":"BadRequest","message":"{inner}"}}]}}}}"#
        );
        let failure = Failure::parse("PUT x", 400, body.as_bytes());
        assert_eq!(failure.details, ["InvalidSchedule: bad cron"]);
    }

    #[test]
    fn the_sentence_names_call_code_message_and_ids() {
        let mut failure = Failure::parse(
            "PUT tasks/t",
            409,
            br#"{"error":{"code":"C","message":"m"}}"#,
        );
        let mut check = |request: Option<&str>, correlation: Option<&str>, expected: &str| {
            failure.request_id = request.map(str::to_owned);
            failure.correlation_id = correlation.map(str::to_owned);
            let sentence = format!("PUT tasks/t answered 409 C: m{expected}");
            assert_eq!(failure.to_string(), sentence);
        };
        check(None, None, "");
        check(Some("r-1"), None, " (request r-1)");
        check(None, Some("c-1"), " (correlation c-1)");
        check(Some("r-1"), Some("r-1"), " (request r-1)");
        check(Some("r-1"), Some("c-1"), " (request r-1, correlation c-1)");
    }
}
