//! What the three tasks of continuous patching do, natively: the selection of `acr cssc patch`,
//! the scan of Trivy and the patch of Copa, with the lines in the log that other tools read.
mod definition;
mod evidence;
mod images;
mod patch;
mod scan;
mod schedule;
mod trigger;
mod vex;

use super::runner::{Agent, Halt};
use drydock_domain::run::TaskName;

/// Carries out a run as its definition says.
pub async fn carry_out(agent: &Agent) -> Result<(), Halt> {
    match definition::recognise(&agent.task, &agent.order) {
        Err(why) => Err(agent.fail(&why)),
        Ok(TaskName::Trigger) => trigger::carry_out(agent).await,
        Ok(TaskName::Scan) => scan::carry_out(agent).await,
        Ok(TaskName::Patch) => patch::carry_out(agent).await,
    }
}
