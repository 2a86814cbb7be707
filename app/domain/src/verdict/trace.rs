//! "Why not?": the rules that Azure applies to one reference, in their order, with what each of
//! them saw and decided.
use super::{Cause, Judgement, PatchState, Verdict, judge};
use crate::inventory::{Inventory, Listing, Obstacle};
use crate::nearest::nearest;
use crate::policy::{Policy, PolicyRepository, TagConvention, service_refusal};
use crate::selection::{IMAGE_LIMIT, Selected, Selection, TagPattern};
use crate::tag::{self, MAX_PATCH_NUMBER, TagKind};
use serde::{Deserialize, Serialize};

/// The rules, in Azure's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Rule {
    /// The policy passes the service's own check.
    Policy,
    /// A row that is switched on names the repository.
    Row,
    /// The registry lists the repository's tags.
    Listing,
    /// The tag is among them.
    Exists,
    /// What the tag's ending means.
    Ending,
    /// A row picks it.
    Pick,
    /// No other image looks the same.
    Key,
    /// It stands for its image: the latest patch, or the original without one.
    Latest,
    /// At most 100 images.
    Limit,
    /// The original that would be patched exists.
    Base,
    /// The image is one that can be patched.
    Platform,
    /// The next patch's number.
    Number,
}

impl Rule {
    /// The rule as a question.
    pub fn question(self) -> &'static str {
        match self {
            Self::Policy => "Does ACR accept the policy?",
            Self::Row => "Does a row name the repository?",
            Self::Listing => "Can the repository be listed?",
            Self::Exists => "Is the tag there?",
            Self::Ending => "What does its ending mean?",
            Self::Pick => "Does a row pick it?",
            Self::Key => "Can it be told from other images?",
            Self::Latest => "Which tag of the image is scanned?",
            Self::Limit => "Is the run within the limit?",
            Self::Base => "Does the original exist?",
            Self::Platform => "Can the image be patched?",
            Self::Number => "Which tag would the patch get?",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum StepOutcome {
    Passes,
    /// It is passed over here; no later rule is asked.
    Stops,
    /// It is picked all the same, and its run or its patch fails.
    Fails,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceStep {
    pub rule: Rule,
    pub outcome: StepOutcome,
    /// What the rule saw, and what follows from it: a sentence.
    pub saw: String,
}

/// The whole way of one reference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    pub repository: String,
    pub tag: String,
    /// At most one step stops, and it is the last.
    pub steps: Vec<TraceStep>,
    pub verdict: Verdict,
    /// One or more sentences; those of the dry run where the tag stands in it.
    pub reason: String,
    /// `repository:tag` of what was probably meant, where nothing has this name.
    pub meant: Option<String>,
}

impl Trace {
    /// It is scanned, itself or for its original.
    pub fn is_scanned(&self) -> bool {
        let passes = |step: &TraceStep| step.outcome != StepOutcome::Stops;
        self.steps.iter().all(passes)
    }
}

/// Follows any reference, in the registry or not. `selection` must be made of the same policy and
/// inventory.
pub fn trace(
    policy: &Policy,
    inventory: &Inventory,
    selection: &Selection,
    repository: &str,
    tag: &str,
) -> Trace {
    let judgements = judge(policy, inventory, selection);
    let judgement = find(&judgements, repository, tag);
    let mut tracer = Tracer {
        policy,
        inventory,
        selection,
        repository,
        tag,
        judgement,
        steps: Vec::new(),
    };
    // Nothing follows from what a step answers but that the way ends there.
    let _ = tracer.follow();
    let steps = tracer.steps;
    let (verdict, reason) = match judgement {
        Some(judgement) => (judgement.verdict(), judgement.cause.to_string()),
        None => (
            Verdict::NotFound,
            format!("`{repository}:{tag}` is not in the registry, and no row names it."),
        ),
    };
    Trace {
        meant: meant(inventory, repository, tag),
        repository: repository.to_owned(),
        tag: tag.to_owned(),
        steps,
        verdict,
        reason,
    }
}

/// The judgement on the tag; else the one on `*`, where it stands for the whole repository.
fn find<'j, 'a>(
    judgements: &'j [Judgement<'a>],
    repository: &str,
    tag: &str,
) -> Option<&'j Judgement<'a>> {
    let mut here = judgements
        .iter()
        .filter(|judgement| judgement.repository == repository);
    let is_whole = |judgement: &&Judgement<'_>| {
        let is_tag = matches!(judgement.cause, Cause::LiteralWildcard { .. });
        judgement.tag == "*" && !is_tag
    };
    let exact = here.clone().find(|judgement| judgement.tag == tag);
    exact.or_else(|| here.find(is_whole))
}

fn meant(inventory: &Inventory, repository: &str, tag: &str) -> Option<String> {
    match inventory.listing(repository) {
        None => {
            let names = inventory.0.keys().map(String::as_str);
            nearest(repository, names).map(|name| format!("{name}:{tag}"))
        }
        Some(listing) => {
            let names = || listing.tags().iter().map(|tag| tag.name.as_str());
            if names().any(|name| name == tag) {
                return None;
            }
            nearest(tag, names()).map(|near| format!("{repository}:{near}"))
        }
    }
}

struct Tracer<'a> {
    policy: &'a Policy,
    inventory: &'a Inventory,
    selection: &'a Selection,
    repository: &'a str,
    tag: &'a str,
    judgement: Option<&'a Judgement<'a>>,
    steps: Vec<TraceStep>,
}

impl<'a> Tracer<'a> {
    /// `None` at the step that stops.
    fn follow(&mut self) -> Option<()> {
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
        let is_lost = |lost: &&crate::selection::Collision| {
            lost.repository == self.repository && lost.original == original
        };
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

#[cfg(test)]
mod tests;
