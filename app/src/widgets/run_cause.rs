use crate::state::zone::use_zone;
use drydock_domain::run::{Run, RunCause, TaskName};
use leptos::prelude::Read;

/// What started a run, as a person says it, in the chosen zone. One that is `alone` belongs to no
/// cycle that is known.
pub fn run_cause(run: &Run, alone: bool) -> impl Fn() -> String + Clone + Send + 'static {
    let zone = use_zone();
    let (cause, task) = (run.cause.clone(), run.task);
    move || match (&cause, task) {
        (
            RunCause::Timer {
                occurrence: Some(at),
                ..
            },
            _,
        ) => format!("Scheduled for {}", zone.read().read(*at).minute()),
        (RunCause::Timer { .. }, _) => "By schedule".to_owned(),
        (RunCause::Manual, Some(TaskName::Scan | TaskName::Patch)) if alone => {
            "Started alone, as a retry is".to_owned()
        }
        (RunCause::Manual, Some(TaskName::Scan)) => "Asked for by the trigger".to_owned(),
        (RunCause::Manual, Some(TaskName::Patch)) => "Asked for by its scan".to_owned(),
        (RunCause::Manual, Some(TaskName::Trigger) | None) => "Started by hand".to_owned(),
        (RunCause::ImageUpdate, _) => "After an image update".to_owned(),
        (RunCause::Source, _) => "After a source change".to_owned(),
    }
}
