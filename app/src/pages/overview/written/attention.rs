use crate::format;
use crate::paths;
use crate::ui::{Icon, IconName, Tone};
use drydock_domain::console::Overview;
use drydock_domain::run::{ImageEnding, ImageRun, ImageStatus, RunTree, TaskName};
use drydock_domain::selection::IMAGE_LIMIT;
use leptos::prelude::*;

/// What waits for a person: one line and one link each. Absent when nothing does.
#[component]
pub fn Attention(overview: Overview) -> impl IntoView {
    let needs = needs(&overview);
    (!needs.is_empty()).then(|| {
        let rows = needs.into_iter().map(|need| {
            view! {
                <li data-tone=need.tone.as_str()>
                    <Icon name=need.icon />
                    <span>{need.text}</span>
                    <a href=need.href>{need.link}</a>
                </li>
            }
        });
        view! {
            <section class="attention" aria-labelledby="attention">
                <h2 id="attention">"Needs you"</h2>
                <ul role="list">{rows.collect_view()}</ul>
            </section>
        }
    })
}

#[derive(Debug, PartialEq, Eq)]
struct Need {
    tone: Tone,
    icon: IconName,
    text: String,
    link: &'static str,
    href: String,
}

fn needs(overview: &Overview) -> Vec<Need> {
    let state = &overview.state;
    let registry = &state.registry.name;
    let mut needs = Vec::new();
    if let Some(matched) = overview
        .matched_images
        .filter(|n| *n as usize > IMAGE_LIMIT)
    {
        needs.push(Need {
            tone: Tone::Danger,
            icon: IconName::CrossCircle,
            text: format!(
                "{matched} images match, the limit is {IMAGE_LIMIT}. The whole run would fail, nothing \
                 would be patched."
            ),
            link: "Narrow the policy",
            href: paths::policy(registry),
        });
    }
    needs.extend(proposed(overview));
    needs.extend(failed(overview));
    needs.extend(missed(overview));
    needs.extend(drifted(overview));
    needs.extend(end_of_life(overview));
    if state.is_configured() && state.next_run.is_none() {
        needs.push(Need {
            tone: Tone::Warning,
            icon: IconName::Schedule,
            text: "No next run is scheduled.".to_owned(),
            link: "Set a schedule",
            href: paths::schedule(registry),
        });
    }
    if state.is_configured() && state.tasks.iter().any(|task| !task.current) {
        needs.push(Need {
            tone: Tone::Info,
            icon: IconName::Info,
            text: "The tasks were written by another tool or version; they run as they are."
                .to_owned(),
            link: "Bring them up to date",
            href: paths::policy(registry),
        });
    }
    needs
}

/// A change that one person asks for; another one decides.
fn proposed(overview: &Overview) -> Option<Need> {
    let proposal = overview.proposal.as_ref()?;
    Some(Need {
        tone: Tone::Info,
        icon: IconName::Person,
        text: format!(
            "1 change waits for approval, proposed by {}: {}.",
            proposal.proposer, proposal.change
        ),
        link: "Look at it",
        href: paths::proposals(&overview.state.registry.name),
    })
}

/// The newest cycle; what was tried again alone, newer than it, is none.
fn last_cycle(overview: &Overview) -> Option<&RunTree> {
    let mut recent = overview.recent.iter();
    recent.find(|tree| tree.trigger.task == Some(TaskName::Trigger))
}

/// Images of the last cycle that failed, and have not ended well in a run of their own since.
fn failed(overview: &Overview) -> Option<Need> {
    let cycle = last_cycle(overview)?;
    let begun = cycle.trigger.created_at;
    let since = overview.recent.iter();
    let since = since.filter(|tree| tree.trigger.created_at > begun);
    let since: Vec<&ImageRun> = since.flat_map(|tree| &tree.images).collect();
    let is_mended = |image: &ImageRun| {
        since.iter().any(|later| {
            later.repository == image.repository
                && later.original == image.original
                && matches!(later.status, ImageStatus::Succeeded | ImageStatus::Skipped)
        })
    };
    let failed = cycle.images.iter();
    let failed = failed.filter(|image| image.status == ImageStatus::Failed && !is_mended(image));
    let failed = failed.count() as u64;
    (failed > 0).then(|| Need {
        tone: Tone::Danger,
        icon: IconName::CrossCircle,
        text: format!(
            "{} failed in the last cycle.",
            format::count(failed, "image", "images")
        ),
        link: "See why",
        href: paths::run(&overview.state.registry.name, &cycle.trigger.id),
    })
}

/// Runs that the timer owed.
fn missed(overview: &Overview) -> Option<Need> {
    let newest = overview.missed.first()?;
    let day = format::date(newest.date_naive());
    let n = overview.missed.len() as u64;
    let text = match n {
        1 => format!("The run of {day} was missed: the timer led to none."),
        n => format!(
            "{} were missed, the last of them on {day}: the timer led to none.",
            format::count(n, "run", "runs")
        ),
    };
    Some(Need {
        tone: Tone::Danger,
        icon: IconName::CrossCircle,
        text,
        link: "See which, and why",
        href: paths::schedule(&overview.state.registry.name),
    })
}

/// Originals whose newest content no scan has looked at: what is scanned is their patch.
fn drifted(overview: &Overview) -> Option<Need> {
    let registry = &overview.state.registry.name;
    let (repository, tag) = overview.drifted.first()?;
    let (text, link, href) = match overview.drifted.len() as u64 {
        1 => (
            format!("{repository}:{tag} was pushed again after its latest patch"),
            "See its lineage",
            paths::lineage(registry, repository),
        ),
        n => (
            format!(
                "{} were pushed again after their latest patches",
                format::count(n, "original", "originals")
            ),
            "See which",
            paths::NOTIFICATIONS.to_owned(),
        ),
    };
    Some(Need {
        tone: Tone::Warning,
        icon: IconName::Warning,
        text: format!("{text}: a clean scan is about the old content."),
        link,
        href,
    })
}

/// Images that no patch can help: stale is never green.
fn end_of_life(overview: &Overview) -> Option<Need> {
    let cycle = last_cycle(overview)?;
    let ended = cycle
        .images
        .iter()
        .filter(|image| image.ending == Some(ImageEnding::EndOfLife));
    let ended = ended.count() as u64;
    (ended > 0).then(|| Need {
        tone: Tone::Warning,
        icon: IconName::Info,
        text: format!(
            "{} on a distribution at its end of life: no fixes are made for it any more.",
            format::count(ended, "image stands", "images stand")
        ),
        link: "See which",
        href: paths::run(&overview.state.registry.name, &cycle.trigger.id),
    })
}
