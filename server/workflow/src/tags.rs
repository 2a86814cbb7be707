use crate::registry_room::RegistryRoom;
use crate::{Answer, Caller, Workflow};
use drydock_azure::{AcrClient, AzureError, ManifestRecord, TagRecord};
use drydock_domain::access::Operation;
use drydock_domain::console::{RegistryTags, RepositoryTags, ServerPreview, TagFacts};
use drydock_domain::images_file::ImagesFile;
use drydock_domain::inventory::Inventory;
use drydock_domain::lineage::{RepositoryList, RepositorySummary};
use drydock_domain::policy;
use drydock_domain::selection::select;
use drydock_domain::tag::{RepositoryName, TagKind, kind};
use drydock_domain::verdict::verdicts;
use futures::{StreamExt, TryStreamExt, stream};
use std::collections::HashMap;
use std::sync::Arc;

/// Repositories that are listed at a time.
const READERS: usize = 8;

impl Workflow {
    /// Every tag of a registry with what the dry run shows about it; at most a few seconds old.
    pub async fn list_tags(&self, caller: &Caller, registry: &str) -> Answer<RegistryTags> {
        caller.authorise(Operation::Read)?;
        let room = self.room(caller, registry).await?;
        Ok(RegistryTags::clone(&*self.tags_for(caller, &room).await?))
    }

    /// What a policy would do to the registry's tags as they are now.
    pub async fn preview(
        &self,
        caller: &Caller,
        registry: &str,
        policy_text: &str,
    ) -> Answer<ServerPreview> {
        caller.authorise(Operation::Read)?;
        let policy = match policy::parse(policy_text) {
            Ok(policy) => policy,
            Err(error) => return Ok(refused(error.to_string())),
        };
        if let Some(refusal) = policy::service_refusal(&policy) {
            return Ok(refused(refusal));
        }
        let room = self.room(caller, registry).await?;
        let tags = self.tags_for(caller, &room).await?;
        let inventory = Inventory::from(&*tags);
        let selection = select(&policy, &inventory);
        Ok(ServerPreview {
            verdicts: verdicts(&policy, &inventory, &selection),
            selection,
            refusal: None,
            as_of: tags.as_of,
        })
    }

    /// A line for each repository, by name.
    pub async fn list_repositories(
        &self,
        caller: &Caller,
        registry: &str,
    ) -> Answer<RepositoryList> {
        let tags = self.list_tags(caller, registry).await?;
        Ok(RepositoryList {
            repositories: of_people(&tags).map(summary).collect(),
            as_of: tags.as_of,
        })
    }

    /// A line for each tag that somebody pushed, or a patch: as many as the repositories' lines count.
    pub async fn list_images(&self, caller: &Caller, registry: &str) -> Answer<ImagesFile> {
        let mut tags = self.list_tags(caller, registry).await?;
        tags.repositories.retain(is_of_people);
        Ok(ImagesFile::from(&tags))
    }

    pub(crate) async fn tags_of(&self, room: &RegistryRoom) -> Answer<Arc<RegistryTags>> {
        room.tags.get(async || self.read_tags(room).await).await
    }

    /// The same for jobs in the background: what they read stays with them.
    pub(crate) async fn tags_aside(&self, room: &RegistryRoom) -> Answer<Arc<RegistryTags>> {
        room.tags.glance(async || self.read_tags(room).await).await
    }

    async fn read_tags(&self, room: &RegistryRoom) -> Answer<RegistryTags> {
        let mut names = room.acr.list_repositories().await?;
        // The console's own heads of the audit trail: no image, and there for no policy.
        let witness = crate::witness::repository();
        names.retain(|name| *name != witness);
        let mut repositories: Vec<RepositoryTags> = stream::iter(names)
            .map(|name| repository_tags(&room.acr, name))
            .buffer_unordered(READERS)
            .try_filter_map(async |listed| Ok(listed))
            .try_collect()
            .await?;
        repositories.sort_by(|a, b| a.repository.cmp(&b.repository));
        Ok(RegistryTags {
            repositories,
            within: None,
            as_of: Some(self.inner.clock.now()),
        })
    }
}

/// The repositories of a registry without the policy's own, which nobody pushed an image to.
pub(crate) fn of_people(tags: &RegistryTags) -> impl Iterator<Item = &RepositoryTags> {
    tags.repositories.iter().filter(|it| is_of_people(it))
}

fn is_of_people(repository: &RepositoryTags) -> bool {
    repository.repository != crate::policy::artifact::repository().as_str()
}

fn refused(refusal: String) -> ServerPreview {
    ServerPreview {
        refusal: Some(refusal),
        ..ServerPreview::default()
    }
}

/// `None` for a repository that was deleted since the catalogue was read.
async fn repository_tags(
    acr: &AcrClient,
    name: RepositoryName,
) -> Result<Option<RepositoryTags>, AzureError> {
    let listings = tokio::try_join!(acr.list_tags(&name), acr.list_manifests(&name));
    let (tags, manifests) = match listings {
        Ok(listings) => listings,
        Err(AzureError::NotFound(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let manifests: HashMap<&str, &ManifestRecord> = manifests
        .iter()
        .map(|manifest| (manifest.digest.as_str(), manifest))
        .collect();
    Ok(Some(RepositoryTags {
        repository: name.into(),
        tags: tags
            .into_iter()
            .map(|tag| {
                let manifest = manifests.get(tag.digest.as_str()).copied();
                facts(tag, manifest)
            })
            .collect(),
    }))
}

fn facts(tag: TagRecord, manifest: Option<&ManifestRecord>) -> TagFacts {
    let of =
        |value: fn(&ManifestRecord) -> Option<String>| manifest.and_then(value).unwrap_or_default();
    TagFacts {
        tag: tag.name,
        digest: tag.digest,
        size_bytes: manifest.map_or(0, |manifest| manifest.image_size),
        os: of(|manifest| manifest.os.clone()),
        architecture: of(|manifest| manifest.architecture.clone()),
        media_type: of(|manifest| Some(manifest.media_type.clone())),
        updated_at: tag.last_update_time.or(tag.created_time),
    }
}

fn summary(repository: &RepositoryTags) -> RepositorySummary {
    let tags = &repository.tags;
    let patches = tags
        .iter()
        .filter(|tag| kind(&tag.tag) != TagKind::Original)
        .count();
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    RepositorySummary {
        repository: repository.repository.clone(),
        tags: number(tags.len()),
        originals: number(tags.len() - patches),
        patches: number(patches),
        updated_at: tags.iter().filter_map(|tag| tag.updated_at).max(),
    }
}
