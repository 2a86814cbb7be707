//! A workflow as commands and templates that somebody else can apply: what the az extension
//! deploys, in the words of other tools.
//!
//! The policy is an artifact of the registry, which no template can push; each text says with
//! which command it is.
use crate::run::TaskName;
use serde::{Deserialize, Serialize};

mod az;
mod bicep;
mod terraform;
#[cfg(test)]
mod tests;

pub use az::{az_command, posix_quote};
pub use bicep::bicep;
pub use terraform::terraform;

/// The file that the commands keep the policy in.
pub const POLICY_FILE: &str = "continuous-patching.json";
/// Where the service looks for the policy.
pub const POLICY_ARTIFACT: &str = "csscpolicies/patchpolicy:v1";

const API_VERSION: &str = "2019-06-01-preview";
/// Other clients change the schedule by this name.
const TIMER: &str = "azcli_defined_schedule";
const TASKS_CONTRIBUTOR: &str = "fb382eab-e894-4461-af04-94435c366c3f";

/// What a text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tool {
    Az,
    Bicep,
    Terraform,
}

impl Tool {
    pub const ALL: [Self; 3] = [Self::Az, Self::Bicep, Self::Terraform];

    /// As in JSON and in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Az => "az",
            Self::Bicep => "bicep",
            Self::Terraform => "terraform",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.as_str() == word)
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Az => "az command",
            Self::Bicep => "Bicep",
            Self::Terraform => "Terraform",
        }
    }

    /// What the text is called as a file.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Az => "continuous-patching.sh",
            Self::Bicep => "continuous-patching.bicep",
            Self::Terraform => "continuous-patching.tf",
        }
    }
}

/// What there is to deploy.
#[derive(Clone, Copy, Debug)]
pub struct WorkflowText<'a> {
    pub registry: &'a str,
    pub login_server: &'a str,
    pub resource_group: &'a str,
    /// Byte for byte.
    pub policy: &'a str,
    /// The trigger's timer: five fields, UTC.
    pub cron: &'a str,
    /// The three definitions in the language of ACR Tasks; each is made before what calls it.
    pub tasks: [TaskText<'a>; 3],
}

#[derive(Clone, Copy, Debug)]
pub struct TaskText<'a> {
    pub name: TaskName,
    pub yaml: &'a str,
}

impl TaskText<'_> {
    /// It starts other tasks, so it has an identity with a role.
    fn has_identity(&self) -> bool {
        self.name != TaskName::Patch
    }

    fn tags(&self) -> &'static [&'static str] {
        match self.name {
            TaskName::Scan => &["cssc"],
            TaskName::Trigger | TaskName::Patch => &["cssc", "clienttracking"],
        }
    }

    /// The resource's name inside a template.
    fn symbol(&self) -> &'static str {
        match self.name {
            TaskName::Trigger => "trigger",
            TaskName::Scan => "scan",
            TaskName::Patch => "patch",
        }
    }
}

/// The commands that write the policy into a file and push it.
fn push_commands(workflow: &WorkflowText<'_>) -> String {
    let reference = format!("{}/{POLICY_ARTIFACT}", workflow.login_server);
    format!(
        "{}oras push {} {POLICY_FILE}\n",
        write_file(workflow.policy),
        posix_quote(&reference)
    )
}

fn write_file(policy: &str) -> String {
    format!("printf %s {} > {POLICY_FILE}\n", posix_quote(policy))
}

/// Each line as a comment.
fn comment(out: &mut String, mark: &str, text: &str) {
    for line in text.lines() {
        out.push_str(mark);
        if !line.is_empty() {
            out.push(' ');
            out.push_str(line);
        }
        out.push('\n');
    }
}
