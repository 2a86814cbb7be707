//! What a policy must pass before it is deployed.
use crate::registry_room::RegistryRoom;
use crate::{Answer, Workflow, WorkflowError};
use drydock_domain::inventory::Inventory;
use drydock_domain::policy::{self, Validator};
use drydock_domain::selection::{IMAGE_LIMIT, select};

impl Workflow {
    /// Both validators, and the limit that would fail every run.
    pub(crate) async fn require_deployable(&self, room: &RegistryRoom, text: &str) -> Answer<()> {
        let check = policy::check(text);
        let refusal = check
            .findings
            .iter()
            .find(|finding| !finding.refused_by.is_empty());
        if let Some(finding) = refusal {
            let by: Vec<&str> = finding
                .refused_by
                .iter()
                .map(|by| Validator::name(*by))
                .collect();
            return Err(invalid(format!(
                "line {}, column {}: {} ({} refuses it). {}",
                finding.line,
                finding.column,
                finding.message,
                by.join(" and "),
                finding.remedy
            )));
        }
        let policy = check
            .policy
            .ok_or_else(|| invalid("it cannot be read".into()))?;
        let tags = self.tags_of(room).await?;
        let selection = select(&policy, &Inventory::from(tags.as_ref()));
        if selection.is_over_limit() {
            return Err(invalid(format!(
                "it selects {} images, and a run with more than {IMAGE_LIMIT} fails before the \
                 first scan; name fewer repositories or tags",
                selection.matches()
            )));
        }
        Ok(())
    }
}

fn invalid(why: String) -> WorkflowError {
    WorkflowError::Invalid {
        field: "policy".into(),
        why,
    }
}
