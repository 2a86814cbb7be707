//! What only one process of several does.
use crate::Workflow;
use chrono::TimeDelta;
use drydock_ledger::Lease;

impl Workflow {
    /// Takes or renews the right to a job; whether this process has it. A right that was lost is
    /// given back to `lease` as `None`, to be taken again.
    pub(crate) async fn hold_lease(
        &self,
        lease: &mut Option<Lease>,
        name: &str,
        life: TimeDelta,
    ) -> bool {
        let held = match lease {
            Some(held) => held.renew(life).await,
            None => {
                let taken = self.inner.ledger.acquire_lease(name, life).await;
                taken.map(|taken| {
                    *lease = taken;
                    lease.is_some()
                })
            }
        };
        if !matches!(held, Ok(true)) {
            *lease = None;
        }
        if let Err(error) = &held {
            tracing::warn!(job = name, %error, "it is not known whose turn it is");
        }
        lease.is_some()
    }
}
