//! `cssc-trigger-workflow`: selects images by the policy and queues a scan of each.
use super::schedule::{Image, run_task, sign_in};
use crate::store::Reference;
use crate::tasks::runner::{Agent, Halt};
use drydock_domain::console::{RegistryTags, RepositoryTags, TagFacts};
use drydock_domain::inventory::Inventory;
use drydock_domain::login_server::{has_domain_label, registry_name};
use drydock_domain::policy;
use drydock_domain::run::TaskName;
use drydock_domain::selection::{
    PolicySource, Selected, Selection, acr_output, acr_reading, acr_validating, select,
};
use drydock_domain::tag::{Digest, RepositoryName, Tag};
use drydock_domain::task_log::LogLine;
use std::io::Read;

const POLICY_REPOSITORY: &str = "csscpolicies/patchpolicy";
const POLICY_TAG: &str = "v1";
const MAX_POLICY_BYTES: u64 = 10 << 20;
/// The definition pauses after each ten scans that it queued.
const BATCH: usize = 10;

pub async fn carry_out(agent: &Agent) -> Result<(), Halt> {
    let (convention, selection) = agent.step("filter-images", async { filter(agent) }).await?;
    let scans = schedule_scans(agent, &convention, &selection);
    agent.step("scan-and-schedule-patch", scans).await
}

/// Prints what `acr cssc patch --dry-run` prints, from its check of the policy on: what comes
/// before, the definition cuts off. Answers the line about the convention, and the selection.
fn filter(agent: &Agent) -> Result<(String, Selection), Halt> {
    let text = read_policy(agent)
        .map_err(|why| fail(agent, &acr_reading(PolicySource::Artifact), &why))?;
    let policy = policy::parse(&text).map_err(|error| {
        let printed = acr_validating(PolicySource::Artifact);
        fail(agent, &printed, &error.acr_message(PolicySource::Artifact))
    })?;
    let selection = select(&policy, &inventory(agent));
    let printed = acr_output(&policy, &selection, PolicySource::Artifact, true);
    print(agent, &printed);
    if let Some(failure) = &selection.failure {
        let repository = &failure.repository;
        return Err(agent.fail(&format!(
            "Some unexpected error occurred while listing tags for repository-{repository}"
        )));
    }
    if selection.is_over_limit() {
        agent.say(LogLine::LimitExceeded { is_failure: true });
        return Err(Halt::Failed);
    }
    let convention = printed
        .lines()
        .find(|line| line.starts_with("Configured Tag Convention:"));
    Ok((convention.unwrap_or_default().to_owned(), selection))
}

fn fail(agent: &Agent, printed: &str, why: &str) -> Halt {
    print(agent, printed);
    agent.fail(why)
}

fn print(agent: &Agent, printed: &str) {
    let lines = printed
        .lines()
        .skip_while(|line| !line.starts_with("Validating"));
    lines.for_each(|line| agent.log.line(line));
}

/// The policy's text: every layer of the artifact is fetched, and the last one wins.
fn read_policy(agent: &Agent) -> Result<String, String> {
    let registry = &agent.state.registry;
    let repository = RepositoryName::parse(POLICY_REPOSITORY).map_err(|error| error.to_string())?;
    let tag = Tag::parse(POLICY_TAG).map_err(|error| error.to_string())?;
    let manifest = registry
        .manifest(&repository, &Reference::Tag(tag))
        .map_err(|error| {
            format!(
                "error fetching filter manifest content when reading the filter policy: {error}"
            )
        })?;
    let manifest: serde_json::Value = serde_json::from_slice(&manifest.content).map_err(|error| {
        format!("error unmarshalling filter manifest content when reading the filter policy: {error}")
    })?;
    let failed = |error: &dyn std::fmt::Display| {
        format!("error fetching filter content when reading the filter policy: {error}")
    };
    let layer = manifest["layers"]
        .as_array()
        .and_then(|layers| layers.last());
    let digest = layer
        .and_then(|layer| layer["digest"].as_str())
        .unwrap_or_default();
    let digest = Digest::parse(digest).map_err(|error| failed(&error))?;
    let blob = registry
        .blob(&repository, &digest)
        .map_err(|error| failed(&error))?;
    if blob.size_bytes > MAX_POLICY_BYTES {
        return Err(failed(&format!(
            "it has {} bytes, and at most {MAX_POLICY_BYTES} are read",
            blob.size_bytes
        )));
    }
    let mut text = String::new();
    let mut file = blob.file;
    file.read_to_string(&mut text)
        .map_err(|error| failed(&error))?;
    Ok(text)
}

pub fn inventory(agent: &Agent) -> Inventory {
    let registry = &agent.state.registry;
    let repositories = registry.repositories().into_iter().filter_map(|facts| {
        let tags = registry.tags(&facts.name)?.into_iter();
        let tag = |name: Tag| TagFacts {
            tag: name.to_string(),
            ..TagFacts::default()
        };
        Some(RepositoryTags {
            repository: facts.name.to_string(),
            tags: tags.map(|record| tag(record.name)).collect(),
        })
    });
    Inventory::from(&RegistryTags {
        repositories: repositories.collect(),
        within: None,
        as_of: None,
    })
}

async fn schedule_scans(
    agent: &Agent,
    convention: &str,
    selection: &Selection,
) -> Result<(), Halt> {
    let principal_id = sign_in(agent)?;
    let login_server = &agent.state.endpoints.login_server;
    if has_domain_label(login_server) && agent.definition_cuts_domain_label() {
        let name = registry_name(login_server);
        agent.log.line(&format!(
            "DNL registry name detected, readjusting RegistryBaseName to {name} for task scheduling"
        ));
    }
    agent.say(LogLine::ConventionDetails { line: convention });
    for (index, row) in selection.selected.iter().enumerate() {
        agent.check_stopped()?;
        schedule_scan(agent, &principal_id, row);
        if (index + 1) % BATCH == 0 {
            let until = agent.state.clock.now() + agent.state.desk.settings.batch_pause;
            agent.say(LogLine::BatchPause);
            agent.sleep_until(until).await?;
        }
    }
    Ok(())
}

fn schedule_scan(agent: &Agent, principal_id: &str, row: &Selected) {
    agent.say(LogLine::SchedulingScan {
        registry: &agent.state.endpoints.login_server,
        repository: &row.repository,
        scan: &row.scan,
        original: &row.original,
        next: &row.next,
    });
    // `next` is always the original and a suffix: `3.11` and `3.11-2`, or `3.11-patched`.
    let suffix = row
        .next
        .strip_prefix(&row.original)
        .and_then(|rest| rest.strip_prefix('-'));
    let image = Image {
        repository: &row.repository,
        tag: &row.scan,
        original: &row.original,
        new_patch: suffix.unwrap_or(&row.next),
    };
    run_task(agent, TaskName::Scan, principal_id, &image);
}
