//! What is kept about each registry between two requests.
use crate::cache::Cache;
use crate::log_hub::LogHub;
use crate::runs::log::RunLogs;
use crate::runs::watch::RunWatch;
use crate::{Answer, Caller, Workflow};
use drydock_azure::{AcrClient, Azure, RegistryId, RegistryResource};
use drydock_domain::access::Operation;
use drydock_domain::console::{RefusedPlace, Registry, RegistryTags};
use drydock_domain::run::RunTree;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The list of registries: what a person may wait for after creating one elsewhere.
const REGISTRIES_LIFE: Duration = Duration::from_secs(30);
/// Tags and runs: long enough that one page's parts share one read, short enough to feel live.
const TAGS_LIFE: Duration = Duration::from_secs(3);
const RUNS_LIFE: Duration = Duration::from_secs(1);

/// The registries that the credential sees, by their names in lower case.
pub(crate) struct Rooms {
    rooms: Mutex<HashMap<String, Arc<RegistryRoom>>>,
    listed: Cache<Listed>,
}

struct Listed {
    registries: Arc<Vec<Registry>>,
    refused: Vec<RefusedPlace>,
}

/// One registry: its clients, caches and the lock that keeps two changes apart.
pub(crate) struct RegistryRoom {
    pub id: RegistryId,
    pub registry: Registry,
    pub acr: AcrClient,
    pub tags: Cache<RegistryTags>,
    pub runs: Cache<Vec<RunTree>>,
    pub logs: RunLogs,
    pub log_hub: LogHub,
    pub watch: RunWatch,
    pub lineage: crate::lineage::LineageCache,
    /// Held during a change, so that a double click becomes one change and one refusal.
    pub changing: tokio::sync::Mutex<()>,
}

impl Rooms {
    pub(crate) fn new() -> Self {
        Self {
            rooms: Mutex::default(),
            listed: Cache::new(REGISTRIES_LIFE),
        }
    }

    pub(crate) fn forget_list(&self) {
        self.listed.clear();
    }
}

impl RegistryRoom {
    fn new(azure: &Azure, resource: RegistryResource) -> Answer<Self> {
        let login_server = resource.properties.login_server;
        Ok(Self {
            id: RegistryId::parse(&resource.id)?,
            acr: azure.registry(&login_server)?,
            registry: Registry {
                id: resource.id,
                name: resource.name,
                login_server,
                location: resource.location,
                sku: resource.sku.name,
                sandbox: azure.is_sandbox(),
            },
            tags: Cache::new(TAGS_LIFE),
            runs: Cache::new(RUNS_LIFE),
            logs: RunLogs::default(),
            log_hub: LogHub::default(),
            watch: RunWatch::default(),
            lineage: crate::lineage::LineageCache::default(),
            changing: tokio::sync::Mutex::default(),
        })
    }

    /// After a change: the next reader must see it.
    pub(crate) fn forget(&self) {
        self.tags.clear();
        self.runs.clear();
        self.watch.nudge();
    }
}

impl Workflow {
    /// Every registry, sorted by name; rooms are made for the new ones.
    pub(crate) async fn registries(&self) -> Answer<Arc<Vec<Registry>>> {
        Ok(self.listed().await?.registries.clone())
    }

    /// What of the configured scope the credential may not read.
    pub async fn list_refused_places(&self, caller: &Caller) -> Answer<Vec<RefusedPlace>> {
        caller.authorise(Operation::Read)?;
        // They are told by their ids: whoever is to know of some registries is told of no others.
        match caller.scope.is_everything() {
            true => Ok(self.listed().await?.refused.clone()),
            false => Ok(Vec::new()),
        }
    }

    async fn listed(&self) -> Answer<Arc<Listed>> {
        self.inner
            .rooms
            .listed
            .get(async || {
                let list = self.inner.azure.arm().list_registries().await?;
                let mut registries = Vec::new();
                for resource in list.registries {
                    registries.push(self.keep_room(resource)?.registry.clone());
                }
                registries.sort_by(|a, b| a.name.cmp(&b.name));
                let refused = list.refused.into_iter().map(|(id, error)| RefusedPlace {
                    id,
                    why: error.to_string(),
                });
                Ok(Listed {
                    registries: Arc::new(registries),
                    refused: refused.collect(),
                })
            })
            .await
    }

    fn keep_room(&self, resource: RegistryResource) -> Answer<Arc<RegistryRoom>> {
        let key = resource.name.to_ascii_lowercase();
        let mut rooms = self.lock_rooms();
        let kept = rooms.get(&key).filter(|room| {
            room.registry.id.eq_ignore_ascii_case(&resource.id)
                && room.registry.login_server == resource.properties.login_server
        });
        if let Some(room) = kept {
            return Ok(room.clone());
        }
        let room = Arc::new(RegistryRoom::new(&self.inner.azure, resource)?);
        rooms.insert(key, room.clone());
        Ok(room)
    }

    /// The room of a registry by its name, in any casing, whoever asks: see [`Workflow::room`].
    pub(crate) async fn open_room(&self, registry: &str) -> Answer<Arc<RegistryRoom>> {
        let key = registry.to_ascii_lowercase();
        let known = self.lock_rooms().get(&key).cloned();
        if let Some(room) = known {
            return Ok(room);
        }
        // It may have been created a moment ago, so a fresh list has the last word.
        self.inner.rooms.forget_list();
        self.registries().await?;
        let listed = self.lock_rooms().get(&key).cloned();
        listed.ok_or_else(|| Self::no_registry(registry))
    }

    fn lock_rooms(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<RegistryRoom>>> {
        let rooms = self.inner.rooms.rooms.lock();
        rooms.unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
