//! What a policy must pass before it is deployed.
use crate::registry_room::RegistryRoom;
use crate::{Answer, Workflow, WorkflowError};
use drydock_domain::inventory::Inventory;
use drydock_domain::policy::{self, Finding};
use drydock_domain::selection::{IMAGE_LIMIT, select};

/// Repositories that are named where there are too many images.
const NAMED: usize = 3;

impl Workflow {
    /// Both validators, and the limit that would fail every run.
    pub(crate) async fn require_deployable(&self, room: &RegistryRoom, text: &str) -> Answer<()> {
        let check = policy::check(text);
        let refusal = check
            .findings
            .iter()
            .find(|finding| !finding.refused_by.is_empty());
        if let Some(finding) = refusal {
            return Err(invalid(sentence(finding)));
        }
        let policy = check
            .policy
            .ok_or_else(|| invalid("it cannot be read".into()))?;
        let tags = self.tags_of(room).await?;
        let selection = select(&policy, &Inventory::from(tags.as_ref()));
        if selection.is_over_limit() {
            let by_repository = selection.by_repository().into_iter().take(NAMED);
            let largest: Vec<String> = by_repository
                .map(|(repository, images)| format!("{repository} ({images})"))
                .collect();
            return Err(invalid(format!(
                "it selects {} images, and a run with more than {IMAGE_LIMIT} fails before the \
                 first scan: nothing would be patched. Largest: {}. Name fewer repositories or tags",
                selection.matches(),
                largest.join(", ")
            )));
        }
        Ok(())
    }
}

fn sentence(finding: &Finding) -> String {
    let Finding {
        line,
        column,
        message,
        remedy,
        ..
    } = finding;
    let by = finding.refused_by.iter().map(|by| by.name());
    let by = by.collect::<Vec<_>>().join(" and ");
    format!("line {line}, column {column}: {message} Refused by {by}. {remedy}")
}

fn invalid(why: String) -> WorkflowError {
    WorkflowError::Invalid {
        field: "policy".into(),
        why,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_reads_well_whoever_refuses() {
        let check = |text, expected: &str| {
            let findings = policy::check(text).findings;
            let refused = findings
                .iter()
                .find(|finding| !finding.refused_by.is_empty());
            let sentence = refused.map(sentence).expect("it is refused");
            assert!(sentence.contains(expected), "{sentence}");
        };
        check("{", ". Refused by ACR's own check and the az extension. ");
        check(
            r#"{"version": "v1", "repositories": [{"repository": "web", "tags": ["1-0"]}]}"#,
            ". Refused by the az extension. ",
        );
        check(
            r#"{"version": "v1", "repositories": [{"repository": "", "tags": ["1"]}]}"#,
            ". Refused by ACR's own check. ",
        );
    }
}
