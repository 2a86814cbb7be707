use crate::format;
use crate::paths;
use crate::state::zone::use_zone;
use crate::ui::{Card, Meter, OtherTime};
use drydock_domain::console::Overview;
use drydock_domain::selection::IMAGE_LIMIT;
use leptos::prelude::*;

/// When the next cycle begins, and how many images it will look at.
#[component]
pub fn NextRun(overview: Overview) -> impl IntoView {
    let state = overview.state;
    let schedule = paths::schedule(&state.registry.name);
    let zone = use_zone();
    let when = match state.next_run {
        Some(at) => view! {
            <p class="headline">
                <time datetime=format::machine(at)>
                    {move || zone.read().read(at).day()} " "
                    <span class="headline-time">{move || zone.read().read(at).clock()}</span>
                </time>
            </p>
            <p class="muted">
                "In " {format::roughly(at - state.as_of)} ". " <OtherTime at />
            </p>
        }
        .into_any(),
        None => view! {
            <p class="headline">"Not scheduled"</p>
            <p class="muted">
                "The timer is off, or its schedule is not one that Drydock can read."
            </p>
        }
        .into_any(),
    };
    let cron = state.cron.map(|cron| {
        view! { <p class="muted">"Timer " <code>{cron}</code> " (UTC)"</p> }
    });
    view! {
        <Card title="Next run" actions=move || view! { <a href=schedule.clone()>"Calendar"</a> }>
            {when}
            {cron}
            {overview
                .matched_images
                .map(|n| {
                    view! { <Meter label="Images that the policy selects" value=Some(n) limit=IMAGE_LIMIT as u32 /> }
                })}
        </Card>
    }
}
