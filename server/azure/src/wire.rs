//! The two pipelines, and an answer with its status read before anything else.
use crate::error::{AzureError, Failure, SIGN_IN_CODE};
use crate::gate::Gate;
use azure_core::credentials::TokenCredential;
use azure_core::error::ErrorKind;
use azure_core::http::headers::{HeaderName, Headers};
use azure_core::http::policies::Policy;
use azure_core::http::policies::auth::BearerTokenAuthorizationPolicy;
use azure_core::http::{
    ClientOptions, Context, ExponentialRetryOptions, Method, Pipeline, PipelineOptions,
    PipelineStreamOptions, Request, RetryOptions, StatusCode, Transport,
};
use bytes::Bytes;
use futures::StreamExt;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::Duration;
use url::{Position, Url};

/// azure_core repeats every method on 408, 429 and 5xx, POST too, so there are two pipelines:
/// what only reads is repeated, what changes something is sent once.
#[derive(Clone)]
pub(crate) struct Wire {
    reads: Pipeline,
    writes: Pipeline,
    gate: Gate,
    carries_token: bool,
}

/// One request in plain values.
pub(crate) struct Call<'a> {
    pub method: Method,
    pub url: Url,
    /// For errors: `PUT tasks/cssc-scan-image`, without host and query.
    pub name: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Option<(&'a str, Vec<u8>)>,
    /// Bytes that the answer's body may have.
    pub limit: usize,
}

/// What a read is repeated after. A 429 is not among them: whoever meets one closes the gate.
const PASSING: [StatusCode; 5] = [
    StatusCode::RequestTimeout,
    StatusCode::InternalServerError,
    StatusCode::BadGateway,
    StatusCode::ServiceUnavailable,
    StatusCode::GatewayTimeout,
];
/// A call waits this long for an open gate; who would wait longer is told so instead.
const PATIENCE: Duration = Duration::from_secs(5);
/// After a 429 that does not say how long.
const UNSAID: Duration = Duration::from_secs(10);

/// Above any page of a list that Azure sends.
const ANSWER_LIMIT: usize = 32 << 20;

/// An answer that was a success.
pub(crate) struct Answer {
    pub status: u16,
    pub headers: Headers,
    pub body: Bytes,
}

impl Answer {
    pub(crate) fn json<T: DeserializeOwned>(&self, what: &str) -> Result<T, AzureError> {
        serde_json::from_slice(&self.body).map_err(|source| AzureError::decode(what, source))
    }

    pub(crate) fn header(&self, name: &'static str) -> Option<&str> {
        header(&self.headers, name)
    }
}

pub(crate) fn header<'a>(headers: &'a Headers, name: &'static str) -> Option<&'a str> {
    headers.get_optional_str(&HeaderName::from_static(name))
}

impl<'a> Call<'a> {
    pub(crate) fn new(method: Method, url: Url, what: impl AsRef<str>) -> Self {
        Self {
            method,
            url,
            name: format!("{method} {}", what.as_ref()),
            headers: Vec::new(),
            body: None,
            limit: ANSWER_LIMIT,
        }
    }

    pub(crate) fn limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn body(mut self, content_type: &'a str, bytes: Vec<u8>) -> Self {
        self.body = Some((content_type, bytes));
        self
    }

    pub(crate) fn json(self, value: &serde_json::Value) -> Self {
        self.body("application/json", value.to_string().into_bytes())
    }

    /// After a failure POST is never repeated; PUT, PATCH and DELETE neither, because the console
    /// shows each refusal and a person decides.
    fn only_reads(&self) -> bool {
        matches!(self.method, Method::Get | Method::Head)
    }

    fn request(&self) -> Request {
        let mut request = Request::new(self.url.clone(), self.method);
        for (name, value) in &self.headers {
            request.insert_header(*name, value.clone());
        }
        match &self.body {
            Some((content_type, bytes)) => {
                request.insert_header("content-type", (*content_type).to_owned());
                request.set_body(bytes.clone());
            }
            // A POST without a body still declares its length, which some gateways insist on.
            None if !self.only_reads() => request.insert_header("content-length", "0"),
            None => {}
        }
        request
    }
}

impl Wire {
    /// With a credential each request carries a bearer token for `scope`; without, the caller
    /// authorises each request itself.
    pub(crate) fn new(
        transport: &Transport,
        gate: &Gate,
        bearer: Option<(Arc<dyn TokenCredential>, &str)>,
    ) -> Self {
        let bearer_is_there = bearer.is_some();
        let authorise: Vec<Arc<dyn Policy>> = bearer
            .map(|(credential, scope)| {
                Arc::new(BearerTokenAuthorizationPolicy::new(credential, [scope]))
                    as Arc<dyn Policy>
            })
            .into_iter()
            .collect();
        let pipeline = |retry: RetryOptions| {
            let options = ClientOptions {
                transport: Some(transport.clone()),
                retry,
                ..ClientOptions::default()
            };
            Pipeline::new(
                Some("drydock"),
                option_env!("CARGO_PKG_VERSION"),
                options,
                Vec::new(),
                authorise.clone(),
                Some(PipelineOptions {
                    retry_status_codes: PASSING.to_vec(),
                    ..PipelineOptions::default()
                }),
            )
        };
        // A person waits for the answer: a few quick repeats, then the error.
        let quick = ExponentialRetryOptions {
            max_retries: 3,
            max_total_elapsed: azure_core::time::Duration::seconds(15),
            ..ExponentialRetryOptions::default()
        };
        Self {
            reads: pipeline(RetryOptions::exponential(quick)),
            writes: pipeline(RetryOptions::none()),
            gate: gate.clone(),
            carries_token: bearer_is_there,
        }
    }

