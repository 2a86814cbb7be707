//! `cssc-scan-image`: scans one image and queues its patch where there is something to fix.
use super::images::{find, with_engine};
use super::schedule::{Image, NEW_PATCH_TAG, ORIGINAL_TAG, REPOSITORY, TAG, run_task, sign_in};
use crate::tasks::runner::{Agent, Halt};
use drydock_domain::run::TaskName;
use drydock_domain::task_log::{LogLine, SkipReason};
use drydock_patcher::TrivyReport;

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
        ..
    } = image;
    agent.say(LogLine::ScanningImage {
        repository,
        scan: tag,
        original,
    });
    agent.say(LogLine::ScanningRepository {
        repository,
        scan: tag,
        original,
    });
    let source = find(agent, repository, tag)?;
    let name = format!("{}/{repository}:{tag}", agent.state.endpoints.login_server);
    let report = with_engine(agent, move |engine, registry, job| {
        engine.scan(registry, &source.manifest, &name, job)
    });
    decide(agent, image, &report.await?)
}

/// Queues the patch, or says why there is none.
fn decide(agent: &Agent, image: Image, report: &TrivyReport) -> Result<(), Halt> {
    let Image {
        repository,
        tag: scan,
        original,
        new_patch,
    } = image;
    let (count, is_past) = (report.fixable_count(), report.end_of_life());
    agent.say(LogLine::VulnerabilitiesFound {
        repository,
        scan,
        count,
    });
    agent.say(LogLine::EndOfLife {
        repository,
        scan,
        is_past,
    });
    agent.say(LogLine::TotalVulnerabilities { count });
    let reason = match (is_past, count) {
        (true, _) => SkipReason::EndOfLife,
        (false, 0) => SkipReason::NoVulnerability,
        (false, _) => {
            let principal_id = sign_in(agent)?;
            agent.say(LogLine::PatchScheduled {
                image: &format!("{}/{repository}", agent.state.endpoints.login_server),
                scan,
                next: &format!("{original}-{new_patch}"),
            });
            // A patch never builds on a patch: the original is patched again.
            let patch = Image {
                tag: original,
                ..image
            };
            run_task(agent, TaskName::Patch, &principal_id, &patch);
            return Ok(());
        }
    };
    agent.say(LogLine::PatchSkipped {
        repository,
        scan,
        reason,
    });
    Ok(())
}
