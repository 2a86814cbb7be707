//! Originals and the patches made of them.
pub(crate) mod drawing;
pub(crate) mod sightings;

mod drift;

pub(crate) use drift::find_drift;

use crate::registry_room::RegistryRoom;
use crate::{Answer, Caller, Workflow, WorkflowError};
use drydock_azure::{AcrClient, AzureError, Manifest, ManifestRecord, TagRecord};
use drydock_domain::access::Operation;
use drydock_domain::lineage::{
    Derivation, DerivationFacts, ImageLineage, LineageNode, RepositoryLineage, derive,
};
use drydock_domain::patch_report::{PATCH_REPORT_TYPE, PatchReport};
use drydock_domain::tag::{Digest, RepositoryName, TagKind, kind};
use futures::{StreamExt, TryStreamExt, stream};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

/// Manifests and reports that are read at a time.
const READERS: usize = 8;
/// A report names each package once; the largest image has a few thousand.
const REPORT_LIMIT: usize = 16 << 20;
/// Digests never change what they name, so they are kept; beyond this many, all are let go.
const KEPT_LIMIT: usize = 10_000;

/// What is known about a digest for ever.
#[derive(Default)]
pub(crate) struct LineageCache {
    /// Layer digests of image manifests; `None` for an index or an artifact without layers.
    layers: Mutex<HashMap<String, Option<Arc<[String]>>>>,
    /// Reports by the digest of the manifest that carries them.
    reports: Mutex<HashMap<String, Arc<PatchReport>>>,
}

impl Workflow {
    /// A repository's originals and patches, each patch checked against its original's layers.
    pub async fn get_lineage(
        &self,
        caller: &Caller,
        registry: &str,
        repository: &str,
    ) -> Answer<RepositoryLineage> {
        caller.authorise(Operation::Read)?;
        let room = self.room(caller, registry).await?;
        caller.require_repository(&room.registry.name, repository)?;
        let name = RepositoryName::parse(repository).map_err(|error| WorkflowError::Invalid {
            field: "repository".into(),
            why: error.to_string(),
        })?;
        let listed = tokio::try_join!(room.acr.list_tags(&name), room.acr.list_manifests(&name));
        let (tags, manifests) = match listed {
            Ok(listed) => listed,
            Err(AzureError::NotFound(_)) => {
                return Err(WorkflowError::NotFound {
                    what: format!("the repository `{name}`"),
                });
            }
            Err(error) => return Err(error.into()),
        };
        let survey = Survey {
            room: &room,
            repository: &name,
            manifests: manifests
                .iter()
                .map(|manifest| (manifest.digest.as_str(), manifest))
                .collect(),
        };
        let reads: Vec<_> = families(&tags)
            .into_iter()
            .map(|(original, family)| survey.image(original, family))
            .collect();
        let mut images: Vec<ImageLineage> = stream::iter(reads)
            .buffer_unordered(READERS)
            .try_collect()
            .await?;
        images.sort_by_key(|image| (std::cmp::Reverse(latest(image)), image.original.clone()));
        Ok(RepositoryLineage {
            repository: name.into(),
            images,
        })
    }
}

/// One original and its patches, as tags.
#[derive(Default)]
struct Family<'a> {
    original: Option<&'a TagRecord>,
    /// By number; the floating one last.
    patches: BTreeMap<u32, &'a TagRecord>,
}

fn families(tags: &[TagRecord]) -> BTreeMap<&str, Family<'_>> {
    let mut families: BTreeMap<&str, Family<'_>> = BTreeMap::new();
    for tag in tags.iter().filter(|tag| !is_attachment(&tag.name)) {
        match kind(&tag.name) {
            TagKind::Original => families.entry(&tag.name).or_default().original = Some(tag),
            TagKind::Incremental { base, number } => {
                let family = families.entry(base).or_default();
                family.patches.insert(number.into(), tag);
            }
            TagKind::Floating { base } => {
                families
                    .entry(base)
                    .or_default()
                    .patches
                    .insert(u32::MAX, tag);
            }
        }
    }
    families
}

