//! What is different between two policies, by meaning: order, formatting and keys that nobody
//! reads aside.
use super::{Policy, PolicyRepository, TagConvention};
use crate::hash::HashMap;
use crate::inventory::Inventory;
use crate::selection::{Selected, Selection, select};
use serde::{Deserialize, Serialize};

/// The differences between two documents, in the new one's order and then the old one's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyDiff {
    /// Before and after. Not naming a convention and naming the incremental one are different
    /// texts of one meaning: see [`PolicyDiff::changes_convention`].
    pub convention: Option<(Option<TagConvention>, Option<TagConvention>)>,
    pub rows: Vec<RowDiff>,
    /// Rows stand in another order. It matters only where Azure takes two images for one.
    pub is_reordered: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RowDiff {
    Added(PolicyRepository),
    Removed(PolicyRepository),
    Changed {
        repository: String,
        tags_added: Vec<String>,
        tags_removed: Vec<String>,
        /// The new value, where it is another one.
        enabled: Option<bool>,
    },
}

impl PolicyDiff {
    pub fn is_empty(&self) -> bool {
        self.convention.is_none() && self.rows.is_empty() && !self.is_reordered
    }

    /// Patches get tags of another kind.
    pub fn changes_convention(&self) -> bool {
        self.convention
            .is_some_and(|(before, after)| before.unwrap_or_default() != after.unwrap_or_default())
    }
}

/// Compares two policies. Of several rows for a repository equal ones are passed over, and the
/// others are compared in their order.
pub fn diff(before: &Policy, after: &Policy) -> PolicyDiff {
    let mut old = rows_by_name(before);
    let mut rows = Vec::new();
    let mut kept = Vec::new();
    for new in &after.repositories {
        let same = take(&mut old, new, |index| before.repositories[index] == *new);
        kept.push(same);
    }
    for (new, same) in after.repositories.iter().zip(&mut kept) {
        if same.is_some() {
            continue;
        }
        *same = take(&mut old, new, |_| true);
        rows.push(match same {
            None => RowDiff::Added(new.clone()),
            Some(index) => changed(&before.repositories[*index], new),
        });
    }
    let mut gone: Vec<usize> = old.into_values().flatten().collect();
    gone.sort_unstable();
    let removed = gone
        .iter()
        .map(|index| RowDiff::Removed(before.repositories[*index].clone()));
    rows.extend(removed);
    PolicyDiff {
        convention: (before.convention != after.convention)
            .then_some((before.convention, after.convention)),
        is_reordered: !kept.iter().flatten().is_sorted(),
        rows,
    }
}

fn rows_by_name(policy: &Policy) -> HashMap<&str, Vec<usize>> {
    let mut rows: HashMap<&str, Vec<usize>> = HashMap::default();
    for (index, row) in policy.repositories.iter().enumerate() {
        rows.entry(&row.repository).or_default().push(index);
    }
    rows
}

/// Takes the first old row of the new row's repository that passes.
fn take(
    old: &mut HashMap<&str, Vec<usize>>,
    new: &PolicyRepository,
    passes: impl Fn(usize) -> bool,
) -> Option<usize> {
    let rows = old.get_mut(new.repository.as_str())?;
    let place = rows.iter().position(|row| passes(*row))?;
    Some(rows.remove(place))
}

fn changed(before: &PolicyRepository, after: &PolicyRepository) -> RowDiff {
    let without = |tags: &[String], others: &[String]| {
        let is_new = |tag: &&String| !others.contains(tag);
        tags.iter().filter(is_new).cloned().collect()
    };
    RowDiff::Changed {
        repository: after.repository.clone(),
        tags_added: without(&after.tags, &before.tags),
        tags_removed: without(&before.tags, &after.tags),
        enabled: (before.enabled != after.enabled).then_some(after.enabled),
    }
}

/// What a change of the policy does to a registry's images.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    pub matches_before: usize,
    pub matches_after: usize,
    /// Images that will be scanned and were not.
    pub entering: Vec<Selected>,
    /// Images that were scanned and will not be.
    pub leaving: Vec<Selected>,
    /// Images that are scanned before and after, under another tag or with another next tag:
    /// before and after.
    pub retargeted: Vec<(Selected, Selected)>,
}

