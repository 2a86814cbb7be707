//! The rules by which a tag gets its verdict.
use super::missing::judge_missing;
use super::{Cause, Judgement, PatchState};
use crate::hash::{HashMap, HashSet};
use crate::inventory::{Inventory, InventoryTag, Listing};
use crate::policy::{Policy, PolicyRepository, TagConvention};
use crate::selection::{Collision, Selected, Selection, TagPattern};
use crate::tag::{self, MAX_PATCH_NUMBER, TagKind};

/// Judges every tag of the registry, repositories in their order and tags in theirs, then what
/// the policy names in vain. `selection` must be made of the same policy and inventory.
pub fn judge<'a>(
    policy: &'a Policy,
    inventory: &'a Inventory,
    selection: &'a Selection,
) -> Vec<Judgement<'a>> {
    let mut rows: HashMap<&str, Vec<&PolicyRepository>> = HashMap::default();
    for row in &policy.repositories {
        rows.entry(&row.repository).or_default().push(row);
    }
    let mut selected: HashMap<&str, Vec<&Selected>> = HashMap::default();
    for row in &selection.selected {
        selected.entry(&row.repository).or_default().push(row);
    }
    let mut judgements = Vec::with_capacity(inventory.tag_count());
    for (repository, listing) in &inventory.repositories {
        let tags = listing.tags();
        let Some(rows) = rows.get(repository.as_str()) else {
            let cause = Cause::RepositoryNotNamed { repository };
            let judge = |tag: &'a InventoryTag| Judgement::new(repository, &tag.name, cause);
            judgements.extend(tags.iter().map(judge));
            continue;
        };
        let selected = selected
            .get(repository.as_str())
            .map_or(&[][..], Vec::as_slice);
        let named = NamedRepository::new(policy, repository, rows, tags, selection, selected);
        judgements.extend(tags.iter().map(|tag| named.judge(tag)));
        if let Listing::Interrupted { status, .. } = listing {
            judgements.push(unreadable(repository, *status));
        }
    }
    judge_missing(inventory, selection, &mut judgements);
    judgements
}

fn unreadable(repository: &str, status: u16) -> Judgement<'_> {
    let cause = Cause::Unreadable {
        repository,
        status,
        is_fatal: true,
    };
    Judgement::new(repository, "*", cause)
}

impl<'a> Judgement<'a> {
    pub(super) fn new(repository: &'a str, tag: &'a str, cause: Cause<'a>) -> Self {
        Self {
            repository,
            tag,
            cause,
            notes: Vec::new(),
            row: None,
        }
    }
}

/// A repository that the policy names, with what is asked about each of its tags.
struct NamedRepository<'a> {
    repository: &'a str,
    convention: TagConvention,
    /// Tags by name, with what stands in the way of patching them.
    tags: HashMap<&'a str, &'a InventoryTag>,
    is_wildcard: bool,
    /// Tags that rows in force name.
    named: HashSet<&'a str>,
    /// Those of them that can match what they do not spell.
    patterns: Vec<&'a str>,
    is_disabled_wildcard: bool,
    disabled: HashSet<&'a str>,
    /// Rows of the selection by their original; the last, where there are two.
    by_original: HashMap<&'a str, &'a Selected>,
    /// The row that stands at a tag; see [`Judgement::row`].
    carried: HashMap<&'a str, &'a Selected>,
    collisions: HashMap<&'a str, &'a Collision>,
    /// Set where the run fails because of it.
    matches_over_limit: Option<usize>,
    failure: Option<(&'a str, u16)>,
}

