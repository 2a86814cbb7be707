//! What is worth knowing about a policy once the registry's tags are known, with a rewrite where
//! there is a safe one.
use super::document::{Edit, node_at};
use super::{Finding, FindingCode, Fix, Policy, Severity, TagConvention, check};
use crate::hash::{HashMap, HashSet};
use crate::inventory::Inventory;
use crate::json;
use crate::nearest::nearest;
use crate::selection::{Collision, IMAGE_LIMIT, Selection, select};
use crate::tag::{self, TagKind};
use crate::verdict::{Cause, Judgement, judge};
use serde::{Deserialize, Serialize};

#[cfg(test)]
mod tests;

/// Of one kind; the dry run has them all.
const LISTED: usize = 100;
/// Only the first findings carry fixes.
const FIXES_UP_TO: usize = 20;

/// A finding that no validator has, with what can be done about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advice {
    /// Always a warning: nobody refuses the policy because of it.
    pub finding: Finding,
    /// The best first. A rewrite that would make another finding is not offered.
    pub fixes: Vec<Fix>,
}

/// Looks at a policy together with the registry's tags, and with the policy that is deployed
/// where there is one. Nothing is said about a text that the service refuses, and at most a hundred
/// things of one kind.
pub fn advise(text: &str, inventory: &Inventory, deployed: Option<&Policy>) -> Vec<Advice> {
    let checked = check(text);
    let (Some(policy), Ok(root)) = (&checked.policy, json::read(text)) else {
        return Vec::new();
    };
    if super::parse(text).is_err() {
        return Vec::new();
    }
    let selection = select(policy, inventory);
    let judgements = judge(policy, inventory, &selection);
    let mut adviser = Adviser {
        text,
        root: &root,
        policy,
        inventory,
        n_findings: checked.findings.len(),
        advice: Vec::new(),
    };
    adviser.over_limit(&selection);
    if let Some(deployed) = deployed {
        adviser.convention(deployed, &judgements);
    }
    adviser.leaks(&judgements);
    adviser.phantoms(&judgements);
    for collision in selection.collisions.iter().take(LISTED) {
        adviser.collision(collision);
    }
    adviser.missing(&selection);
    adviser.advice
}

struct Adviser<'a> {
    text: &'a str,
    root: &'a json::Node,
    policy: &'a Policy,
    inventory: &'a Inventory,
    n_findings: usize,
    advice: Vec<Advice>,
}