/// Applies both policies to what is in the registry.
pub fn effect(before: &Policy, after: &Policy, inventory: &Inventory) -> Effect {
    compare(&select(before, inventory), &select(after, inventory))
}

/// Compares two selections by their images.
pub fn compare(before: &Selection, after: &Selection) -> Effect {
    let key = |row: &Selected| (row.repository.clone(), row.original.clone());
    let mut old: HashMap<(String, String), &Selected> =
        before.selected.iter().map(|row| (key(row), row)).collect();
    let mut effect = Effect {
        matches_before: before.matches(),
        matches_after: after.matches(),
        ..Effect::default()
    };
    for new in &after.selected {
        match old.remove(&key(new)) {
            None => effect.entering.push(new.clone()),
            Some(row) if row != new => effect.retargeted.push((row.clone(), new.clone())),
            Some(_) => {}
        }
    }
    let is_gone = |row: &&Selected| old.contains_key(&key(row));
    let leaving = before.selected.iter().filter(is_gone);
    effect.leaving = leaving.cloned().collect();
    effect
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(repository: &str, tags: &[&str], enabled: bool) -> PolicyRepository {
        PolicyRepository {
            repository: repository.to_owned(),
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            enabled,
        }
    }

    fn policy(rows: &[PolicyRepository]) -> Policy {
        Policy {
            convention: None,
            repositories: rows.to_vec(),
        }
    }

    #[test]
    fn rows_are_compared_by_their_repository() {
        let before = policy(&[
            row("a", &["1", "2"], true),
            row("b", &["*"], true),
            row("c", &["1"], true),
        ]);
        let after = policy(&[
            row("c", &["1"], true),
            row("a", &["2", "3"], false),
            row("d", &["*"], true),
        ]);
        let found = diff(&before, &after);
        let changed = RowDiff::Changed {
            repository: "a".to_owned(),
            tags_added: vec!["3".to_owned()],
            tags_removed: vec!["1".to_owned()],
            enabled: Some(false),
        };
        let added = RowDiff::Added(row("d", &["*"], true));
        let removed = RowDiff::Removed(row("b", &["*"], true));
        assert_eq!(found.rows, [changed, added, removed]);
        assert!(found.is_reordered && !found.changes_convention());
        assert!(diff(&before, &before).is_empty());
    }

    #[test]
    fn of_two_rows_for_a_repository_the_equal_one_is_passed_over() {
        let before = policy(&[row("a", &["1"], true), row("a", &["2"], false)]);
        let after = policy(&[row("a", &["2"], false), row("a", &["3"], true)]);
        let found = diff(&before, &after);
        assert_eq!(found.rows.len(), 1, "{found:?}");
        assert!(
            matches!(&found.rows[0], RowDiff::Changed { tags_added, .. } if tags_added == &["3"])
        );
        let fewer = diff(&before, &policy(&before.repositories[1..]));
        assert_eq!(fewer.rows, [RowDiff::Removed(row("a", &["1"], true))]);
    }

    #[test]
    fn naming_the_usual_convention_changes_the_text_alone() {
        let before = policy(&[]);
        let with = |convention| Policy {
            convention: Some(convention),
            ..policy(&[])
        };
        let same = diff(&before, &with(TagConvention::Incremental));
        assert!(!same.is_empty() && !same.changes_convention());
        assert!(diff(&before, &with(TagConvention::Floating)).changes_convention());
    }

    #[test]
    fn images_enter_leave_and_get_other_tags() {
        let inventory: Inventory = [("a", vec!["1", "1-1", "2"]), ("b", vec!["1"])]
            .into_iter()
            .collect();
        let before = policy(&[row("a", &["*"], true)]);
        let mut after = policy(&[row("a", &["1"], true), row("b", &["1"], true)]);
        after.convention = Some(TagConvention::Floating);
        let found = effect(&before, &after, &inventory);
        let names = |rows: &[Selected]| -> Vec<String> {
            let name = |row: &Selected| format!("{}:{}", row.repository, row.original);
            rows.iter().map(name).collect()
        };
        assert_eq!((found.matches_before, found.matches_after), (2, 2));
        assert_eq!(names(&found.entering), ["b:1"]);
        assert_eq!(names(&found.leaving), ["a:2"]);
        let [(old, new)] = found.retargeted.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!((old.next.as_str(), new.next.as_str()), ("1-2", "1-patched"));
    }
}
