use crate::format;
use drydock_domain::run::{Run, RunCause, TaskName};

/// What started a run, as a person says it.
pub fn run_cause(run: &Run) -> String {
    match (&run.cause, run.task) {
        (
            RunCause::Timer {
                occurrence: Some(at),
                ..
            },
            _,
        ) => format!("Scheduled for {}", format::minute(*at)),
        (RunCause::Timer { .. }, _) => "By schedule".to_owned(),
        (RunCause::Manual, Some(TaskName::Scan)) => "Asked for by the trigger".to_owned(),
        (RunCause::Manual, Some(TaskName::Patch)) => "Asked for by its scan".to_owned(),
        (RunCause::Manual, Some(TaskName::Trigger) | None) => "Started by hand".to_owned(),
        (RunCause::ImageUpdate, _) => "After an image update".to_owned(),
        (RunCause::Source, _) => "After a source change".to_owned(),
    }
}
