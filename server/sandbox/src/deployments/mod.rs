//! Deployments of templates: read, checked, and carried out by the requests that a client would
//! send itself.
mod carry_out;
mod evaluate;
mod expression;
mod functions;
mod record;
mod resource_path;
mod template;
mod what_if;

pub use carry_out::Job;
pub use evaluate::{Context, TemplateError};
pub use record::{Deployment, DeploymentState, Operation};
pub use template::Plan;
pub use what_if::{WhatIf, WhatIfs};

use crate::tasks::{FileError, JsonFolder};
use chrono::{DateTime, Utc};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// Every deployment of the resource group, saved as it changes.
pub struct Deployments {
    files: JsonFolder<Deployment>,
    clock: Arc<dyn crate::Clock>,
    /// By name in lower case.
    deployments: Mutex<BTreeMap<String, Deployment>>,
    /// Counts the changes.
    changes: watch::Sender<u64>,
}

/// A deployment of this name is under way since then.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    #[error(
        "Unable to edit or replace deployment '{name}': previous deployment from '{since}' is still active. Please see https://aka.ms/arm-deploy for usage details."
    )]
    Active { name: String, since: DateTime<Utc> },
    #[error(transparent)]
    File(#[from] FileError),
}

impl Deployments {
    /// Reads what an earlier process left. A deployment that was under way has failed.
    pub fn open(directory: &Path, clock: Arc<dyn crate::Clock>) -> Result<Self, FileError> {
        let files = JsonFolder::<Deployment>::open(directory.join("deployments"))?;
        let mut deployments = BTreeMap::new();
        for mut deployment in files.load()? {
            let key = deployment.name.to_ascii_lowercase();
            if !deployment.state.is_finished() {
                deployment.state = DeploymentState::Failed;
                deployment.error = Some(json!({
                    "code": "DeploymentFailed",
                    "message": "The sandbox stopped while this deployment was under way; deploy again.",
                }));
                files.write(&key, &deployment)?;
            }
            deployments.insert(key, deployment);
        }
        Ok(Self {
            files,
            clock,
            deployments: Mutex::new(deployments),
            changes: watch::Sender::new(0),
        })
    }

    /// Takes the place of an earlier deployment of the same name. The flag tells whether there
    /// was none.
    pub fn begin(&self, deployment: Deployment) -> Result<bool, BeginError> {
        let key = deployment.name.to_ascii_lowercase();
        let mut deployments = self.lock();
        let existing = deployments.get(&key);
        if let Some(existing) = existing.filter(|it| !it.state.is_finished()) {
            return Err(BeginError::Active {
                name: existing.name.clone(),
                since: existing.started_at,
            });
        }
        let is_new = existing.is_none();
        self.files.write(&key, &deployment)?;
        deployments.insert(key, deployment);
        Ok(is_new)
    }

    pub fn find(&self, name: &str) -> Option<Deployment> {
        self.lock().get(&name.to_ascii_lowercase()).cloned()
    }

    pub fn list(&self) -> Vec<Deployment> {
        self.lock().values().cloned().collect()
    }

    /// Changes a deployment that is under way; one that has ended meanwhile, or that another has
    /// taken the place of, stays as it is. Answers whether it was under way.
    pub fn update(&self, name: &str, number: &str, change: impl FnOnce(&mut Deployment)) -> bool {
        let key = name.to_ascii_lowercase();
        let mut deployments = self.lock();
        let under_way = deployments
            .get_mut(&key)
            .filter(|it| it.number == number && !it.state.is_finished());
        let Some(deployment) = under_way else {
            return false;
        };
        change(deployment);
        deployment.updated_at = self.clock.now();
        self.changes.send_modify(|count| *count += 1);
        // The state in memory counts: after a restart the deployment is one that was cut short.
        if let Err(error) = self.files.write(&key, deployment) {
            tracing::error!(%error, "the state of a deployment could not be saved");
        }
        true
    }

    /// Yields each time that a deployment has changed its state; a slow reader sees several changes
    /// as one.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Whether there was such a deployment; its resources stay.
    pub fn delete(&self, name: &str) -> Result<bool, FileError> {
        let key = name.to_ascii_lowercase();
        let mut deployments = self.lock();
        self.files.delete(&key)?;
        Ok(deployments.remove(&key).is_some())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Deployment>> {
        // Each change is one insert or field: a panic leaves the map whole.
        self.deployments
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
