//! `/metrics` in the text format of Prometheus, for whoever shows its token; `/readyz`.
use crate::console::Console;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use drydock_azure::Secret;
use drydock_domain::run::ImageStatus;
use drydock_workflow::Measures;
use http::{HeaderMap, StatusCode, header};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Mutex;
use std::time::{Duration, Instant};

pub const METRICS_PATH: &str = "/metrics";
pub const READY_PATH: &str = "/readyz";

/// Counts what the console answers.
#[derive(Default)]
pub struct Metrics {
    /// SHA-256 of what a reader has to show; `None` where nobody may read.
    token: Option<[u8; 32]>,
    answers: Mutex<BTreeMap<(String, u16), Answers>>,
}

#[derive(Clone, Copy, Default)]
struct Answers {
    n_answers: u64,
    time: Duration,
}

impl Metrics {
    pub fn new(token: Option<&Secret>) -> Self {
        Self {
            token: token.map(|token| Sha256::digest(token.expose().as_bytes()).into()),
            answers: Mutex::default(),
        }
    }

    fn count(&self, method: &str, status: StatusCode, time: Duration) {
        // A panic while counting is no reason to answer nobody any more.
        let mut answers = self
            .answers
            .lock()
            .unwrap_or_else(|broken| broken.into_inner());
        let counted = answers
            .entry((method.to_owned(), status.as_u16()))
            .or_default();
        counted.n_answers += 1;
        counted.time += time;
    }

    /// Digests are compared, so that how long it takes says nothing of the token.
    fn admits(&self, headers: &HeaderMap) -> bool {
        let shown = headers.get(header::AUTHORIZATION);
        let shown = shown.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        let shown = shown.map(|token| <[u8; 32]>::from(Sha256::digest(token.trim().as_bytes())));
        self.token.is_some() && self.token == shown
    }

    fn write(&self, registries: &[Measures]) -> String {
        let mut page = Page::default();
        page.family(
            "drydock_build_info",
            "gauge",
            "1, with the version of this Drydock.",
        );
        page.line(
            "drydock_build_info",
            &[("version", env!("CARGO_PKG_VERSION"))],
            1.0,
        );
        self.write_answers(&mut page);
        write_registries(&mut page, registries);
        page.0
    }

    fn write_answers(&self, page: &mut Page) {
        let answers = self
            .answers
            .lock()
            .unwrap_or_else(|broken| broken.into_inner());
        let rows: Vec<_> = answers
            .iter()
            .map(|((method, status), counted)| (method.clone(), status.to_string(), *counted))
            .collect();
        drop(answers);
        let name = "drydock_http_requests_total";
        page.family(name, "counter", "Requests that were answered.");
        for (method, status, counted) in &rows {
            page.line(
                name,
                &[("method", method), ("status", status)],
                counted.n_answers as f64,
            );
        }
        let name = "drydock_http_request_seconds_total";
        page.family(name, "counter", "Time until their answers began.");
        for (method, status, counted) in &rows {
            page.line(
                name,
                &[("method", method), ("status", status)],
                counted.time.as_secs_f64(),
            );
        }
    }
}

fn write_registries(page: &mut Page, registries: &[Measures]) {
    type Read = fn(&drydock_workflow::Figures) -> Option<f64>;
    let single: [(&str, &str, Read); 4] = [
        (
            "drydock_selected_images",
            "Images that the deployed policy selects.",
            |it| it.n_selected.map(f64::from),
        ),
        (
            "drydock_next_run_timestamp_seconds",
            "When the next cycle is due.",
            |it| it.next_run.map(|at| at.timestamp() as f64),
        ),
        (
            "drydock_last_cycle_timestamp_seconds",
            "When the last cycle was begun.",
            |it| it.last_cycle.map(|at| at.timestamp() as f64),
        ),
        (
            "drydock_missed_runs",
            "Occurrences of the schedule that led to no run.",
            |it| Some(f64::from(it.n_missed)),
        ),
    ];
    let name = "drydock_registry_readable";
    page.family(
        name,
        "gauge",
        "1 where the registry could be read just now.",
    );
    for measures in registries {
        let readable = f64::from(u8::from(measures.figures.is_some()));
        page.line(name, &[("registry", &measures.registry)], readable);
    }
    for (name, help, read) in single {
        page.family(name, "gauge", help);
        for measures in registries {
            if let Some(value) = measures.figures.as_ref().and_then(read) {
                page.line(name, &[("registry", &measures.registry)], value);
            }
        }
    }
    let name = "drydock_last_cycle_images";
    page.family(name, "gauge", "Images of the last cycle by their status.");
    for measures in registries {
        let Some(figures) = &measures.figures else {
            continue;
        };
        for (status, count) in ImageStatus::ALL.into_iter().zip(figures.last_images) {
            let labels = [
                ("registry", measures.registry.as_str()),
                ("status", status.as_str()),
            ];
            page.line(name, &labels, f64::from(count));
        }
    }
}

