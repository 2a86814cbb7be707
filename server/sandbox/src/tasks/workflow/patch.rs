//! `cssc-patch-image`: patches the original image and pushes the result under its patch tag.
use super::evidence::{self, Subject};
use super::images::{SourceImage, find, with_engine};
use super::schedule::{NEW_PATCH_TAG, REPOSITORY, TAG};
use crate::State;
use crate::store::{Blobs, Reference, StoreError};
use crate::tasks::run::OutputImage;
use crate::tasks::runner::{Agent, Halt};
use drydock_domain::patch_report::ImageReference;
use drydock_domain::tag::{Digest, RepositoryName, Tag};
use drydock_domain::task_log::LogLine;
use drydock_patcher::PatchOutcome;

/// The service's message says 1000.
const LAST_PATCH: u32 = 999;

/// What is to be made.
struct Plan {
    repository: String,
    original: String,
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
    let number = agent.value(NEW_PATCH_TAG)?;
    agent.say(LogLine::PatchingImage {
        repository,
        original,
    });
    agent.say(LogLine::PatchingRepository {
        repository,
        original,
        number,
    });
    agent.say(LogLine::NewPatchTag { number });
    if number
        .parse::<u32>()
        .is_ok_and(|number| number > LAST_PATCH)
    {
        agent.say(LogLine::NumbersUsedUp);
        return Err(Halt::Failed);
    }
    let to_tag = format!("{original}-{number}");
    let to_tag = Tag::parse(&to_tag).map_err(|error| {
        agent.fail(&format!(
            "'{to_tag}' cannot be the patched image's tag: {error}"
        ))
    })?;
    Ok(Plan {
        repository: repository.to_owned(),
        original: original.to_owned(),
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
    if let PatchOutcome::UpToDate { standing, .. } = &outcome {
        let Plan {
            repository,
            original,
            ..
        } = plan;
        let image = format!("{repository}:{original}");
        agent
            .log
            .line(&format!("{image} {standing}, and nothing is pushed"));
        return Ok(());
    }
    if let Some(rule) = agent
        .state
        .resources
        .cache_rules
        .find_over(&plan.repository)
    {
        return Err(agent.fail(&format!(
            "the patched image cannot be pushed: denied: the repository '{}' is filled by the cache rule '{}' and cannot be pushed to",
            plan.repository, rule.name
        )));
    }
    // From here on the work is short and goes to its end: a tag without its evidence would be
    // half a patch.
    agent.check_stopped()?;
    let (state, to_tag) = (agent.state.clone(), plan.to_tag.clone());
    let pushed =
        tokio::task::spawn_blocking(move || put(&state, &source.repository, to_tag, outcome));
    let digest = match pushed.await {
        Ok(Ok(digest)) => digest,
        Ok(Err(error)) => {
            return Err(agent.fail(&format!("the patched image cannot be pushed: {error}")));
        }
        Err(panic) => return Err(agent.fail(&format!("the push broke off: {panic}"))),
    };
    let registry = &agent.state.endpoints.login_server;
    let output = OutputImage {
        registry: registry.clone(),
        repository: plan.repository.clone(),
        tag: plan.to_tag.to_string(),
        digest,
    };
    let desk = &agent.state.desk;
    desk.update(agent.sequence, |run| run.output_images.push(output));
    agent.say(LogLine::Pushed {
        registry,
        repository: &plan.repository,
        tag: plan.to_tag.as_str(),
    });
    Ok(())
}

/// The evidence first, by the digest that it speaks of, and the tag last: whoever sees the tag
/// finds everything.
fn put(
    state: &State,
    repository: &RepositoryName,
    to_tag: Tag,
    outcome: PatchOutcome,
) -> Result<String, StoreError> {
    let PatchOutcome::Patched {
        manifest,
        media_type,
        digest,
        mut report,
        scan,
    } = outcome
    else {
        return Ok(String::new());
    };
    report.patched.digest.clone_from(&digest);
    let parsed =
        Digest::parse(&digest).map_err(|error| std::io::Error::other(error.to_string()))?;
    let put = |reference: &Reference| {
        state.registry.put_manifest(
            repository,
            reference,
            &media_type,
            &manifest,
            Blobs::Anywhere,
        )
    };
    put(&Reference::Digest(parsed.clone()))?;
    let subject = Subject {
        repository,
        media_type: &media_type,
        digest: &parsed,
        size_bytes: manifest.len(),
    };
    evidence::attach(&state.registry, &subject, &report, &scan)?;
    put(&Reference::Tag(to_tag))?;
    Ok(digest)
}
