//! What `acr cssc patch` selects, with its defects: the specification is the tool's behaviour,
//! and a preview that is better than it would lie.
use crate::hash::HashMap;
use crate::inventory::{Inventory, Listing};
use crate::policy::{Policy, PolicyRepository, TagConvention};
use crate::tag::{self, TagKind};
use group::{Group, groups};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

mod group;
mod output;
mod pattern;

pub use output::{
    PolicySource, SelectionLine, acr_output, acr_reading, acr_validating, find_matches,
    find_selected,
};
pub use pattern::TagPattern;

/// A trigger run with more matches fails, and nothing is scanned; 100 pass.
pub const IMAGE_LIMIT: usize = 100;

/// The images that a run would scan, and the tags that the policy names in vain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// Repositories in the policy's order, and rows sorted by original within one row of the
    /// policy, where Azure's order is random.
    pub selected: Vec<Selected>,
    /// In the policy's order.
    pub not_found: Vec<NotFound>,
    /// Repositories that the policy names and whoever asks may not know of: what of them is selected
    /// is not among the others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outside: Vec<String>,
    /// Rows that were lost because Azure takes them for one that it already has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub collisions: Vec<Collision>,
    /// Why Azure stops here without any result: a listing broke off half-way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<ListingFailure>,
}

impl Selection {
    /// The number that counts against [`IMAGE_LIMIT`]: originals, not patch tags.
    pub fn matches(&self) -> usize {
        self.selected.len()
    }

    pub fn is_over_limit(&self) -> bool {
        self.matches() > IMAGE_LIMIT
    }

    /// Repositories with their number of images, the largest first: where to cut when there are
    /// too many.
    pub fn by_repository(&self) -> Vec<(&str, usize)> {
        let mut counts: HashMap<&str, usize> = HashMap::default();
        for row in &self.selected {
            *counts.entry(&row.repository).or_default() += 1;
        }
        let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
        counts.sort_unstable_by_key(|(repository, count)| (Reverse(*count), *repository));
        counts
    }
}

/// One image of a run.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Selected {
    pub repository: String,
    /// The tag that is patched. It need not exist: a phantom base is selected like any other.
    pub original: String,
    /// The patch tag with the highest number, or the floating one.
    pub latest: Option<String>,
    /// The tag that is scanned: the latest patch tag, else the original.
    pub scan: String,
    /// The tag that a patch would get. Past 999 the patch task refuses it.
    pub next: String,
}

/// A tag that the policy names and Azure does not find, or cannot list; `*` for a repository
/// of which all tags are wanted.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NotFound {
    pub repository: String,
    pub tag: String,
}

/// Azure tells rows apart by `repository-original-latest`, which two different rows can share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collision {
    pub repository: String,
    pub original: String,
    pub latest: Option<String>,
    /// The row that came first and stays.
    pub kept_repository: String,
    pub kept_original: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListingFailure {
    pub repository: String,
    /// HTTP status of the page that was refused.
    pub status: u16,
}

impl ListingFailure {
    /// What `acr cssc patch` prints to standard error after `Error: `, up to the answer's own
    /// text.
    pub fn acr_message(&self) -> String {
        let repository = &self.repository;
        format!("Some unexpected error occurred while listing tags for repository-{repository}")
    }
}

/// Applies a policy to a registry. The policy is taken as it is: see
/// [`crate::policy::service_refusal`] for what the service does not even look at.
pub fn select(policy: &Policy, inventory: &Inventory) -> Selection {
    let convention = policy.convention.unwrap_or_default();
    let mut selection = Selection::default();
    let mut taken: HashMap<String, usize> = HashMap::default();
    for row in &policy.repositories {
        if !row.enabled || row.repository.is_empty() || row.tags.is_empty() {
            continue;
        }
        if inventory.is_outside(&row.repository) {
            if !selection.outside.contains(&row.repository) {
                selection.outside.push(row.repository.clone());
            }
            continue;
        }
        let tags = match inventory.listing(&row.repository) {
            Some(Listing::Listed(tags)) => tags,
            Some(Listing::Interrupted { status, .. }) => {
                return Selection {
                    failure: Some(ListingFailure {
                        repository: row.repository.clone(),
                        status: *status,
                    }),
                    ..Selection::default()
                };
            }
            Some(Listing::Refused { .. }) | None => {
                let missing = row.tags.iter().map(|tag| row.not_found(tag));
                selection.not_found.extend(missing);
                continue;
            }
        };
        let missing = |tag: &str| selection.not_found.push(row.not_found(tag));
        for group in groups(row, tags, convention, missing) {
            selection.add(&mut taken, row, &group, convention);
        }
    }
    selection
}

impl PolicyRepository {
    fn not_found(&self, tag: &str) -> NotFound {
        NotFound {
            repository: self.repository.clone(),
            tag: tag.to_owned(),
        }
    }
}

impl Selection {
    fn add(
        &mut self,
        taken: &mut HashMap<String, usize>,
        row: &PolicyRepository,
        group: &Group<'_>,
        convention: TagConvention,
    ) {
        let Group { original, latest } = *group;
        let key = format!("{}-{original}-{}", row.repository, latest.unwrap_or("N/A"));
        if let Some(&index) = taken.get(&key) {
            let kept = &self.selected[index];
            // The same row again, from a repository that the policy names twice, loses nothing.
            if kept.repository != row.repository || kept.original != original {
                self.collisions.push(Collision {
                    repository: row.repository.clone(),
                    original: original.to_owned(),
                    latest: latest.map(str::to_owned),
                    kept_repository: kept.repository.clone(),
                    kept_original: kept.original.clone(),
                });
            }
            return;
        }
        taken.insert(key, self.selected.len());
        self.selected.push(Selected {
            repository: row.repository.clone(),
            original: original.to_owned(),
            latest: latest.map(str::to_owned),
            scan: latest.unwrap_or(original).to_owned(),
            next: next_tag(original, latest, convention),
        });
    }
}

/// The tag of the next patch, as the trigger task's script works it out: the number at the end of
/// the latest patch tag plus one, gaps not reused; without one `-1`, or `-patched` under the
/// floating convention. The number may be 1000, which the patch task refuses.
pub fn next_tag(original: &str, latest: Option<&str>, convention: TagConvention) -> String {
    match (latest.map(tag::kind), convention) {
        (Some(TagKind::Incremental { number, .. }), _) => format!("{original}-{}", number + 1),
        (_, TagConvention::Incremental) => format!("{original}-1"),
        (_, TagConvention::Floating) => format!("{original}-patched"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_repository_comes_first() {
        let row = |repository: &str| PolicyRepository {
            repository: repository.to_owned(),
            tags: vec!["*".to_owned()],
            enabled: true,
        };
        let policy = Policy {
            convention: None,
            repositories: ["a", "b", "c"].map(row).to_vec(),
        };
        let tags = [("a", vec!["1"]), ("b", vec!["1", "2"]), ("c", vec!["1"])];
        let selection = select(&policy, &tags.into_iter().collect());
        assert_eq!(selection.by_repository(), [("b", 2), ("a", 1), ("c", 1)]);
    }
}
