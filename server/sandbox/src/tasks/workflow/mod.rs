//! What the three tasks of continuous patching do, natively: the selection of `acr cssc patch`,
//! the scan of Trivy and the patch of Copa, with the lines in the log that other tools read.
mod admission;
mod definition;
mod dry_run;
mod evidence;
mod images;
mod patch;
mod scan;
mod schedule;
mod trigger;
mod vex;

pub use definition::decode as decode_definition;

use super::runner::{Agent, Halt};
use drydock_domain::run::TaskName;

/// Carries out a run as its definition says.
pub async fn carry_out(agent: &Agent) -> Result<(), Halt> {
    let Some(task) = &agent.task else {
        return dry_run::carry_out(agent).await;
    };
    let task = definition::recognise(task, &agent.order).map_err(|why| agent.fail(&why))?;
    admission::sign_in(agent)?;
    match task {
        TaskName::Trigger => trigger::carry_out(agent).await,
        TaskName::Scan => scan::carry_out(agent).await,
        TaskName::Patch => patch::carry_out(agent).await,
    }
}
