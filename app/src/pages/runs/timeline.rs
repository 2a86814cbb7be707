//! When each run of a cycle waited, worked and paused, on one scale for the whole cycle.
use crate::format;
use chrono::{DateTime, TimeDelta, Utc};
use drydock_domain::run::{ImageRun, Run, RunTree};
use leptos::prelude::*;

/// The trigger waits after each of so many images, for so long: a line of its own task says so.
const BATCH: usize = 10;
const BATCH_PAUSE: TimeDelta = TimeDelta::seconds(30);
/// Parts of the whole that a drawing is wide.
const WIDTH: i64 = 1000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Wait,
    Work,
    Pause,
}

impl Phase {
    fn as_str(self) -> &'static str {
        match self {
            Self::Wait => "wait",
            Self::Work => "work",
            Self::Pause => "pause",
        }
    }

    /// From the top of a drawing 12 high, and how high: the phases differ in more than colour.
    fn height(self) -> (&'static str, &'static str) {
        match self {
            Self::Wait => ("5", "2"),
            Self::Work => ("1", "10"),
            Self::Pause => ("4", "4"),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bar {
    phase: Phase,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
}

/// The time of a cycle: from its trigger's creation to the last thing that is known to have happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
}

impl Scale {
    pub fn of(tree: &RunTree) -> Self {
        let from = tree.trigger.created_at;
        let to = runs(tree).flat_map(instants).max().unwrap_or(from);
        Self { from, to }
    }

    fn place(self, at: DateTime<Utc>) -> i64 {
        let whole = (self.to - self.from).num_milliseconds().max(1);
        let at = at.clamp(self.from, self.to) - self.from;
        at.num_milliseconds() * WIDTH / whole
    }
}

fn runs(tree: &RunTree) -> impl Iterator<Item = &Run> {
    let images = tree.images.iter();
    let below = images.flat_map(|image| [&image.scan, &image.patch]);
    [&tree.trigger].into_iter().chain(below.flatten())
}

fn instants(run: &Run) -> impl Iterator<Item = DateTime<Utc>> {
    let instants = [Some(run.created_at), run.started_at, run.finished_at];
    instants.into_iter().flatten()
}

/// What a run did until `now`, the end of what is known of its cycle.
fn bars(run: &Run, now: DateTime<Utc>) -> Vec<Bar> {
    let bar = |phase, from, to| Bar { phase, from, to };
    let end = run.finished_at.unwrap_or(now);
    match run.started_at {
        Some(started) => vec![
            bar(Phase::Wait, run.created_at, started),
            bar(Phase::Work, started, end),
        ],
        None => vec![bar(Phase::Wait, run.created_at, end)],
    }
}

/// The pauses that a trigger has made between the scans it scheduled.
fn pauses(tree: &RunTree) -> Vec<Bar> {
    let scans: Vec<_> = tree
        .images
        .iter()
        .map(|image| image.scan.as_ref())
        .collect();
    let ends = scans.iter().zip(scans.iter().skip(1)).enumerate();
    let pause = |(index, (last, next)): (usize, (&Option<&Run>, &Option<&Run>))| {
        let (from, to) = (last.as_ref()?.created_at, next.as_ref()?.created_at);
        let is_pause = (index + 1).is_multiple_of(BATCH) && to - from >= BATCH_PAUSE;
        is_pause.then_some(Bar {
            phase: Phase::Pause,
            from,
            to: from + BATCH_PAUSE,
        })
    };
    ends.filter_map(pause).collect()
}

/// `waited 2 s, ran 12 s`; what has not come to an end is not measured.
fn words(run: &Run) -> String {
    match (run.started_at, run.finished_at) {
        (None, None) => "waiting".to_owned(),
        (None, Some(end)) => format!(
            "waited {}, never ran",
            format::duration(end - run.created_at)
        ),
        (Some(start), end) => {
            let waited = format::duration(start - run.created_at);
            match end {
                Some(end) => format!("waited {waited}, ran {}", format::duration(end - start)),
                None => format!("waited {waited}, running"),
            }
        }
    }
}

/// An image's scan and patch in the time of their cycle, as a drawing and in words.
#[component]
pub fn ImageTimeline(scale: Scale, image: ImageRun) -> impl IntoView {
    let steps = [("Scan", image.scan), ("Patch", image.patch)];
    let steps: Vec<_> = steps
        .into_iter()
        .filter_map(|(label, run)| Some((label, run?)))
        .collect();
    let drawn = steps
        .iter()
        .flat_map(|(_, run)| bars(run, scale.to))
        .collect();
    let words = steps
        .iter()
        .map(|(label, run)| format!("{label} {}", words(run)));
    view! {
        {drawing(scale, drawn)}
        <p class="timeline-words">{words.collect::<Vec<_>>().join("; ")}</p>
    }
}

/// A trigger's own time, with the pauses that it makes for the scans' sake.
#[component]
pub fn TriggerTimeline(scale: Scale, tree: RunTree) -> impl IntoView {
    let pauses = pauses(&tree);
    let paused = (!pauses.is_empty()).then(|| {
        let total = format::duration(BATCH_PAUSE * i32::try_from(pauses.len()).unwrap_or(i32::MAX));
        format!(", of which it paused {total}: 30 s after each ten images")
    });
    let mut drawn = bars(&tree.trigger, scale.to);
    drawn.extend(pauses);
    view! {
        <div class="cycle-timeline">
            {drawing(scale, drawn)}
            <p class="timeline-words">"Trigger " {words(&tree.trigger)} {paused}</p>
        </div>
    }
}

fn drawing(scale: Scale, bars: Vec<Bar>) -> impl IntoView {
    let bars = bars.into_iter().map(|bar| {
        let x = scale.place(bar.from);
        // What took next to no time still shows.
        let width = (scale.place(bar.to) - x).max(3);
        let (y, height) = bar.phase.height();
        view! { <rect data-phase=bar.phase.as_str() x=x.min(WIDTH - 3) y=y width=width height=height></rect> }
    });
    view! {
        <svg class="timeline" viewBox="0 0 1000 12" preserveAspectRatio="none" aria-hidden="true">
            {bars.collect_view()}
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use drydock_domain::run::{ImageStatus, RunCause, RunStatus, TaskName};

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    /// A run by the seconds at which it was created, started and finished.
    fn run(created: i64, started: Option<i64>, finished: Option<i64>) -> Run {
        Run {
            id: "ca1".to_owned(),
            task: Some(TaskName::Scan),
            status: RunStatus::Succeeded,
            cause: RunCause::Manual,
            created_at: at(created),
            started_at: started.map(at),
            finished_at: finished.map(at),
            error: None,
        }
    }

    fn image(scan: Run) -> ImageRun {
        ImageRun {
            repository: "web".to_owned(),
            original: "1".to_owned(),
            scanned: "1".to_owned(),
            next: "1-1".to_owned(),
            scan: Some(scan),
            patch: None,
            vulnerabilities: None,
            status: ImageStatus::Succeeded,
            ending: None,
            reason: String::new(),
        }
    }

    fn tree(trigger: Run, scans: Vec<Run>) -> RunTree {
        RunTree {
            trigger,
            status: RunStatus::Succeeded,
            images: scans.into_iter().map(image).collect(),
            summary: String::new(),
        }
    }

    #[test]
    fn a_run_waits_and_then_works_until_it_ends_or_until_now() {
        let brief = |run: &Run| {
            let bars = bars(run, at(100));
            let brief = |bar: &Bar| {
                (
                    bar.phase,
                    (bar.from - at(0)).num_seconds(),
                    (bar.to - at(0)).num_seconds(),
                )
            };
            bars.iter().map(brief).collect::<Vec<_>>()
        };
        let (wait, work) = (Phase::Wait, Phase::Work);
        assert_eq!(
            brief(&run(0, Some(2), Some(9))),
            [(wait, 0, 2), (work, 2, 9)]
        );
        assert_eq!(
            brief(&run(0, Some(2), None)),
            [(wait, 0, 2), (work, 2, 100)]
        );
        assert_eq!(brief(&run(0, None, Some(5))), [(wait, 0, 5)]);
    }

    #[test]
    fn words_say_what_the_drawing_shows() {
        let check = |run: Run, expected| assert_eq!(words(&run), expected);
        check(run(0, Some(2), Some(14)), "waited 2 s, ran 12 s");
        check(run(0, Some(2), None), "waited 2 s, running");
        check(run(0, None, Some(5)), "waited 5 s, never ran");
        check(run(0, None, None), "waiting");
    }

    #[test]
    fn a_scale_reaches_from_the_trigger_to_the_last_that_is_known() {
        let tree = tree(
            run(10, Some(11), Some(12)),
            vec![run(12, Some(20), Some(60))],
        );
        let scale = Scale::of(&tree);
        assert_eq!((scale.from, scale.to), (at(10), at(60)));
        assert_eq!(
            [10, 35, 60, 90].map(|second| scale.place(at(second))),
            [0, 500, 1000, 1000]
        );
    }

    #[test]
    fn a_trigger_pauses_after_ten_images_and_not_between_others() {
        let scans = |gap: i64| {
            let late = |index: i64| index + if index >= 10 { gap } else { 0 };
            (0..12).map(|index| run(late(index), None, None)).collect()
        };
        let paused = pauses(&tree(run(0, None, None), scans(31)));
        assert_eq!(paused.len(), 1);
        assert_eq!((paused[0].from, paused[0].to), (at(9), at(39)));
        assert!(pauses(&tree(run(0, None, None), scans(3))).is_empty());
    }
}
