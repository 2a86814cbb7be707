//! What the policy names and Azure does not find, or whoever asks may not see.
use super::{Cause, Judgement};
use crate::hash::HashSet;
use crate::inventory::{Inventory, Listing};
use crate::selection::{NotFound, Selection};

/// Adds a judgement for each different not-found row, in their order, and for each repository outside
/// the asker's access.
pub(super) fn judge_missing<'a>(
    inventory: &'a Inventory,
    selection: &'a Selection,
    judgements: &mut Vec<Judgement<'a>>,
) {
    let mut seen = HashSet::default();
    for missing in &selection.not_found {
        if seen.insert((&missing.repository, &missing.tag)) {
            let cause = explain(missing, inventory);
            judgements.push(Judgement::new(&missing.repository, &missing.tag, cause));
        }
    }
    let outside = selection.outside.iter();
    let judge = |repository: &'a String| {
        Judgement::new(repository, "*", Cause::OutsideAccess { repository })
    };
    judgements.extend(outside.map(judge));
}

fn explain<'a>(missing: &'a NotFound, inventory: &'a Inventory) -> Cause<'a> {
    let NotFound { repository, tag } = missing;
    match inventory.listing(repository) {
        None => Cause::RepositoryNotFound {
            repository,
            inventory,
        },
        Some(Listing::Refused { status }) => Cause::Unreadable {
            repository,
            status: *status,
            is_fatal: false,
        },
        Some(_) if tag == "*" => Cause::LiteralWildcard { repository },
        Some(listing) => Cause::TagNotFound {
            tag,
            repository,
            tags: listing.tags(),
        },
    }
}
