//! "Why not?": the rules that Azure applies to one reference, in their order, with what each of
//! them saw and decided.
use super::{Cause, Judgement, TagVerdict, Verdict, judge};
use crate::inventory::Inventory;
use crate::nearest::nearest;
use crate::policy::Policy;
use crate::selection::Selection;
use serde::{Deserialize, Serialize};

mod tracer;

use tracer::Tracer;

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
    /// What a scan or a plan found in it, beyond its name.
    Inside,
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
            Self::Inside => "What was found in it?",
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
    /// Adds what was found beyond the names: the verdict of the dry run, where it is another one.
    pub fn weighed(mut self, found: &TagVerdict) -> Self {
        if self.verdict == found.verdict {
            return self;
        }
        let is_patched = matches!(found.verdict, Verdict::WillPatch | Verdict::Clean);
        self.steps.push(TraceStep {
            rule: Rule::Inside,
            outcome: match is_patched {
                true => StepOutcome::Passes,
                false => StepOutcome::Fails,
            },
            saw: found.reason.clone(),
        });
        self.verdict = found.verdict;
        self.reason.clone_from(&found.reason);
        self
    }

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
        None if inventory.is_outside(repository) => None,
        None => {
            let names = inventory.repositories.keys().map(String::as_str);
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

#[cfg(test)]
mod tests;
