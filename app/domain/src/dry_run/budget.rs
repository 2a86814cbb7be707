//! How near a policy is to Azure's limits.
use crate::selection::{IMAGE_LIMIT, Selection};
use crate::tag::{MAX_PATCH_NUMBER, TagKind, kind};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// Images that count against `limit`; the whole run fails above it.
    pub images: usize,
    pub limit: usize,
    /// Images by repository, the most first.
    pub by_repository: Vec<(String, usize)>,
    /// Images whose next patch gets a number of `near` or more, the highest first.
    pub near_last_number: Vec<NearLimit>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NearLimit {
    pub repository: String,
    pub original: String,
    /// The number of the next patch: 1000 is refused.
    pub next_number: u16,
    /// Patches that are left.
    pub left: u16,
}

impl Budget {
    pub fn is_over_limit(&self) -> bool {
        self.images > self.limit
    }
}

/// Counts a selection. Numbers are worth naming from `near` on.
pub fn budget(selection: &Selection, near: u16) -> Budget {
    let mut near_last_number: Vec<NearLimit> = selection
        .selected
        .iter()
        .filter_map(|row| match kind(row.latest.as_deref()?) {
            TagKind::Incremental { number, .. } if number + 1 >= near => Some(NearLimit {
                repository: row.repository.clone(),
                original: row.original.clone(),
                next_number: number + 1,
                left: MAX_PATCH_NUMBER - number,
            }),
            _ => None,
        })
        .collect();
    near_last_number.sort_by_key(|image| image.left);
    let by_repository = selection.by_repository().into_iter();
    Budget {
        images: selection.matches(),
        limit: IMAGE_LIMIT,
        by_repository: by_repository
            .map(|(repository, count)| (repository.to_owned(), count))
            .collect(),
        near_last_number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::Inventory;
    use crate::policy::{Policy, PolicyRepository};
    use crate::selection::select;

    #[test]
    fn images_and_numbers_are_counted() {
        let policy = Policy {
            convention: None,
            repositories: vec![PolicyRepository {
                repository: "r".to_owned(),
                tags: vec!["*".to_owned()],
                enabled: true,
            }],
        };
        let tags = ["a", "a-949", "b", "b-899", "c", "c-999", "d"];
        let inventory: Inventory = [("r", tags)].into_iter().collect();
        let found = budget(&select(&policy, &inventory), 900);
        assert_eq!((found.images, found.limit), (4, 100));
        assert!(!found.is_over_limit());
        assert_eq!(found.by_repository, [("r".to_owned(), 4)]);
        let near = found.near_last_number.iter();
        let near: Vec<_> = near
            .map(|image| (image.original.as_str(), image.next_number, image.left))
            .collect();
        assert_eq!(near, [("c", 1000, 0), ("a", 950, 50), ("b", 900, 100)]);
    }
}
