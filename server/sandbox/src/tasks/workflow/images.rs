//! The images that a run reads, and the engine that works on them.
use crate::store::{Reference, Registry, StoreError};
use crate::tasks::runner::{Agent, Halt};
use chrono::{DateTime, Utc};
use drydock_domain::tag::{RepositoryName, Tag};
use drydock_patcher::{Engine, Job, PatchError};

/// A manifest of the registry.
pub struct SourceImage {
    pub repository: RepositoryName,
    pub digest: String,
    pub manifest: Vec<u8>,
}

/// Reads `repository:tag`, or says in the log why it cannot be had.
pub fn find(agent: &Agent, repository: &str, tag: &str) -> Result<SourceImage, Halt> {
    let image = format!("{}/{repository}:{tag}", agent.state.endpoints.login_server);
    let parsed =
        RepositoryName::parse(repository).and_then(|repository| Ok((repository, Tag::parse(tag)?)));
    let (repository, tag) =
        parsed.map_err(|error| agent.fail(&format!("{image} is not an image's name: {error}")))?;
    let found = agent
        .state
        .registry
        .manifest(&repository, &Reference::Tag(tag));
    match found {
        Ok(found) => Ok(SourceImage {
            repository,
            digest: found.record.digest.to_string(),
            manifest: found.content,
        }),
        Err(StoreError::RepositoryUnknown(_) | StoreError::ManifestUnknown { .. }) => Err(agent
            .fail(&format!(
                "{image} is not in the registry; push it, or take it out of the policy"
            ))),
        Err(error) => Err(agent.fail(&format!("{image} cannot be read: {error}"))),
    }
}

/// Lets the engine work on a thread of its own. Its lines go to the run's log as it writes them,
/// and it sees when the run is to stop.
pub async fn with_engine<T: Send + 'static>(
    agent: &Agent,
    work: impl FnOnce(&Engine, &Registry, &Job) -> Result<T, PatchError> + Send + 'static,
) -> Result<T, Halt> {
    let (state, log, stop) = (agent.state.clone(), agent.log.clone(), agent.stop.clone());
    let now: DateTime<Utc> = state.clock.now();
    let worked = tokio::task::spawn_blocking(move || {
        let job = Job {
            log: &|line| log.line(line),
            cancelled: &|| stop.is_cancelled(),
            now,
        };
        work(&state.engine, &state.registry, &job)
    });
    match worked.await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(PatchError::Cancelled)) => Err(Halt::Stopped),
        Ok(Err(error)) => Err(agent.fail(&error.to_string())),
        Err(panic) => {
            tracing::error!(%panic, "the engine broke off");
            Err(agent.fail(
                "the engine broke off; this is a defect of Drydock, and its own log says where",
            ))
        }
    }
}
