//! The rules themselves, asked one after the other.
use super::{Rule, StepOutcome, TraceStep};
use crate::inventory::{Inventory, Listing, Obstacle};
use crate::nearest::nearest;
use crate::policy::{Policy, PolicyRepository, TagConvention, service_refusal};
use crate::selection::{Collision, IMAGE_LIMIT, Selected, Selection, TagPattern};
use crate::tag::{self, MAX_PATCH_NUMBER, TagKind};
use crate::verdict::{Cause, Judgement, PatchState};

/// One reference on its way through the rules.
pub(super) struct Tracer<'a> {
    pub policy: &'a Policy,
    pub inventory: &'a Inventory,
    pub selection: &'a Selection,
    pub repository: &'a str,
    pub tag: &'a str,
    pub judgement: Option<&'a Judgement<'a>>,
    pub steps: Vec<TraceStep>,
}

impl<'a> Tracer<'a> {
    /// `None` at the step that stops.
    pub fn follow(&mut self) -> Option<()> {
        self.policy()?;
        self.row()?;
        self.listing()?;
        self.exists()?;
        self.ending()?;
        self.pick()?;
        self.key()?;
        let row = self.latest()?;
        self.limit();
        self.base(row);
        self.platform(row);
        self.number(row);
        Some(())
    }

    fn step(&mut self, rule: Rule, outcome: StepOutcome, saw: String) -> Option<()> {
        self.steps.push(TraceStep { rule, outcome, saw });
        (outcome != StepOutcome::Stops).then_some(())
    }

    fn pass(&mut self, rule: Rule, saw: String) -> Option<()> {
        self.step(rule, StepOutcome::Passes, saw)
    }

    fn stop(&mut self, rule: Rule, saw: String) -> Option<()> {
        self.step(rule, StepOutcome::Stops, saw)
    }

    fn policy(&mut self) -> Option<()> {
        match service_refusal(self.policy) {
            Some(refusal) => self.stop(Rule::Policy, format!("No: {refusal}.")),
            None => {
                let convention = self.policy.convention.unwrap_or_default().as_str();
                self.pass(
                    Rule::Policy,
                    format!("Yes; its convention is {convention}."),
                )
            }
        }
    }

