use drydock_domain::inventory::{Inventory, InventoryTag};
use drydock_domain::policy::{Policy, PolicyRepository, TagConvention};
use drydock_domain::selection::{IMAGE_LIMIT, select};
use drydock_domain::tag::{TagKind, kind};

/// A policy to begin with, made of what is in the registry: every repository that holds images
/// which can be patched, as long as they are not more than a run may have. A repository in which
/// `*` would pick something else, as a tag that only looks like a patch, has its tags named.
pub fn sample(inventory: &Inventory) -> Option<Policy> {
    let mut policy = Policy {
        convention: Some(TagConvention::Incremental),
        repositories: Vec::new(),
    };
    for repository in inventory.repositories.keys() {
        let Some(row) = row(repository, inventory) else {
            continue;
        };
        policy.repositories.push(row);
        if select(&policy, inventory).matches() > IMAGE_LIMIT {
            policy.repositories.pop();
        }
    }
    (!policy.repositories.is_empty()).then_some(policy)
}

fn row(repository: &str, inventory: &Inventory) -> Option<PolicyRepository> {
    let is_original =
        |tag: &&InventoryTag| tag.obstacle.is_none() && kind(&tag.name) == TagKind::Original;
    let tags = inventory.tags(repository).iter().filter(is_original);
    let originals: Vec<String> = tags.map(|tag| tag.name.clone()).collect();
    if originals.is_empty() {
        return None;
    }
    let named = |tags: Vec<String>| PolicyRepository {
        repository: repository.to_owned(),
        tags,
        enabled: true,
    };
    let all = named(vec!["*".to_owned()]);
    let alone = Policy {
        convention: None,
        repositories: vec![all.clone()],
    };
    let selected = select(&alone, inventory).selected;
    let is_harmless = selected.iter().all(|row| originals.contains(&row.original));
    Some(if is_harmless { all } else { named(originals) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use drydock_domain::policy::check;

    fn inventory(repositories: &[(&str, &[&str])]) -> Inventory {
        let listed = repositories
            .iter()
            .map(|(name, tags)| (*name, tags.to_vec()));
        listed.collect()
    }

    #[test]
    fn a_repository_is_taken_whole_where_that_picks_nothing_else() {
        let policy = sample(&inventory(&[
            ("debian", &["12", "12-1"]),
            ("postgres", &["16", "16.1-debian-12"]),
            ("signed", &[]),
        ]))
        .expect("there are images");
        let rows: Vec<_> = policy
            .repositories
            .iter()
            .map(|row| (row.repository.as_str(), row.tags.join(" ")))
            .collect();
        assert_eq!(
            rows,
            [("debian", "*".to_owned()), ("postgres", "16".to_owned())]
        );
        assert!(check(&policy.to_json()).is_accepted());
    }

    #[test]
    fn a_repository_that_would_break_the_limit_is_left_out() {
        let many: Vec<String> = (0..=IMAGE_LIMIT).map(|n| format!("v{n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let policy = sample(&inventory(&[("big", &many), ("small", &["1"])])).expect("one fits");
        let names: Vec<_> = policy
            .repositories
            .iter()
            .map(|row| &row.repository)
            .collect();
        assert_eq!(names, ["small"]);
    }

    #[test]
    fn an_empty_registry_has_no_sample() {
        assert_eq!(sample(&Inventory::default()), None);
    }
}