impl Adviser<'_> {
    fn add(
        &mut self,
        code: FindingCode,
        pointer: String,
        message: String,
        remedy: &str,
        edits: Vec<(String, Edit)>,
    ) {
        let offset = node_at(self.root, &pointer).map_or(0, |node| node.offset);
        let (line, column) = json::position(self.text, offset);
        // Each fix reads the whole text; nobody works through more than these at once.
        let n_fixes = if self.advice.len() < FIXES_UP_TO {
            edits.len()
        } else {
            0
        };
        let fixes = edits.into_iter().take(n_fixes).filter_map(|(label, edit)| {
            let fix = Fix::of_edit(self.text, label, &edit)?;
            let fixed = check(&fix.splice.apply(self.text)?);
            (fixed.findings.len() <= self.n_findings).then_some(fix)
        });
        self.advice.push(Advice {
            fixes: fixes.collect(),
            finding: Finding {
                code,
                severity: Severity::Warning,
                refused_by: Vec::new(),
                pointer,
                line,
                column,
                message,
                remedy: remedy.to_owned(),
            },
        });
    }

    fn over_limit(&mut self, selection: &Selection) {
        if !selection.is_over_limit() {
            return;
        }
        let largest = selection.by_repository();
        let names = largest
            .iter()
            .take(3)
            .map(|(repository, count)| format!("`{repository}` ({count})"));
        let names: Vec<String> = names.collect();
        let message = format!(
            "{} images match, the limit is {IMAGE_LIMIT}. The whole run would fail, and nothing \
             would be patched. Largest: {}.",
            selection.matches(),
            names.join(", "),
        );
        let remedy = "Name tags instead of `*` where there are most, or switch a row off.";
        let pointer = "/repositories".to_owned();
        self.add(FindingCode::OverLimit, pointer, message, remedy, Vec::new());
    }

    fn convention(&mut self, deployed: &Policy, judgements: &[Judgement<'_>]) {
        let before = deployed.convention.unwrap_or_default();
        let after = self.policy.convention.unwrap_or_default();
        let is_hidden = |judgement: &&Judgement<'_>| match judgement.cause {
            Cause::OtherConvention { tag, .. } => match tag::kind(tag) {
                TagKind::Incremental { .. } => before == TagConvention::Incremental,
                TagKind::Floating { .. } => before == TagConvention::Floating,
                TagKind::Original => false,
            },
            _ => false,
        };
        let n_hidden = judgements.iter().filter(is_hidden).count();
        if before == after || n_hidden == 0 {
            return;
        }
        let ending = match before {
            TagConvention::Incremental => "-N",
            TagConvention::Floating => "-patched",
        };
        let tags = if n_hidden == 1 { "tag" } else { "tags" };
        let message = format!(
            "Switching from {} to {} hides {n_hidden} existing `{ending}` {tags}: Azure passes \
             over them, and scans each original again.",
            before.as_str(),
            after.as_str(),
        );
        let edit = Edit::Convention(deployed.convention);
        self.add(
            FindingCode::ConventionSwitch,
            "/tag-convention".to_owned(),
            message,
            "Keep the convention, or tell whoever pulls those tags that they get no more patches.",
            vec![(format!("Keep {}", before.as_str()), edit)],
        );
    }

    fn leaks(&mut self, judgements: &[Judgement<'_>]) {
        let mut leaks: Vec<((&str, &str), Vec<&str>)> = Vec::new();
        for judgement in judgements {
            for cause in std::iter::once(&judgement.cause).chain(&judgement.notes) {
                if let Cause::RegexLeak { row, wanted } = cause {
                    let key = (judgement.repository, *wanted);
                    match leaks.iter_mut().find(|(place, _)| *place == key) {
                        Some((_, picked)) => picked.push(&row.original),
                        None => leaks.push((key, vec![&row.original])),
                    }
                }
            }
        }
        for ((repository, wanted), picked) in leaks.into_iter().take(LISTED) {
            self.leak(repository, wanted, &picked);
        }
    }

    fn leak(&mut self, repository: &str, wanted: &str, picked: &[&str]) {
        let names = |row: &super::PolicyRepository| {
            row.enabled && row.repository == repository && row.tags.iter().any(|tag| tag == wanted)
        };
        let rows = &self.policy.repositories;
        let Some(row) = rows.iter().position(names) else {
            return;
        };
        let index = rows[row].tags.iter().position(|tag| tag == wanted);
        let tags = self.inventory.tags(repository);
        let can_be_named = |tag: &&str| {
            tags.iter().any(|there| there.name == **tag) && !tag::has_reserved_suffix(tag)
        };
        let mut edits = Vec::new();
        if picked.iter().all(can_be_named) {
            let mut tags = rows[row].tags.clone();
            tags.extend(picked.iter().map(|tag| (*tag).to_owned()));
            let label = "Name what it picks too, so that the policy says what Azure does";
            edits.push((label.to_owned(), Edit::Tags { row, tags }));
        }
        let message = format!(
            "`{wanted}` also picks {}: Azure reads a dot as any one character.",
            list(picked)
        );
        self.add(
            FindingCode::RegexLeak,
            format!("/repositories/{row}/tags/{}", index.unwrap_or_default()),
            message,
            "No policy can name the one without the other while both are there. Name both, or \
             push the image under a tag without dots and name that.",
            edits,
        );
    }

    fn phantoms(&mut self, judgements: &[Judgement<'_>]) {
        let mut phantoms: HashMap<&str, Vec<&str>> = HashMap::default();
        for judgement in judgements {
            if let Cause::PhantomBase {
                tag, row: Some(_), ..
            } = judgement.cause
            {
                phantoms.entry(judgement.repository).or_default().push(tag);
            }
        }
        for (row, named) in self.policy.repositories.iter().enumerate() {
            // The first row of the repository says it for all of them.
            if let (true, Some(tags)) = (named.enabled, phantoms.remove(named.repository.as_str()))
            {
                self.phantom(row, &tags);
            }
        }
    }

    fn phantom(&mut self, row: usize, phantoms: &[&str]) {
        let named = &self.policy.repositories[row];
        let edits = match named.is_wildcard() {
            true => Vec::from_iter(self.name_originals(row)),
            false => Vec::new(),
        };
        let message = format!(
            "Azure takes {} of `{}` for patches of tags that do not exist. Each is scanned in \
             vain: a patch of it fails.",
            list(phantoms),
            named.repository,
        );
        self.add(
            FindingCode::PhantomBase,
            format!("/repositories/{row}"),
            message,
            "Name the tags that are to be patched instead of `*`, or push those images under \
             tags with another ending.",
            edits,
        );
    }

    /// The tags that `*` picks and that exist, where naming them picks exactly them.
    fn name_originals(&self, row: usize) -> Option<(String, Edit)> {
        let repository = &self.policy.repositories[row].repository;
        let there = self.inventory.tags(repository);
        let originals = |policy: &Policy| -> Vec<String> {
            let mut alone = policy.clone();
            alone.repositories = vec![policy.repositories[row].clone()];
            let selection = select(&alone, self.inventory);
            let originals = selection.selected.into_iter().map(|row| row.original);
            originals.collect()
        };
        let there: HashSet<&str> = there.iter().map(|tag| tag.name.as_str()).collect();
        let mut tags = originals(self.policy);
        tags.retain(|original| there.contains(original.as_str()));
        if tags.is_empty() {
            return None;
        }
        let mut rewritten = self.policy.clone();
        rewritten.repositories[row].tags.clone_from(&tags);
        if originals(&rewritten) != tags {
            return None;
        }
        let label = match tags.len() {
            1 => "Name the one tag that can be patched instead of `*`".to_owned(),
            n => format!("Name the {n} tags that can be patched instead of `*`"),
        };
        Some((label, Edit::Tags { row, tags }))
    }

    fn collision(&mut self, collision: &Collision) {
        let Collision {
            repository,
            original,
            kept_repository,
            kept_original,
            ..
        } = collision;
        let row_of = |name: &str| {
            let is_it = |row: &super::PolicyRepository| row.enabled && row.repository == name;
            self.policy.repositories.iter().position(is_it)
        };
        let (Some(lost), Some(kept)) = (row_of(repository), row_of(kept_repository)) else {
            return;
        };
        let label = format!("Put the row of `{repository}` first, and lose the other instead");
        let message = format!(
            "`{repository}:{original}` is lost: Azure joins repository and tag with a hyphen, and \
             takes it for `{kept_repository}:{kept_original}`, which comes first."
        );
        let edits = match lost > kept {
            true => vec![(
                label,
                Edit::Move {
                    row: lost,
                    to: kept,
                },
            )],
            false => Vec::new(),
        };
        self.add(
            FindingCode::KeyCollision,
            format!("/repositories/{lost}"),
            message,
            "Put the more urgent row first: once that image has a patch, the other one is seen.",
            edits,
        );
    }

    fn missing(&mut self, selection: &Selection) {
        for missing in selection.not_found.iter().take(LISTED) {
            let is_it = |row: &super::PolicyRepository| {
                row.enabled
                    && row.repository == missing.repository
                    && row.tags.contains(&missing.tag)
            };
            let rows = &self.policy.repositories;
            let Some(row) = rows.iter().position(is_it) else {
                continue;
            };
            match self.inventory.listing(&missing.repository) {
                // Said once for a repository, at its first tag.
                None if rows[row].tags.first() == Some(&missing.tag) => self.no_repository(row),
                Some(listing) if missing.tag != "*" && !listing.tags().is_empty() => {
                    self.no_tag(row, &missing.tag);
                }
                _ => {}
            }
        }
    }

    fn no_repository(&mut self, row: usize) {
        let name = &self.policy.repositories[row].repository;
        let near = nearest(name, self.inventory.repositories.keys().map(String::as_str));
        let edits = near.map(|near| {
            let name = near.to_owned();
            (format!("Write `{near}`"), Edit::Repository { row, name })
        });
        let message = format!("There is no repository `{name}` in this registry.");
        let pointer = format!("/repositories/{row}/repository");
        let remedy =
            "Write the name as the registry lists it; nothing is scanned until it is there.";
        let edits = Vec::from_iter(edits);
        self.add(
            FindingCode::RepositoryNotFound,
            pointer,
            message,
            remedy,
            edits,
        );
    }

    fn no_tag(&mut self, row: usize, missing: &str) {
        let named = &self.policy.repositories[row];
        let Some(index) = named.tags.iter().position(|tag| tag == missing) else {
            return;
        };
        let there = self.inventory.tags(&named.repository).iter();
        let can_be_named = |name: &&str| {
            !tag::has_reserved_suffix(name) && !named.tags.iter().any(|tag| tag == name)
        };
        let names = there.map(|tag| tag.name.as_str()).filter(can_be_named);
        let mut edits = Vec::new();
        // Every tag of the repository is compared, at each keystroke.
        let is_asked = self.advice.len() < FIXES_UP_TO;
        if let Some(near) = is_asked.then(|| nearest(missing, names)).flatten() {
            let mut tags = named.tags.clone();
            near.clone_into(&mut tags[index]);
            edits.push((format!("Write `{near}`"), Edit::Tags { row, tags }));
        }
        if named.tags.len() > 1 {
            let edit = Edit::RemoveTag { row, index };
            edits.push((format!("Leave `{missing}` out"), edit));
        }
        let message = format!("There is no tag `{missing}` in `{}`.", named.repository);
        let pointer = format!("/repositories/{row}/tags/{index}");
        let remedy = "Write the tag as the registry lists it; it is passed over until it is there.";
        self.add(FindingCode::TagNotFound, pointer, message, remedy, edits);
    }
}

/// `` `a`, `b` and 3 others ``.
fn list(names: &[&str]) -> String {
    let shown: Vec<String> = names
        .iter()
        .take(3)
        .map(|name| format!("`{name}`"))
        .collect();
    let rest = names.len() - shown.len();
    match (shown.as_slice(), rest) {
        ([only], 0) => only.clone(),
        ([head @ .., last], 0) => format!("{} and {last}", head.join(", ")),
        (shown, 1) => format!("{} and 1 other", shown.join(", ")),
        (shown, rest) => format!("{} and {rest} others", shown.join(", ")),
    }
}