    /// Rows for the repository, with their numbers from 1.
    fn rows(&self) -> impl Iterator<Item = (usize, &'a PolicyRepository)> + use<'a> {
        let repository = self.repository;
        let rows = self.policy.repositories.iter().enumerate();
        rows.filter(move |(_, row)| row.repository == repository)
            .map(|(index, row)| (index + 1, row))
    }

    fn row(&mut self) -> Option<()> {
        let list = |rows: &mut dyn Iterator<Item = usize>| {
            let numbers: Vec<String> = rows.map(|number| number.to_string()).collect();
            numbers.join(", ")
        };
        let on = list(
            &mut self
                .rows()
                .filter(|(_, row)| row.enabled)
                .map(|(number, _)| number),
        );
        if !on.is_empty() {
            return self.pass(Rule::Row, format!("Row {on} of the policy."));
        }
        let off = list(&mut self.rows().map(|(number, _)| number));
        let repository = self.repository;
        let saw = match off.is_empty() {
            false => format!("Row {off} of the policy, which is switched off."),
            true => {
                let rows = self.policy.repositories.iter();
                match nearest(repository, rows.map(|row| row.repository.as_str())) {
                    Some(near) => format!("None names `{repository}`; one names `{near}`."),
                    None => format!("None names `{repository}`."),
                }
            }
        };
        self.stop(Rule::Row, saw)
    }

    fn listing(&mut self) -> Option<()> {
        if let Some(failure) = &self.selection.failure {
            let saw = format!(
                "The registry stopped with status {} while listing `{}`; the whole run ends there.",
                failure.status, failure.repository
            );
            return self.stop(Rule::Listing, saw);
        }
        if self.inventory.is_outside(self.repository) {
            let saw = format!("`{}` is outside your access.", self.repository);
            return self.stop(Rule::Listing, saw);
        }
        match self.inventory.listing(self.repository) {
            Some(Listing::Listed(tags)) => {
                self.pass(Rule::Listing, format!("It has {} tags.", tags.len()))
            }
            Some(Listing::Refused { status } | Listing::Interrupted { status, .. }) => self.stop(
                Rule::Listing,
                format!("The registry answered {status}; Azure takes every tag for missing."),
            ),
            None => self.stop(
                Rule::Listing,
                format!("There is no repository `{}`.", self.repository),
            ),
        }
    }

    fn has_tag(&self, name: &str) -> bool {
        let tags = self.inventory.tags(self.repository);
        tags.iter().any(|tag| tag.name == name)
    }

    fn exists(&mut self) -> Option<()> {
        match self.has_tag(self.tag) {
            true => self.pass(Rule::Exists, format!("`{}` is there.", self.tag)),
            false => self.stop(Rule::Exists, format!("There is no tag `{}`.", self.tag)),
        }
    }

    fn ending(&mut self) -> Option<()> {
        let convention = self.policy.convention.unwrap_or_default();
        let (base, own, what) = match tag::kind(self.tag) {
            TagKind::Original if tag::has_reserved_suffix(self.tag) => {
                let saw = "It is nothing but an ending that Azure writes itself.";
                return self.stop(Rule::Ending, saw.to_owned());
            }
            TagKind::Original => {
                let saw = "Nothing: it is an original.".to_owned();
                return self.pass(Rule::Ending, saw);
            }
            TagKind::Incremental { base, number } => {
                let what = format!("patch {number} of `{base}`");
                (base, TagConvention::Incremental, what)
            }
            TagKind::Floating { base } => {
                let what = format!("the floating patch of `{base}`");
                (base, TagConvention::Floating, what)
            }
        };
        if own != convention {
            let saw = format!(
                "Azure takes it for {what}, and the policy is {}: tags with that ending are \
                 passed over.",
                convention.as_str()
            );
            return self.stop(Rule::Ending, saw);
        }
        let there = if self.has_tag(base) {
            "is there"
        } else {
            "does not exist"
        };
        self.pass(
            Rule::Ending,
            format!("Azure takes it for {what}; `{base}` {there}."),
        )
    }

    fn pick(&mut self) -> Option<()> {
        let convention = self.policy.convention.unwrap_or_default();
        let mut disabled = None;
        for (number, row) in self.rows() {
            let Some(how) = self.how(row, convention) else {
                continue;
            };
            if row.enabled {
                return self.pass(Rule::Pick, format!("Row {number}: {how}."));
            }
            disabled = Some(number);
        }
        let saw = match disabled {
            Some(number) => format!("Only row {number}, which is switched off."),
            None => "None: the rows name other tags of the repository.".to_owned(),
        };
        self.stop(Rule::Pick, saw)
    }

    /// How a row picks the tag, where it does.
    fn how(&self, row: &PolicyRepository, convention: TagConvention) -> Option<String> {
        if row.is_wildcard() {
            return Some("`*` picks every tag".to_owned());
        }
        let matches = |wanted: &&String| {
            self.has_tag(wanted) && TagPattern::new(wanted, convention).matches(self.tag)
        };
        let picked: Vec<&String> = row.tags.iter().filter(matches).collect();
        let base = tag::kind(self.tag).base();
        let spelled = |wanted: &&&String| **wanted == self.tag || Some(wanted.as_str()) == base;
        match (picked.iter().find(spelled), picked.first()) {
            (Some(wanted), _) => Some(format!("it names `{wanted}`")),
            (None, Some(wanted)) => Some(format!(
                "it names `{wanted}`, which Azure reads as a pattern that fits"
            )),
            (None, None) => None,
        }
    }

    /// The image that the tag stands for.
    fn original(&self) -> &'a str {
        match self.judgement.and_then(|judgement| judgement.row) {
            Some(row) => &row.original,
            None => tag::kind(self.tag).base().unwrap_or(self.tag),
        }
    }

