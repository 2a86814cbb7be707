use super::model::Line;
use crate::api::dry_run::DryRunTags;
use chrono::{DateTime, Utc};
use drydock_domain::dry_run::{Averages, Found, Inspection, Price, Row};
use drydock_domain::inventory::{Inventory, InventoryTag, Listing};
use drydock_domain::verdict::Judgement;
use std::collections::BTreeMap;

/// What the page knows of the registry.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub inventory: Inventory,
    pub as_of: Option<DateTime<Utc>>,
    /// Digest and size by repository and tag.
    contents: BTreeMap<String, BTreeMap<String, (String, u64)>>,
    pub averages: Averages,
}

impl Known {
    pub fn new(tags: DryRunTags, averages: Averages) -> Self {
        let mut known = Self {
            inventory: Inventory::default().within(tags.within),
            as_of: tags.as_of,
            averages,
            ..Self::default()
        };
        for (repository, tags) in tags.repositories {
            let mut listed = Vec::with_capacity(tags.len());
            let contents = known.contents.entry(repository.clone()).or_default();
            for (name, obstacle, digest, size_bytes) in tags {
                contents.insert(name.clone(), (format!("sha256:{digest}"), size_bytes));
                listed.push(InventoryTag { name, obstacle });
            }
            let listed = Listing::Listed(listed);
            known.inventory.repositories.insert(repository, listed);
        }
        known
    }

    /// One line of the dry run; what is not scanned takes neither time nor money.
    pub fn line(&self, judgement: &Judgement<'_>, inspection: Option<&Inspection>) -> Line {
        let content = self
            .contents
            .get(judgement.repository)
            .and_then(|tags| tags.get(judgement.tag));
        let selected = judgement.row;
        let found = selected.zip(inspection).and_then(|(row, inspection)| {
            let image = inspection.evidence.image(&row.repository, &row.original);
            image.and_then(Found::of)
        });
        let row = Row {
            latest: selected.and_then(|row| row.latest.clone()),
            digest: content.map(|(digest, _)| digest.clone()),
            size_bytes: content.map(|(_, size_bytes)| *size_bytes),
            estimate: selected.and_then(|row| {
                self.averages
                    .estimate(&row.repository, &row.original, Price::LIST)
            }),
            found,
            ..Row::from(judgement.to_tag_verdict())
        };
        Line {
            row,
            original: selected.map(|row| row.original.clone()),
        }
    }
}

#[cfg(test)]
impl From<Inventory> for Known {
    fn from(inventory: Inventory) -> Self {
        Self {
            inventory,
            ..Self::default()
        }
    }
}
