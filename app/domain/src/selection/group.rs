//! The tags of a repository that one row of the policy picks, grouped by their original.
use super::pattern::Wanted;
use crate::hash::HashSet;
use crate::inventory::InventoryTag;
use crate::policy::{PolicyRepository, TagConvention};
use crate::tag::{self, TagKind};

/// An original, whether or not it exists, with its latest patch tag.
pub(super) struct Group<'a> {
    pub original: &'a str,
    pub latest: Option<&'a str>,
}

/// The groups of a row, sorted by original.
pub(super) fn groups<'a>(
    row: &PolicyRepository,
    tags: &'a [InventoryTag],
    convention: TagConvention,
    mut not_found: impl FnMut(&str),
) -> Vec<Group<'a>> {
    let names = tags.iter().map(|tag| tag.name.as_str());
    if row.is_wildcard() {
        let members = names.filter_map(|name| Member::find(name, convention));
        return gather(members.collect());
    }
    let there: HashSet<&str> = names.clone().collect();
    let mut wanted = Wanted::new(convention);
    for tag in &row.tags {
        if there.contains(tag.as_str()) {
            wanted.insert(tag);
        } else {
            not_found(tag);
        }
    }
    let picked = names.filter(|name| wanted.matches(name));
    gather(
        picked
            .filter_map(|name| Member::find(name, convention))
            .collect(),
    )
}

/// A tag in the group of its original; `number` is 0 for the original itself.
struct Member<'a> {
    original: &'a str,
    number: u16,
    name: &'a str,
}

impl<'a> Member<'a> {
    fn find(name: &'a str, convention: TagConvention) -> Option<Self> {
        let (original, number) = match (tag::kind(name), convention) {
            (TagKind::Incremental { base, number }, TagConvention::Incremental) => (base, number),
            (TagKind::Floating { base }, TagConvention::Floating) => (base, 1),
            // The other convention's suffix is passed over.
            (TagKind::Incremental { .. } | TagKind::Floating { .. }, _) => return None,
            // A bare `-1` has no base, and is reserved all the same.
            (TagKind::Original, _) if tag::has_reserved_suffix(name) => return None,
            (TagKind::Original, _) => (name, 0),
        };
        Some(Self {
            original,
            number,
            name,
        })
    }
}

/// Sorting is quicker than a map of groups, most of all where the registry lists its tags in
/// order.
fn gather(mut members: Vec<Member<'_>>) -> Vec<Group<'_>> {
    members.sort_unstable_by_key(|member| (member.original, member.number));
    let mut groups: Vec<Group<'_>> = Vec::new();
    for member in members {
        let latest = (member.number > 0).then_some(member.name);
        match groups.last_mut() {
            Some(group) if group.original == member.original => group.latest = latest,
            _ => groups.push(Group {
                original: member.original,
                latest,
            }),
        }
    }
    groups
}
