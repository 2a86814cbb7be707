use crate::format;
use drydock_domain::run::RunCause;

/// What started a run, as a person says it.
pub fn run_cause(cause: &RunCause) -> String {
    match cause {
        RunCause::Timer {
            occurrence: Some(at),
            ..
        } => format!("Scheduled for {}", format::minute(*at)),
        RunCause::Timer { .. } => "By schedule".to_owned(),
        RunCause::Manual => "Started by hand".to_owned(),
        RunCause::ImageUpdate => "After an image update".to_owned(),
        RunCause::Source => "After a source change".to_owned(),
    }
}
