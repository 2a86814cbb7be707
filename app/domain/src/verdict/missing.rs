//! What the policy names and Azure does not find.
use super::{Cause, Judgement};
use crate::inventory::{Inventory, Listing};
use crate::nearest::nearest;
use crate::policy::Policy;
use crate::selection::{NotFound, Selection};
use crate::tag;
use std::collections::HashSet;

/// Adds a judgement for each different not-found row, in their order.
pub(super) fn judge_missing<'a>(
    policy: &Policy,
    inventory: &'a Inventory,
    selection: &'a Selection,
    judgements: &mut Vec<Judgement<'a>>,
) {
    let named: HashSet<&str> = policy
        .repositories
        .iter()
        .map(|row| row.repository.as_str())
        .collect();
    let mut seen = HashSet::new();
    for missing in &selection.not_found {
        if seen.insert((&missing.repository, &missing.tag)) {
            let cause = explain(missing, inventory, &named);
            judgements.push(Judgement::new(&missing.repository, &missing.tag, cause));
        }
    }
}

fn explain<'a>(
    missing: &'a NotFound,
    inventory: &'a Inventory,
    named: &HashSet<&str>,
) -> Cause<'a> {
    let NotFound { repository, tag } = missing;
    match inventory.listing(repository) {
        None => {
            // A repository that has a row of its own is not what another row means.
            let others = inventory.0.keys().map(String::as_str);
            let near = nearest(repository, others.filter(|name| !named.contains(name)));
            Cause::RepositoryNotFound { repository, near }
        }
        Some(Listing::Refused { status }) => Cause::Unreadable {
            repository,
            status: *status,
            is_fatal: false,
        },
        Some(_) if tag == "*" => Cause::LiteralWildcard { repository },
        Some(listing) => {
            let names = || listing.tags().iter().map(|tag| tag.name.as_str());
            let patch = names().find(|name| tag::kind(name).base() == Some(tag.as_str()));
            let near = match patch {
                Some(_) => None,
                None => nearest(tag, names().filter(|name| tag::kind(name).base().is_none())),
            };
            Cause::TagNotFound {
                tag,
                repository,
                near,
                patch,
            }
        }
    }
}
