//! Whether an original was pushed again after its latest patch.
use super::Survey;
use crate::registry_room::RegistryRoom;
use crate::{Answer, WorkflowError};
use drydock_domain::console::TagFacts;
use drydock_domain::lineage::{Derivation, DerivationFacts, derive};
use drydock_domain::tag::RepositoryName;
use drydock_domain::verdict::Drift;
use std::collections::HashMap;

/// `None` where the patch still stands on what the original's tag points to.
pub(crate) async fn find_drift(
    room: &RegistryRoom,
    repository: &str,
    original: &TagFacts,
    patch: &TagFacts,
) -> Answer<Option<Drift>> {
    let name = RepositoryName::parse(repository).map_err(|error| WorkflowError::Invalid {
        field: "repository".into(),
        why: error.to_string(),
    })?;
    let survey = Survey {
        room,
        repository: &name,
        manifests: HashMap::new(),
    };
    let (base, patched, report) = tokio::try_join!(
        survey.layers(&original.digest),
        survey.layers(&patch.digest),
        survey.report(&patch.digest),
    )?;
    let then = report.as_ref().map(|report| report.origin.digest.as_str());
    let judged = derive(&DerivationFacts {
        has_original: true,
        original_layers: base.as_deref(),
        patched_layers: patched.as_deref(),
        original_now: Some(&original.digest),
        original_then: then,
        original_pushed_at: original.updated_at,
        patched_at: patch.updated_at,
    });
    let drifted = judged.derivation == Derivation::Drifted;
    Ok(drifted.then(|| Drift {
        patch: patch.tag.clone(),
        then: then.unwrap_or_default().to_owned(),
        now: original.digest.clone(),
    }))
}