    fn key(&mut self) -> Option<()> {
        let original = self.original();
        let is_lost =
            |lost: &&Collision| lost.repository == self.repository && lost.original == original;
        match self.selection.collisions.iter().find(is_lost) {
            Some(lost) if self.selected().is_none() => {
                let saw = format!(
                    "No: joined with a hyphen it looks like `{}:{}`, which comes first.",
                    lost.kept_repository, lost.kept_original
                );
                self.stop(Rule::Key, saw)
            }
            _ => self.pass(Rule::Key, "Yes.".to_owned()),
        }
    }

    fn selected(&self) -> Option<&'a Selected> {
        if let Some(row) = self.judgement.and_then(|judgement| judgement.row) {
            return Some(row);
        }
        let original = self.original();
        let is_it = |row: &&Selected| row.repository == self.repository && row.original == original;
        self.selection.selected.iter().rfind(is_it)
    }

    fn latest(&mut self) -> Option<&'a Selected> {
        let Some(row) = self.selected() else {
            self.stop(Rule::Latest, "None of them.".to_owned());
            return None;
        };
        let has_row = self
            .judgement
            .is_some_and(|judgement| judgement.row.is_some());
        let is_superseded = matches!(
            self.judgement.map(|judgement| judgement.cause),
            Some(Cause::PatchTag {
                state: PatchState::Superseded { .. },
                ..
            })
        );
        let scan = &row.scan;
        if scan != self.tag && (is_superseded || !has_row) {
            self.stop(
                Rule::Latest,
                format!("`{scan}`, the latest patch, instead of it."),
            );
            return None;
        }
        let saw = match (scan == self.tag, scan == &row.original) {
            (true, true) => format!("`{scan}`: it has no patch yet."),
            (true, false) => format!("`{scan}`, in place of `{}`.", row.original),
            (false, _) => format!("`{scan}`, its latest patch; `{}` is patched.", row.original),
        };
        self.pass(Rule::Latest, saw)?;
        Some(row)
    }

    fn limit(&mut self) {
        let matches = self.selection.matches();
        let (outcome, saw) = match self.selection.is_over_limit() {
            false => (
                StepOutcome::Passes,
                format!("{matches} of {IMAGE_LIMIT} images."),
            ),
            true => (
                StepOutcome::Fails,
                format!("{matches} images, and {IMAGE_LIMIT} are allowed: the whole run fails."),
            ),
        };
        self.step(Rule::Limit, outcome, saw);
    }

    fn base(&mut self, row: &Selected) {
        let original = &row.original;
        match self.has_tag(original) {
            true => self.pass(Rule::Base, format!("`{original}` is there.")),
            false => {
                let saw = format!("`{original}` does not exist: a patch of it fails.");
                self.step(Rule::Base, StepOutcome::Fails, saw)
            }
        };
    }

    fn platform(&mut self, row: &Selected) {
        let tags = self.inventory.tags(self.repository);
        let find = |name: &str| tags.iter().find(|tag| tag.name == name);
        let obstacle = find(&row.original)
            .or_else(|| find(&row.scan))
            .and_then(|tag| tag.obstacle);
        let saw = match obstacle {
            None => {
                let saw = "Nothing that is known of it speaks against it.".to_owned();
                self.pass(Rule::Platform, saw);
                return;
            }
            Some(Obstacle::Windows) => "It is a Windows image: its patch fails.",
            Some(Obstacle::MultiArch) => "It is an index of several platforms: its patch fails.",
            Some(Obstacle::NotAnImage) => "It is not an image: its scan fails.",
        };
        self.step(Rule::Platform, StepOutcome::Fails, saw.to_owned());
    }

    fn number(&mut self, row: &Selected) {
        let is_full = matches!(
            row.latest.as_deref().map(tag::kind),
            Some(TagKind::Incremental {
                number: MAX_PATCH_NUMBER,
                ..
            })
        );
        let next = &row.next;
        match is_full {
            false => self.pass(Rule::Number, format!("`{next}`.")),
            true => {
                let saw = format!("`{next}`, and {MAX_PATCH_NUMBER} is the last: it fails.");
                self.step(Rule::Number, StepOutcome::Fails, saw)
            }
        };
    }
}
