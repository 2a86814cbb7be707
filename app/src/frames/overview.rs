use super::FramedView;
use crate::format;
use crate::pages::runs::ended_at;
use crate::paths;
use crate::ui::{Card, Elapsed, LongTime, Notice, Stat, Time, Tone};
use crate::widgets::{MarkedText, RunStatusBadge, run_cause};
use drydock_domain::console::Overview;
use leptos::prelude::*;

/// A registry at a glance.
pub fn overview(overview: Overview) -> FramedView {
    let registry = overview.state.registry.name.clone();
    let console = paths::overview(&registry);
    FramedView::new(registry, console, || body(overview))
}

fn body(overview: Overview) -> impl IntoView {
    let count = |n: u32| format::thousands(n.into());
    let notice = overview.notice.map(|text| {
        view! { <Notice tone=Tone::Warning><p>{text}</p></Notice> }
    });
    let missed = overview.missed.len() as u64;
    let missed = (missed > 0).then(|| {
        let sentence = format::count(missed, "planned run was missed", "planned runs were missed");
        view! { <Notice tone=Tone::Danger><p>{sentence} "."</p></Notice> }
    });
    let next = match overview.state.next_run {
        Some(at) => view! { <LongTime at /> }.into_any(),
        None => view! { "none is scheduled" }.into_any(),
    };
    let matched = overview
        .matched_images
        .map(|matched| view! { <Stat label="Images in the policy" value=count(matched) /> });
    let cycles = overview.recent.into_iter().map(|cycle| {
        let ended_at = ended_at(&cycle);
        view! {
            <li class="cycle-line">
                <RunStatusBadge status=cycle.status />
                <span class="cycle-title">
                    <MarkedText text=cycle.summary />
                    <span class="muted">{run_cause(&cycle.trigger, true)}</span>
                </span>
                <span class="cycle-time">
                    <Time at=cycle.trigger.created_at />
                    <Elapsed from=Some(cycle.trigger.created_at) to=ended_at />
                </span>
            </li>
        }
    });
    let cycles = cycles.collect_view();
    let none = cycles
        .is_empty()
        .then(|| view! { <p class="muted">"No cycle has run yet."</p> });
    view! {
        {notice}
        {missed}
        <Card title="In the registry">
            <dl class="stats">
                {matched}
                <Stat label="Repositories" value=count(overview.repositories) />
                <Stat label="Tags" value=count(overview.tags) />
                <Stat label="Patch tags" value=count(overview.patch_tags) />
            </dl>
            <p>"Next run: " {next}</p>
        </Card>
        <Card title="Recent cycles">
            {none}
            <ul class="lines" role="list">{cycles}</ul>
        </Card>
        <p class="as-of">"As of " <Time at=overview.state.as_of seconds=true /></p>
    }
}
