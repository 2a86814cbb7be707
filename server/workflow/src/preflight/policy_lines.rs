//! The policy, and what it selects.
use super::{Facts, failed, passed, unknown, warned};
use crate::WorkflowError;
use drydock_domain::inventory::Inventory;
use drydock_domain::policy::{self, Policy};
use drydock_domain::preflight::{Check, Line};
use drydock_domain::selection::{IMAGE_LIMIT, select};

/// Why there is no policy to go on with.
enum NoPolicy {
    NotDeployed,
    Refused(String),
    Unread(String),
}

const PUSH: &str = "Apply a policy on the Policy page.";

impl Facts {
    pub(super) fn policy(&self) -> Line {
        let check = Check::Policy;
        let is_set_up = self
            .deployed
            .as_ref()
            .is_ok_and(|deployed| !deployed.is_absent());
        match self.deployed_policy() {
            Ok(policy) => {
                let repositories = policy.repositories.iter().filter(|row| row.enabled).count();
                let noun = match repositories {
                    1 => "repository",
                    _ => "repositories",
                };
                let finding = format!("It can be read, and names {repositories} {noun}.");
                passed(check, finding)
            }
            Err(NoPolicy::NotDeployed) if is_set_up => {
                failed(check, "There is none, so every run fails.", PUSH)
            }
            Err(NoPolicy::NotDeployed) => passed(check, "There is none yet."),
            Err(NoPolicy::Refused(why)) => {
                failed(check, format!("The service refuses it: {why}."), PUSH)
            }
            Err(NoPolicy::Unread(why)) => unknown(check, &why),
        }
    }

    /// Images out of a cache rule's repository are not patched in place.
    pub(super) fn cache_rules(&self) -> Line {
        let check = Check::CacheRules;
        let rules = match &self.cache_rules {
            Ok(rules) => rules,
            Err(error) => return unknown(check, error),
        };
        if rules.is_empty() {
            return passed(check, "The registry has none.");
        }
        let Ok(policy) = self.deployed_policy() else {
            return passed(
                check,
                format!(
                    "The registry has {}; no policy selects anything.",
                    rules.len()
                ),
            );
        };
        let covered: Vec<String> = policy
            .repositories
            .iter()
            .filter(|row| row.enabled)
            .filter_map(|row| {
                let rule = rules.iter().find(|rule| rule.covers(&row.repository))?;
                Some(format!("{} (rule {})", row.repository, rule.name))
            })
            .collect();
        match covered.is_empty() {
            true => passed(check, "None covers a repository of the policy."),
            false => failed(
                check,
                format!(
                    "The policy names repositories that are filled by a cache rule: {}. Continuous patching does not support these.",
                    covered.join(", ")
                ),
                "Take them out of the policy, or import the images into a repository of their own.",
            ),
        }
    }

    pub(super) fn image_count(&self) -> Line {
        let check = Check::ImageCount;
        let tags = match &self.tags {
            Ok(tags) => tags,
            Err(error) => return unknown(check, error),
        };
        let policy = match self.deployed_policy() {
            Ok(policy) => policy,
            Err(NoPolicy::Unread(why)) => return unknown(check, &why),
            Err(NoPolicy::NotDeployed | NoPolicy::Refused(_)) => {
                return passed(check, "No policy selects anything.");
            }
        };
        let matches = select(&policy, &Inventory::from(tags.as_ref())).matches();
        let finding = format!("The policy selects {matches} of at most {IMAGE_LIMIT} images.");
        match matches {
            0 => warned(check, finding, "Name repositories and tags that are there."),
            count if count > IMAGE_LIMIT => failed(
                check,
                format!("{finding} Every run fails before its first scan."),
                "Name fewer repositories or tags.",
            ),
            _ => passed(check, finding),
        }
    }

    fn deployed_policy(&self) -> Result<Policy, NoPolicy> {
        let text = match &self.policy {
            Ok(Some(text)) => text,
            Ok(None) => return Err(NoPolicy::NotDeployed),
            Err(WorkflowError::Invalid { why, .. }) => return Err(NoPolicy::Refused(why.clone())),
            Err(error) => return Err(NoPolicy::Unread(error.to_string())),
        };
        let policy = policy::parse(text).map_err(|error| NoPolicy::Refused(error.to_string()))?;
        match policy::service_refusal(&policy) {
            Some(refusal) => Err(NoPolicy::Refused(refusal)),
            None => Ok(policy),
        }
    }
}