/// A tag that spells the digest of another image: how signatures and the like are attached where
/// a registry has no referrers, as in `sha256-<64 digits>.sig`.
fn is_attachment(tag: &str) -> bool {
    let hex = tag.strip_prefix("sha256-").and_then(|rest| rest.get(..64));
    hex.is_some_and(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn latest(image: &ImageLineage) -> Option<chrono::DateTime<chrono::Utc>> {
    let nodes = image.node.iter().chain(&image.patches);
    nodes.filter_map(|node| node.updated_at).max()
}

/// A repository while its lineage is read.
struct Survey<'a> {
    room: &'a RegistryRoom,
    repository: &'a RepositoryName,
    manifests: HashMap<&'a str, &'a ManifestRecord>,
}

impl Survey<'_> {
    async fn image(&self, original: &str, family: Family<'_>) -> Answer<ImageLineage> {
        let base = match family.original {
            Some(tag) if !family.patches.is_empty() => self.layers(&tag.digest).await?,
            _ => None,
        };
        let mut patches = Vec::new();
        for tag in family.patches.values() {
            let mut node = self.node(tag);
            self.judge(&mut node, family.original, base.as_deref())
                .await?;
            patches.push(node);
        }
        Ok(ImageLineage {
            original: original.into(),
            node: family.original.map(|tag| self.node(tag)),
            patches,
        })
    }

    fn node(&self, tag: &TagRecord) -> LineageNode {
        let manifest = self.manifests.get(tag.digest.as_str());
        let part = |value: Option<&String>| value.cloned().unwrap_or_default();
        let os = part(manifest.and_then(|manifest| manifest.os.as_ref()));
        let architecture = part(manifest.and_then(|manifest| manifest.architecture.as_ref()));
        LineageNode {
            tag: tag.name.clone(),
            digest: tag.digest.clone(),
            size_bytes: manifest.map_or(0, |manifest| manifest.image_size),
            created_at: tag.created_time,
            updated_at: tag.last_update_time,
            platform: match (os.is_empty(), architecture.is_empty()) {
                (false, false) => format!("{os}/{architecture}"),
                _ => String::new(),
            },
            media_type: manifest.map_or_else(String::new, |manifest| manifest.media_type.clone()),
            report: None,
            note: None,
            derivation: Derivation::Original,
        }
    }

    /// Finds a patch's report, and whether it stands on the original.
    async fn judge(
        &self,
        node: &mut LineageNode,
        original: Option<&TagRecord>,
        base: Option<&[String]>,
    ) -> Answer<()> {
        let layers = self.layers(&node.digest).await?;
        node.report = self.report(&node.digest).await?;
        let report = node.report.as_ref();
        let judged = derive(&DerivationFacts {
            has_original: original.is_some(),
            original_layers: base,
            patched_layers: layers.as_deref(),
            original_now: original.map(|original| original.digest.as_str()),
            original_then: report.map(|report| report.origin.digest.as_str()),
            original_pushed_at: original.and_then(|original| original.last_update_time),
            patched_at: node.created_at,
        });
        let without_report = node
            .report
            .is_none()
            .then_some("whoever made it attached no report");
        let drifted = (judged.has_drifted && judged.doubt.is_none()).then_some(
            "the original was pushed again after this patch, and still has the same layers",
        );
        node.derivation = judged.derivation;
        node.note = judged
            .doubt
            .or(drifted)
            .or(without_report)
            .map(str::to_owned);
        Ok(())
    }

    async fn layers(&self, digest: &str) -> Answer<Option<Arc<[String]>>> {
        let cache = &self.room.lineage.layers;
        if let Some(kept) = lock(cache).get(digest) {
            return Ok(kept.clone());
        }
        let manifest = self.room.acr.find_manifest(self.repository, digest).await?;
        let image = manifest.as_ref().and_then(Manifest::image);
        let layers: Option<Arc<[String]>> =
            image.map(|image| image.layers.into_iter().map(|layer| layer.digest).collect());
        keep(cache, digest, layers.clone());
        Ok(layers)
    }

    /// The newest report attached to a digest. One that cannot be read is passed over: it is
    /// evidence, and the image stands without it.
    async fn report(&self, digest: &str) -> Answer<Option<PatchReport>> {
        let Ok(subject) = Digest::parse(digest) else {
            return Ok(None);
        };
        let acr = &self.room.acr;
        let referrers = acr
            .list_referrers(self.repository, &subject, PATCH_REPORT_TYPE)
            .await?;
        let mut newest: Option<Arc<PatchReport>> = None;
        for referrer in referrers {
            let kept = lock(&self.room.lineage.reports)
                .get(&referrer.digest)
                .cloned();
            let report = match kept {
                Some(report) => report,
                None => match read_report(acr, self.repository, &referrer.digest).await {
                    Ok(report) => {
                        let report = Arc::new(report);
                        keep(&self.room.lineage.reports, &referrer.digest, report.clone());
                        report
                    }
                    Err(error) => {
                        tracing::warn!(digest = referrer.digest, %error, "a patch report cannot be read");
                        continue;
                    }
                },
            };
            if newest
                .as_ref()
                .is_none_or(|newest| newest.created_at <= report.created_at)
            {
                newest = Some(report);
            }
        }
        Ok(newest.map(|report| PatchReport::clone(&report)))
    }
}

async fn read_report(
    acr: &AcrClient,
    repository: &RepositoryName,
    manifest_digest: &str,
) -> Answer<PatchReport> {
    let unreadable = |why: &str| WorkflowError::Invalid {
        field: format!("report {manifest_digest}"),
        why: why.into(),
    };
    let manifest = acr.find_manifest(repository, manifest_digest).await?;
    let manifest = manifest.ok_or_else(|| unreadable("its manifest is gone"))?;
    let layer = manifest
        .image()
        .and_then(|image| image.layers.into_iter().next())
        .and_then(|layer| Digest::parse(&layer.digest).ok())
        .ok_or_else(|| unreadable("its manifest names no layer"))?;
    Ok(acr.get_json_blob(repository, &layer, REPORT_LIMIT).await?)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn keep<T>(cache: &Mutex<HashMap<String, T>>, digest: &str, value: T) {
    let mut cache = lock(cache);
    if cache.len() >= KEPT_LIMIT {
        cache.clear();
    }
    cache.insert(digest.to_owned(), value);
}
