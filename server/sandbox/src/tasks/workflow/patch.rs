//! `cssc-patch-image`: patches the original image and pushes the result under its patch tag.
use super::images::{SourceImage, find, with_engine};
use super::schedule::{NEW_PATCH_TAG, REPOSITORY, TAG};
use super::{evidence, lines};
use crate::store::{Blobs, Reference};
use crate::tasks::run::OutputImage;
use crate::tasks::runner::{Agent, Halt};
use drydock_domain::patch_report::ImageReference;
use drydock_domain::tag::{RepositoryName, Tag};
use drydock_patcher::PatchOutcome;

const LAST_PATCH: u32 = 999;

/// What is to be made: `new_patch` is `3`, or `patched`.
struct Plan {
    repository: String,
    original: String,
    new_patch: String,
    to_tag: Tag,
}

pub async fn carry_out(agent: &Agent) -> Result<(), Halt> {
    let plan = agent
        .step("check-patch-tag", async { check(agent) })
        .await?;
    let (source, outcome) = agent.step("patch-image", patch(agent, &plan)).await?;
    agent
        .step("push-image", push(agent, &plan, source, outcome))
        .await
}

fn check(agent: &Agent) -> Result<Plan, Halt> {
    let repository = agent.value(REPOSITORY)?;
    let original = agent.value(TAG)?;
    let new_patch = agent.value(NEW_PATCH_TAG)?;
    agent.log.line(&format!(
        "Patching OS vulnerabilities for image {repository}:{original}"
    ));
    agent.log.line(&format!(
        "Patching repo: {repository}, Tag:{original}, NewPatchTag:{new_patch}"
    ));
    agent.log.line(&format!("New Patch tag is {new_patch}"));
    if new_patch
        .parse::<u32>()
        .is_ok_and(|number| number > LAST_PATCH)
    {
        agent.log.line(lines::PATCH_TAG_TOO_GREAT);
        return Err(Halt::Failed);
    }
    let to_tag = format!("{original}-{new_patch}");
    let to_tag = Tag::parse(&to_tag).map_err(|error| {
        agent.fail(&format!(
            "'{to_tag}' cannot be the tag of the patched image: {error}"
        ))
    })?;
    Ok(Plan {
        repository: repository.to_owned(),
        original: original.to_owned(),
        new_patch: new_patch.to_owned(),
        to_tag,
    })
}

async fn patch(agent: &Agent, plan: &Plan) -> Result<(SourceImage, PatchOutcome), Halt> {
    let source = find(agent, &plan.repository, &plan.original)?;
    let origin = ImageReference {
        repository: plan.repository.clone(),
        tag: plan.original.clone(),
        digest: source.digest.clone(),
    };
    let to_tag = plan.to_tag.to_string();
    with_engine(agent, move |engine, registry, job| {
        let outcome = engine.patch(registry, &source.manifest, origin, &to_tag, job)?;
        Ok((source, outcome))
    })
    .await
}

async fn push(
    agent: &Agent,
    plan: &Plan,
    source: SourceImage,
    outcome: PatchOutcome,
) -> Result<(), Halt> {
    // From here on the work is short and goes to its end: a tag without its evidence would be half
    // a patch.
    agent.check_stopped()?;
    let PatchOutcome::Patched {
        manifest,
        media_type,
        digest,
        report,
        scan,
    } = outcome
    else {
        let Plan {
            repository,
            original,
            ..
        } = plan;
        agent.log.line(&format!("Nothing can be upgraded in {repository}:{original}: the image is up to date, and nothing is pushed"));
        return Ok(());
    };
    let state = agent.state.clone();
    let (repository, to_tag) = (source.repository.clone(), plan.to_tag.clone());
    let pushed = tokio::task::spawn_blocking(move || {
        let reference = Reference::Tag(to_tag);
        let put = |repository: &RepositoryName| {
            state.registry.put_manifest(
                repository,
                &reference,
                &media_type,
                &manifest,
                Blobs::Anywhere,
            )
        };
        let pushed = put(&repository)?;
        let subject = evidence::Subject {
            repository: &repository,
            media_type: &media_type,
            digest: &pushed.digest,
            size_bytes: manifest.len(),
        };
        evidence::attach(&state.registry, &subject, &report, &scan)
    });
    match pushed.await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            return Err(agent.fail(&format!("the patched image cannot be pushed: {error}")));
        }
        Err(panic) => return Err(agent.fail(&format!("the push broke off: {panic}"))),
    }
    let registry = &agent.state.endpoints.login_server;
    let output = OutputImage {
        registry: registry.clone(),
        repository: plan.repository.clone(),
        tag: plan.to_tag.to_string(),
        digest,
    };
    if let Err(error) = agent
        .state
        .desk
        .update(agent.sequence, |run| run.output_images.push(output))
    {
        tracing::warn!(%error, "the output of a run could not be saved");
    }
    let Plan {
        repository,
        original,
        new_patch,
        ..
    } = plan;
    agent.log.line(&format!(
        "Patched image pushed to {registry}/{repository}:{original}-{new_patch}"
    ));
    Ok(())
}