    fn pipeline(&self, call: &Call<'_>) -> &Pipeline {
        if call.only_reads() {
            &self.reads
        } else {
            &self.writes
        }
    }

    /// The answer whatever its status, except that a host which asked for fewer requests is left
    /// alone as long as it said. A call waits a little for that. What was refused so has not been
    /// done and may be sent again; a POST is not, all the same.
    pub(crate) async fn ask(&self, call: &Call<'_>) -> Result<Answer, AzureError> {
        let host = call.url.host_str().unwrap_or_default();
        self.pass(call, host).await?;
        let mut answer = self.ask_once(call).await?;
        // A token that ended on its way: nothing was done, so this repeats no change.
        if answer.status == 401 && self.carries_token {
            answer = self.ask_once(call).await?;
        }
        if answer.status != 429 {
            return Ok(answer);
        }
        self.gate
            .close(host, retry_after(&answer).unwrap_or(UNSAID));
        if call.method == Method::Post || self.gate.remaining(host) > Some(PATIENCE) {
            return Ok(answer);
        }
        self.pass(call, host).await?;
        self.ask_once(call).await
    }

    async fn pass(&self, call: &Call<'_>, host: &str) -> Result<(), AzureError> {
        while let Some(wait) = self.gate.remaining(host) {
            if wait > PATIENCE {
                let failure = Box::new(Failure {
                    call: call.name.clone(),
                    message: "Azure asked for fewer requests a moment ago".into(),
                    ..Failure::default()
                });
                return Err(AzureError::Throttled {
                    retry_after: Some(wait),
                    failure,
                });
            }
            tokio::time::sleep(wait).await;
        }
        Ok(())
    }

    /// Refused when it is larger than the call allows.
    async fn ask_once(&self, call: &Call<'_>) -> Result<Answer, AzureError> {
        let options = PipelineStreamOptions {
            skip_checks: true,
            ..PipelineStreamOptions::default()
        };
        let answer = self
            .pipeline(call)
            .stream(&Context::new(), &mut call.request(), Some(options))
            .await
            .map_err(|source| unanswered(call, source))?;
        let (status, headers, mut stream) = answer.deconstruct();
        let mut body = Vec::new();
        while let Some(piece) = stream.next().await {
            let piece = piece.map_err(|source| unanswered(call, source))?;
            if body.len() + piece.len() > call.limit {
                return Err(AzureError::Invalid {
                    field: call.name.clone(),
                    why: format!(
                        "the answer is larger than the {} bytes that it may have",
                        call.limit
                    ),
                });
            }
            body.extend_from_slice(&piece);
        }
        Ok(Answer {
            status: status.into(),
            headers,
            body: body.into(),
        })
    }

    /// The answer, where its status is a success.
    pub(crate) async fn send(&self, call: Call<'_>) -> Result<Answer, AzureError> {
        let answer = self.ask(&call).await?;
        if (200..300).contains(&answer.status) {
            Ok(answer)
        } else {
            Err(refusal(&call.name, &answer))
        }
    }
}

/// The error for an answer that is not a success, with the ids that support asks for.
pub(crate) fn refusal(call: &str, answer: &Answer) -> AzureError {
    let mut failure = Failure::parse(call, answer.status, &answer.body);
    if failure.code.is_empty() {
        failure.code = answer
            .header("x-ms-error-code")
            .unwrap_or_default()
            .to_owned();
    }
    failure.request_id = answer.header("x-ms-request-id").map(str::to_owned);
    failure.correlation_id = answer
        .header("x-ms-correlation-request-id")
        .map(str::to_owned);
    AzureError::from_failure(failure, retry_after(answer))
}

/// `Retry-After` in seconds; a date, which Azure does not send here, is left out.
fn retry_after(answer: &Answer) -> Option<Duration> {
    let seconds = answer.header("retry-after")?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// The causes themselves are not kept: the HTTP client writes whole URLs into them, and some of
/// ours are signed.
fn unanswered(call: &Call<'_>, error: azure_core::Error) -> AzureError {
    let place = &call.url[Position::BeforeHost..Position::AfterPort];
    let mut cause: &dyn std::error::Error = &error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let cause = cause.to_string();
    if let Some(refused) = refused_sign_in(call, &cause) {
        return refused;
    }
    let what = match error.kind() {
        ErrorKind::Credential => "no token could be had for this call".to_owned(),
        ErrorKind::Connection => format!("{place} cannot be reached"),
        _ => format!("{place} did not answer"),
    };
    let why = match cause.as_str() {
        "" => String::new(),
        cause if cause.contains("://") => String::new(),
        cause if cause.contains("UnknownIssuer") => {
            ": this machine does not trust the authority of its certificate; SSL_CERT_FILE names a \
             file with those that it is to trust"
                .to_owned()
        }
        cause => format!(": {cause}"),
    };
    AzureError::Unavailable {
        what: format!("{}: {what}{why}", call.name),
    }
}

/// Entra's own refusal of the credential, by its code: `AADSTS7000215: Invalid client secret …`.
fn refused_sign_in(call: &Call<'_>, cause: &str) -> Option<AzureError> {
    let refusal = &cause[cause.find(SIGN_IN_CODE)?..];
    let (code, message) = refusal.split_once(':')?;
    let failure = Failure {
        call: format!("the sign-in for {}", call.name),
        status: 401,
        code: code.to_owned(),
        message: message.trim().to_owned(),
        ..Failure::default()
    };
    Some(AzureError::from_failure(failure, None))
}
