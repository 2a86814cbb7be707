//! What was found in images, what is due by when, and what people decided about it.
mod accepted;
mod collect;
mod exception;
mod export;
mod feeds;
mod pack;
mod settings;

pub(crate) use feeds::FeedDesk;

pub use export::ExportedFile;
pub use feeds::keep_feed;

use crate::registry_room::RegistryRoom;
use crate::{Answer, Caller, Workflow, WorkflowError};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use drydock_domain::access::{Operation, Reach};
use drydock_domain::compliance::{ComplianceView, FindingQuery, FindingRow, Material, rows, view};
use drydock_domain::tag::{TagKind, kind};
use std::collections::BTreeSet;

impl Workflow {
    /// A page of findings with their deadlines, as they are or as they were known on a day.
    ///
    /// # Errors
    /// `Invalid` for a day that is none.
    pub async fn get_compliance(
        &self,
        caller: &Caller,
        registry: &str,
        query: &FindingQuery,
    ) -> Answer<ComplianceView> {
        caller.authorise(Operation::Read)?;
        let room = self.room(caller, registry).await?;
        let moment = self.moment(query)?;
        let mut material = self.material(&room, moment).await?;
        let name = &room.registry.name;
        let whole = caller.scope.reach(name) == Reach::Whole;
        if !whole {
            let is_reached = |repository: &str| caller.scope.has_repository(name, repository);
            material.findings.retain(|it| is_reached(&it.repository));
            material
                .observations
                .retain(|it| is_reached(&it.repository));
            material
                .tags
                .retain(|(repository, _)| is_reached(repository));
        }
        let mut view = view(&material, query, moment.at, moment.is_past);
        if !whole {
            // They name repositories of others.
            view.exceptions.clear();
            view.exposure.clear();
        }
        Ok(view)
    }

    /// Every finding of a registry that is kept until then, with the deadline that the usual profile
    /// gives it, and that profile's name.
    pub(crate) async fn deadlines(
        &self,
        registry: &str,
        at: DateTime<Utc>,
    ) -> Answer<(String, Vec<FindingRow>)> {
        let ledger = &self.inner.ledger;
        let findings = ledger.list_findings(registry, at).await?;
        let wanted: BTreeSet<&str> = findings.iter().map(|it| it.cve.as_str()).collect();
        let material = Material {
            registry: registry.to_owned(),
            exceptions: self.exceptions(registry).await?,
            settings: ledger.find_compliance_settings(registry, at).await?,
            signals: self.signals(&wanted).await?,
            findings,
            ..Material::default()
        };
        let (profile, rows) = rows(&material, &FindingQuery::default(), at);
        Ok((profile.name, rows))
    }

    /// Everything that is kept of a registry until then.
    async fn material(&self, room: &RegistryRoom, moment: Moment) -> Answer<Material> {
        let ledger = &self.inner.ledger;
        let (name, at) = (&room.registry.name, moment.at);
        let findings = ledger.list_findings(name, at).await?;
        let observations = ledger.list_latest_scans(name, at).await?;
        let tags = match moment.is_past {
            // What the registry held then is what was scanned then.
            true => observations
                .iter()
                .map(|scan| (scan.repository.clone(), scan.original.clone()))
                .collect(),
            false => self.originals(room).await?,
        };
        let wanted: BTreeSet<&str> = findings.iter().map(|it| it.cve.as_str()).collect();
        Ok(Material {
            registry: name.clone(),
            exceptions: self.exceptions(name).await?,
            settings: ledger.find_compliance_settings(name, at).await?,
            signals: self.signals(&wanted).await?,
            feeds: ledger.list_vulnerability_feeds().await?,
            observations,
            findings,
            tags,
        })
    }

    /// The tags that patches are named after, by repository.
    async fn originals(&self, room: &RegistryRoom) -> Answer<Vec<(String, String)>> {
        let tags = self.tags_of(room).await?;
        let mut originals = BTreeSet::new();
        for repository in &tags.repositories {
            let image_tags = repository.tags.iter().filter(|tag| !tag.os.is_empty());
            for tag in image_tags {
                let original = match kind(&tag.tag) {
                    TagKind::Original => tag.tag.as_str(),
                    TagKind::Incremental { base, .. } | TagKind::Floating { base } => base,
                };
                originals.insert((repository.repository.clone(), original.to_owned()));
            }
        }
        Ok(originals.into_iter().collect())
    }

    /// The instant that a query is about.
    fn moment(&self, query: &FindingQuery) -> Answer<Moment> {
        let now = self.inner.clock.now();
        if query.as_of.is_empty() {
            return Ok(Moment {
                at: now,
                is_past: false,
            });
        }
        let day: NaiveDate = query.as_of.parse().map_err(|_| WorkflowError::Invalid {
            field: "as_of".into(),
            why: format!("`{}` is no day; write it as 2026-11-21", query.as_of),
        })?;
        let end = day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::days(1);
        Ok(Moment {
            at: (end - TimeDelta::microseconds(1)).min(now),
            is_past: end <= now,
        })
    }
}

/// The instant that a view is of: now, or the end of a day that is over.
#[derive(Clone, Copy)]
struct Moment {
    at: DateTime<Utc>,
    is_past: bool,
}
