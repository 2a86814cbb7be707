use super::FramedView;
use super::runs::images;
use crate::paths;
use crate::ui::{Card, Elapsed, Time};
use crate::widgets::{RunStatusBadge, run_cause};
use drydock_domain::console::LogChunk;
use drydock_domain::log_text::visible;
use drydock_domain::run::{ImageStatus, RunDetail};
use leptos::prelude::*;

/// Lines of a log that a frame holds; `frame.js` keeps as many.
const LINES: usize = 2_000;

/// One run, with the end of its log as far as it is written.
pub fn run(
    registry: &str,
    detail: RunDetail,
    log: LogChunk,
    statuses: &[ImageStatus],
) -> FramedView {
    let console = paths::run(registry, &detail.run.id);
    FramedView::new(format!("Run {}", detail.run.id), console, || {
        let (run, alone) = (detail.run, detail.tree.is_none());
        let mut shown = detail.tree.map(|tree| tree.images).unwrap_or_default();
        shown.retain(|image| statuses.is_empty() || statuses.contains(&image.status));
        view! {
            <p class="frame-facts" aria-label="Facts about this run">
                <RunStatusBadge status=run.status />
                <span>{run_cause(&run, alone)}</span>
                <span>"begun " <Time at=run.created_at seconds=true /></span>
                <span>"took " <Elapsed from=run.started_at to=run.finished_at /></span>
            </p>
            {run.error.map(|error| view! { <p class="sentence">{error}</p> })}
            <Card title="Log">{log_lines(&log)}</Card>
            {images(shown)}
        }
    })
}

fn log_lines(log: &LogChunk) -> impl IntoView + use<> {
    let lines: Vec<&str> = log.text.lines().collect();
    let cut = lines.len().saturating_sub(LINES);
    let shown: Vec<String> = lines
        .into_iter()
        .skip(cut)
        .map(|line| visible(line).into_owned() + "\n")
        .collect();
    let cut = (cut > 0).then(|| {
        view! { <p class="muted">{cut} " lines before these are in the console."</p> }
    });
    let live = (!log.complete).then_some("");
    let end = log.offset + log.text.len() as u64;
    view! {
        {cut}
        <pre
            class="frame-log"
            role="log"
            aria-label="Log"
            tabindex="0"
            data-log=live
            data-offset=end
        >{shown.concat()}</pre>
    }
}
