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
use crate::tags::of_people;
use crate::{Answer, Caller, Workflow, WorkflowError};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use drydock_domain::access::{Operation, Reach};
use drydock_domain::compliance::{
    ComplianceView, FindingQuery, FindingRow, LeftOut, Material, rows, view,
};
use drydock_domain::console::RegistryTags;
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
            if material.left_out.is_some() {
                let (tags, left_out) = originals(&*self.tags_for(caller, &room).await?);
                material.tags = tags;
                material.left_out = Some(left_out);
            } else {
                let is_mine = |(repository, _): &(String, String)| is_reached(repository);
                material.tags.retain(is_mine);
            }
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
        let (tags, left_out) = match moment.is_past {
            // What the registry held then is what was scanned then.
            true => {
                let scans = observations.iter();
                let tags = scans.map(|scan| (scan.repository.clone(), scan.original.clone()));
                (tags.collect(), None)
            }
            false => {
                let (tags, left_out) = originals(&*self.tags_of(room).await?);
                (tags, Some(left_out))
            }
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
            left_out,
        })
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
/// The tags that patches are named after, by repository, and what of the registry's own is not among
/// them. The policy's artifact is nobody's image and counts nowhere.
fn originals(tags: &RegistryTags) -> (Vec<(String, String)>, LeftOut) {
    let mut originals = BTreeSet::new();
    let (mut n_images, mut left_out) = (0, LeftOut::default());
    for repository in of_people(tags) {
        for tag in &repository.tags {
            if tag.os.is_empty() {
                left_out.not_images += 1;
                continue;
            }
            let original = match kind(&tag.tag) {
                TagKind::Original => tag.tag.as_str(),
                TagKind::Incremental { base, .. } | TagKind::Floating { base } => base,
            };
            n_images += 1;
            originals.insert((repository.repository.clone(), original.to_owned()));
        }
    }
    left_out.patches = n_images - originals.len();
    (originals.into_iter().collect(), left_out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use drydock_domain::console::{RepositoryTags, TagFacts};

    #[test]
    fn each_tag_is_covered_or_left_out_for_a_reason() {
        let repository = |name: &str, tags: &[(&str, &str)]| RepositoryTags {
            repository: name.to_owned(),
            tags: tags
                .iter()
                .map(|(tag, os)| TagFacts {
                    tag: (*tag).to_owned(),
                    os: (*os).to_owned(),
                    ..TagFacts::default()
                })
                .collect(),
        };
        let linux = "linux";
        let app = [
            ("1.0", linux),
            ("1.0-1", linux),
            ("2.0-3", linux),
            ("every", ""),
        ];
        let tags = RegistryTags {
            repositories: vec![
                repository("app", &app),
                repository("csscpolicies/patchpolicy", &[("v1", "")]),
            ],
            ..RegistryTags::default()
        };
        let (originals, left_out) = originals(&tags);
        let named = |tag: &str| ("app".to_owned(), tag.to_owned());
        assert_eq!(originals, [named("1.0"), named("2.0")]);
        let expected = LeftOut {
            patches: 1,
            not_images: 1,
        };
        assert_eq!(left_out, expected);
        assert_eq!(
            originals.len() + left_out.patches + left_out.not_images,
            app.len()
        );
    }
}