impl<'a> NamedRepository<'a> {
    fn new(
        policy: &'a Policy,
        repository: &'a str,
        rows: &[&'a PolicyRepository],
        tags: &'a [InventoryTag],
        selection: &'a Selection,
        selected: &[&'a Selected],
    ) -> Self {
        let (on, off): (Vec<&PolicyRepository>, Vec<&PolicyRepository>) =
            rows.iter().copied().partition(|row| row.enabled);
        let tags: HashMap<&str, &InventoryTag> =
            tags.iter().map(|tag| (tag.name.as_str(), tag)).collect();
        let convention = policy.convention.unwrap_or_default();
        let named = names(&on);
        let is_loose = |name: &&&str| convention == TagConvention::Floating || name.contains('.');
        let patterns = named
            .iter()
            .filter(is_loose)
            .filter(|name| tags.contains_key(**name))
            .copied()
            .collect();
        let here = selection
            .collisions
            .iter()
            .filter(|lost| lost.repository == repository);
        Self {
            repository,
            convention,
            is_wildcard: on.iter().any(|row| row.is_wildcard()),
            patterns,
            named,
            is_disabled_wildcard: off.iter().any(|row| row.is_wildcard()),
            disabled: names(&off),
            by_original: selected
                .iter()
                .map(|row| (row.original.as_str(), *row))
                .collect(),
            carried: carry(&tags, selected),
            collisions: here
                .map(|lost| (collision_carrier(lost, &tags), lost))
                .collect(),
            matches_over_limit: selection.is_over_limit().then(|| selection.matches()),
            failure: selection
                .failure
                .as_ref()
                .map(|failure| (failure.repository.as_str(), failure.status)),
            tags,
        }
    }

    fn judge(&self, tag: &'a InventoryTag) -> Judgement<'a> {
        let name = tag.name.as_str();
        if let Some((repository, status)) = self.failure {
            let cause = Cause::Unreadable {
                repository,
                status,
                is_fatal: true,
            };
            return Judgement::new(self.repository, name, cause);
        }
        if let Some(row) = self.carried.get(name) {
            return self.judge_selected(name, row);
        }
        let cause = match self.collisions.get(name) {
            Some(collision) => Cause::KeyCollision { collision },
            None => match tag::kind(name) {
                TagKind::Incremental { base, .. } => {
                    self.judge_patch(name, base, TagConvention::Incremental)
                }
                TagKind::Floating { base } => self.judge_patch(name, base, TagConvention::Floating),
                TagKind::Original if tag::has_reserved_suffix(name) => Cause::Reserved {
                    tag: name,
                    base: None,
                },
                TagKind::Original => self.judge_unselected(name),
            },
        };
        Judgement::new(self.repository, name, cause)
    }

    fn judge_selected(&self, name: &'a str, row: &'a Selected) -> Judgement<'a> {
        let mut causes: Vec<Cause<'a>> = [
            self.matches_over_limit
                .map(|matches| Cause::OverLimit { matches }),
            self.obstacle(name, row),
            self.phantom_base(name, row),
            self.series_full(row),
            self.leak(row),
        ]
        .into_iter()
        .flatten()
        .collect();
        if causes.is_empty() {
            causes.push(Cause::WillScan { row });
        }
        // `1.0-1` beside `1.0` and `1.0-1-2`: a patch, and an original of its own.
        if name == row.original
            && let Some(base) = tag::kind(name).base()
        {
            causes.push(self.judge_patch(name, base, self.convention));
        }
        let cause = causes.remove(0);
        Judgement {
            repository: self.repository,
            tag: name,
            cause,
            notes: causes,
            row: Some(row),
        }
    }

    fn obstacle(&self, name: &str, row: &'a Selected) -> Option<Cause<'a>> {
        let patched = self.tags.get(row.original.as_str());
        let obstacle = patched.or_else(|| self.tags.get(name))?.obstacle?;
        Some(Cause::Obstacle { row, obstacle })
    }

    fn phantom_base(&self, name: &'a str, row: &'a Selected) -> Option<Cause<'a>> {
        let exists = self.tags.contains_key(row.original.as_str());
        (!exists).then_some(Cause::PhantomBase {
            tag: name,
            base: &row.original,
            row: Some(row),
        })
    }

    fn series_full(&self, row: &'a Selected) -> Option<Cause<'a>> {
        match tag::kind(row.latest.as_deref()?) {
            TagKind::Incremental {
                number: MAX_PATCH_NUMBER,
                ..
            } => Some(Cause::SeriesFull { row }),
            _ => None,
        }
    }

    /// The row is there because of the dots of a tag that the policy names, and of nothing else.
    fn leak(&self, row: &'a Selected) -> Option<Cause<'a>> {
        if self.is_wildcard || self.named.contains(row.original.as_str()) {
            return None;
        }
        let is_it = |wanted: &&&str| TagPattern::new(wanted, self.convention).matches(&row.scan);
        let wanted = self.patterns.iter().find(is_it)?;
        Some(Cause::RegexLeak { row, wanted })
    }

    fn judge_patch(&self, name: &'a str, base: &'a str, convention: TagConvention) -> Cause<'a> {
        let base_exists = self.tags.contains_key(base);
        let is_covered = self.is_wildcard || self.named.contains(base);
        if convention != self.convention && is_covered && (base_exists || self.is_wildcard) {
            return Cause::OtherConvention { tag: name, base };
        }
        match (self.by_original.get(base), base_exists) {
            (Some(row), true) if convention == self.convention => Cause::PatchTag {
                tag: name,
                base,
                state: match row.scan == name {
                    true => PatchState::Scanned { next: &row.next },
                    false => PatchState::Superseded { by: &row.scan },
                },
            },
            (Some(_), false) if convention == self.convention => Cause::PhantomBase {
                tag: name,
                base,
                row: None,
            },
            (_, true) => Cause::PatchTag {
                tag: name,
                base,
                state: PatchState::Idle,
            },
            (_, false) => Cause::Reserved {
                tag: name,
                base: Some(base),
            },
        }
    }

    fn judge_unselected(&self, name: &'a str) -> Cause<'a> {
        if self.is_disabled_wildcard || self.disabled.contains(name) {
            Cause::Disabled {
                repository: self.repository,
            }
        } else {
            Cause::TagNotNamed {
                tag: name,
                repository: self.repository,
            }
        }
    }
}

fn names<'a>(rows: &[&'a PolicyRepository]) -> HashSet<&'a str> {
    rows.iter()
        .filter(|row| !row.is_wildcard())
        .flat_map(|row| row.tags.iter().map(String::as_str))
        .collect()
}

/// Puts each row of the selection at one tag that exists: rows of phantom bases first, for they
/// have only their latest tag to stand at.
fn carry<'a>(
    tags: &HashMap<&'a str, &'a InventoryTag>,
    selected: &[&'a Selected],
) -> HashMap<&'a str, &'a Selected> {
    let mut carried = HashMap::with_capacity_and_hasher(selected.len(), Default::default());
    let (real, phantom): (Vec<&Selected>, Vec<&Selected>) = selected
        .iter()
        .partition(|row| tags.contains_key(row.original.as_str()));
    for row in phantom {
        carried.entry(row.scan.as_str()).or_insert(row);
    }
    for row in real {
        let original = row.original.as_str();
        let place = match carried.contains_key(original) {
            true => row.scan.as_str(),
            false => original,
        };
        carried.entry(place).or_insert(row);
    }
    carried
}

fn collision_carrier<'a>(
    lost: &'a Collision,
    tags: &HashMap<&'a str, &'a InventoryTag>,
) -> &'a str {
    match &lost.latest {
        Some(latest) if !tags.contains_key(lost.original.as_str()) => latest,
        _ => &lost.original,
    }
}
