use super::room::Room;
use crate::api::workflow::UpdateSchedule;
use crate::paths;
use crate::state::draft::{self, Draft};
use crate::ui::{Button, ButtonKind, Card, LongTime, Notice, Tone, Variant};
use crate::widgets::{
    ActionError, PartOutcomes, Permitted, Proposed, Reason, ScheduleFields, Waiting, verb,
};
use drydock_domain::access::Operation;
use drydock_domain::calendar::SaveWarning;
use drydock_domain::proposal::Submission;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// Chooses a schedule, which the page shows at once, and saves it.
#[component]
pub fn Choose(room: Room) -> impl IntoView {
    let state = room.facts.with_untracked(|facts| facts.workflow.clone());
    let registry = state.registry.name.clone();
    let configured = state.is_configured();
    let save = ServerAction::<UpdateSchedule>::new();
    let alive = RwSignal::new(false);
    Effect::new(move |_| alive.set(true));
    Effect::new(move |_| {
        if let Some(Ok(Submission::Done(applied))) = save.value().get() {
            let chosen = room.chosen.get_untracked().and_then(|plan| plan.schedule());
            room.facts.update(|facts| {
                facts.workflow.cron = chosen.map(|schedule| schedule.to_cron());
                facts.workflow.next_run = applied.next_run;
                facts.timer_since = Some(facts.workflow.as_of);
            });
        }
    });
    if !configured {
        let digest = state.policy.as_ref().map(|policy| policy.digest.clone());
        keep_for_draft(registry.clone(), digest, room.days, room.at);
    }
    let deployed_cron = move || {
        let cron = room.facts.with(|facts| facts.workflow.cron.clone());
        cron.unwrap_or_default()
    };
    // What the page was written with: a post without JavaScript has seen the warnings of no other.
    let seen = room.chosen.get_untracked().and_then(|plan| plan.schedule());
    let seen = seen.map(|schedule| schedule.to_cron());
    let preview = paths::schedule(&registry);
    let not_created = (!configured).then(|| view! { <NotCreated registry=registry.clone() /> });
    let unready = move || {
        let chosen = room.chosen.read();
        alive.get() && (chosen.is_none() || *chosen == *room.deployed.read())
    };
    let label = verb("Save schedule", "Propose schedule");
    let comment = RwSignal::new(
        use_query_map()
            .read_untracked()
            .get("comment")
            .unwrap_or_default(),
    );
    let sent = Signal::derive(move || save.version().get());
    let waiting = configured.then(|| {
        let registry = Signal::stored(registry.clone());
        view! { <Waiting registry sent /> }
    });
    view! {
        <Card title="Choose">
            {waiting}
            {configured.then(|| view! { <Deployed room /> })}
            <ActionForm action=save>
                <div class="apply">
                    <input type="hidden" name="registry" value=registry />
                    <input type="hidden" name="based_on" value=deployed_cron />
                    <input type="hidden" name="seen" value=seen />
                    <ScheduleFields days=room.days at=room.at now=room.now() />
                    <Warnings room />
                    {configured.then(|| view! { <Reason name="schedule-comment" value=comment /> })}
                    <div class="actions">
                        {configured.then(|| view! {
                            <Permitted operation=Operation::UpdateWorkflow label>
                                <Button
                                    kind=ButtonKind::Submit
                                    variant=Variant::Primary
                                    busy=save.pending()
                                    disabled=Signal::derive(unready)
                                >
                                    {label}
                                </Button>
                            </Permitted>
                        })}
                        <span hidden=move || alive.get()>
                            <Button kind=ButtonKind::Submit attr:formmethod="get" attr:formaction=preview>
                                "Show on the calendar"
                            </Button>
                        </span>
                    </div>
                </div>
            </ActionForm>
            {not_created}
            {move || save.value().get().and_then(Result::ok).map(|submitted| match submitted {
                Submission::Proposed(proposal) => {
                    view! { <Proposed proposal=*proposal /> }.into_any()
                }
                Submission::Done(applied) => view! {
                    <Notice tone=Tone::Success title="The schedule is saved">
                        <PartOutcomes outcomes=applied.steps />
                    </Notice>
                }
                .into_any(),
            })}
            <ActionError value=save.value() />
        </Card>
    }
}

/// The draft of this tab takes the schedule along to the policy page.
fn keep_for_draft(
    registry: String,
    digest: Option<String>,
    days: RwSignal<String>,
    at: RwSignal<String>,
) {
    Effect::new(move |begun: Option<()>| {
        let fields = (days.get(), at.get());
        let found = draft::find(&registry);
        if begun.is_none() {
            if let Some(found) = found.filter(|found| !found.days.is_empty()) {
                days.set(found.days);
                at.set(found.at);
            }
            return;
        }
        let found = found.unwrap_or_else(|| Draft {
            based_on: digest.clone().unwrap_or_default(),
            ..Draft::default()
        });
        let (days, at) = fields;
        draft::keep(&registry, &Draft { days, at, ..found });
    });
}

/// What saving would do to the runs that are planned now.
#[component]
fn Warnings(room: Room) -> impl IntoView {
    let warnings = move || {
        let warnings = room.facts.read().save_warnings(&room.chosen.get()?);
        let lines = warnings.iter().map(SaveWarning::to_string);
        let lines = lines.map(|line| view! { <li>{line}</li> }).collect_view();
        (!warnings.is_empty()).then(|| {
            view! {
                <Notice tone=Tone::Warning title="What saving changes">
                    <ul class="gaps">{lines}</ul>
                </Notice>
            }
        })
    };
    view! { <div role="status">{warnings}</div> }
}

/// The way on where there is nothing to be scheduled yet.
#[component]
fn NotCreated(registry: String) -> impl IntoView {
    view! {
        <p class="muted">
            "Continuous patching is not set up here. The schedule is kept for the draft in this tab; it \
             takes effect when the workflow is created on the "
            <a href=paths::policy(&registry)>"policy page"</a> "."
        </p>
    }
}

/// What is deployed now, as long as it is not changed here.
#[component]
fn Deployed(room: Room) -> impl IntoView {
    move || {
        let plan = room.deployed.get()?;
        let next = room.facts.read().workflow.next_run;
        let next = next.map(|at| view! { ", next on " <LongTime at /> });
        Some(view! {
            <p class="muted">"Deployed: " {plan.to_string()} {next}</p>
        })
    }
}
