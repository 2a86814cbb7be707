//! `cssc-scan-image`: scans one image and queues its patch where there is something to fix.
use super::images::{find, with_engine};
use super::schedule::{Image, NEW_PATCH_TAG, ORIGINAL_TAG, REPOSITORY, TAG, run_task, sign_in};
use crate::tasks::runner::{Agent, Halt};
use drydock_domain::run::TaskName;

pub async fn carry_out(agent: &Agent) -> Result<(), Halt> {
    agent.step("scan-image", scan(agent)).await
}

async fn scan(agent: &Agent) -> Result<(), Halt> {
    let image = Image {
        repository: agent.value(REPOSITORY)?,
        tag: agent.value(TAG)?,
        original: agent.value(ORIGINAL_TAG)?,
        new_patch: agent.value(NEW_PATCH_TAG)?,
    };
    let Image {
        repository,
        tag,
        original,
        new_patch,
    } = image;
    agent.log.line(&format!(
        "Scanning image for vulnerability {repository}:{tag} for tag {original}"
    ));
    agent.log.line(&format!(
        "Scanning repo: {repository}, Tag:{tag}, OriginalTag:{original}"
    ));
    let source = find(agent, repository, tag)?;
    let name = format!("{}/{repository}:{tag}", agent.state.endpoints.login_server);
    let report = with_engine(agent, move |engine, registry, job| {
        engine.scan(registry, &source.manifest, &name, job)
    });
    let report = report.await?;
    let (count, end_of_life) = (report.fixable_count(), report.end_of_life());
    agent.log.line(&format!(
        "Vulnerabilities found for image {repository}:{tag} -> {count}"
    ));
    agent.log.line(&format!(
        "EOSL for the image {repository}:{tag} -> {end_of_life}"
    ));
    agent
        .log
        .line(&format!("Total OS vulnerabilities found -> {count}"));
    if end_of_life {
        agent.log.line(&format!(
            "PATCHING will be skipped as EOSL is true for image {repository}:{tag}"
        ));
    } else if count == 0 {
        agent.log.line(&format!(
            "PATCHING will be skipped as no vulnerability found in the image {repository}:{tag}"
        ));
    } else {
        let principal_id = sign_in(agent)?;
        let registry = &agent.state.endpoints.login_server;
        agent.log.line(&format!("PATCHING task scheduled for image {registry}/{repository}:{original}, new patch tag will be {original}-{new_patch}"));
        // A patch never builds on a patch: the original is patched again.
        let patch = Image {
            tag: original,
            ..image
        };
        run_task(agent, TaskName::Patch, &principal_id, &patch);
    }
    Ok(())
}
