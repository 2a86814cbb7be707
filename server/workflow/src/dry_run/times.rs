//! How long scans and patches took, for what the next ones will take.
use crate::{Answer, Caller, Workflow};
use drydock_domain::dry_run::{Averages, averages, times_of};

impl Workflow {
    /// Medians of the cycles that the registry still knows.
    pub async fn get_averages(&self, caller: &Caller, registry: &str) -> Answer<Averages> {
        let cycles = self.list_runs(caller, registry).await?;
        Ok(averages(&times_of(&cycles)))
    }
}