/// The format: <https://prometheus.io/docs/instrumenting/exposition_formats/>.
#[derive(Default)]
struct Page(String);

impl Page {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    fn line(&mut self, name: &str, labels: &[(&str, &str)], value: f64) {
        let labels = labels
            .iter()
            .map(|(label, value)| format!("{label}=\"{}\"", escaped(value)));
        let labels = labels.collect::<Vec<_>>().join(",");
        let _ = writeln!(self.0, "{name}{{{labels}}} {value}");
    }
}

fn escaped(value: &str) -> String {
    value
        .replace('\\', r"\\")
        .replace('"', "\\\"")
        .replace('\n', r"\n")
}

/// Counts every answer by its method and status.
pub async fn count(State(console): State<Console>, request: Request, next: Next) -> Response {
    let method = request.method().as_str().to_owned();
    let begun = Instant::now();
    let response = next.run(request).await;
    console
        .metrics
        .count(&method, response.status(), begun.elapsed());
    response
}

/// The figures, for a bearer of the token.
pub async fn metrics(State(console): State<Console>, headers: HeaderMap) -> Response {
    if console.metrics.token.is_none() {
        return (StatusCode::NOT_FOUND, OFF).into_response();
    }
    if !console.metrics.admits(&headers) {
        let asked = [(header::WWW_AUTHENTICATE, "Bearer")];
        return (StatusCode::UNAUTHORIZED, asked, NO_TOKEN).into_response();
    }
    // A registry that cannot be listed is no reason to withhold the rest.
    let measured = console.workflow.measure().await.unwrap_or_else(|error| {
        tracing::warn!(%error, "no registry is measured");
        Vec::new()
    });
    let kind = [(
        header::CONTENT_TYPE,
        "text/plain; version=0.0.4; charset=utf-8",
    )];
    (kind, console.metrics.write(&measured)).into_response()
}

const OFF: &str = "Metrics are off: start Drydock with --metrics-token-file.\n";
const NO_TOKEN: &str = "Send the token of --metrics-token-file as `Authorization: Bearer TOKEN`.\n";

/// Whether this process can answer requests: its ledger can be read and it is not about to end.
pub async fn ready(State(console): State<Console>) -> Response {
    if console.leaving.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n").into_response();
    }
    match console.workflow.is_ready().await {
        Ok(()) => "ready\n".into_response(),
        Err(error) => {
            tracing::error!(%error, "not ready");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "the ledger cannot be read\n",
            )
                .into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use drydock_workflow::Figures;
    use http::HeaderValue;

    fn admits(metrics: &Metrics, value: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static(value));
        metrics.admits(&headers)
    }

    #[test]
    fn only_the_token_opens_the_metrics() {
        let metrics = Metrics::new(Some(&Secret::new("word".to_owned())));
        assert!(admits(&metrics, "Bearer word"));
        assert!(!admits(&metrics, "Bearer words"));
        assert!(!admits(&metrics, "Basic word"));
        assert!(!admits(&Metrics::default(), "Bearer word"));
        assert!(!metrics.admits(&HeaderMap::new()));
    }

    #[test]
    fn figures_are_written_in_the_text_format() {
        let metrics = Metrics::default();
        metrics.count("GET", StatusCode::OK, Duration::from_millis(250));
        metrics.count("GET", StatusCode::OK, Duration::from_millis(250));
        let at = "2026-11-21T08:00:00Z".parse().ok();
        let figures = Figures {
            n_selected: Some(2),
            next_run: at,
            last_cycle: None,
            last_images: [0, 0, 1, 2, 0, 0, 0],
            n_missed: 3,
        };
        let page = metrics.write(&[
            Measures {
                registry: "har\"bour".into(),
                figures: Some(figures),
            },
            Measures {
                registry: "quay".into(),
                figures: None,
            },
        ]);
        for line in [
            "drydock_http_requests_total{method=\"GET\",status=\"200\"} 2",
            "drydock_http_request_seconds_total{method=\"GET\",status=\"200\"} 0.5",
            "drydock_registry_readable{registry=\"quay\"} 0",
            "drydock_selected_images{registry=\"har\\\"bour\"} 2",
            "drydock_next_run_timestamp_seconds{registry=\"har\\\"bour\"} 1795248000",
            "drydock_missed_runs{registry=\"har\\\"bour\"} 3",
            "drydock_last_cycle_images{registry=\"har\\\"bour\",status=\"Failed\"} 2",
        ] {
            assert!(page.lines().any(|found| found == line), "{line} in\n{page}");
        }
        assert!(!page.contains("last_cycle_timestamp_seconds{"), "{page}");
    }
}
