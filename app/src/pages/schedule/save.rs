use super::plan::Plan;
use super::{Deployed, NotCreated};
use crate::api::workflow::UpdateSchedule;
use crate::paths;
use crate::state::draft::{self, Draft};
use crate::ui::{Button, ButtonKind, Card, Notice, Tone, Variant};
use crate::widgets::{ActionError, PartOutcomes, ScheduleFields};
use drydock_domain::console::WorkflowState;
use drydock_domain::schedule::Schedule;
use leptos::form::ActionForm;
use leptos::prelude::*;

/// Chooses a schedule, which the page shows at once, and saves it.
#[component]
pub fn Choose(
    state: WorkflowState,
    days: RwSignal<String>,
    at: RwSignal<String>,
    deployed: RwSignal<Option<Plan>>,
    chosen: Memo<Option<Plan>>,
) -> impl IntoView {
    let registry = state.registry.name.clone();
    let configured = state.is_configured();
    let save = ServerAction::<UpdateSchedule>::new();
    let alive = RwSignal::new(false);
    Effect::new(move |_| alive.set(true));
    Effect::new(move |_| {
        if let Some(Ok(_)) = save.value().get() {
            deployed.set(chosen.get_untracked());
        }
    });
    if !configured {
        keep_for_draft(
            registry.clone(),
            state.policy.as_ref().map(|policy| policy.digest.clone()),
            days,
            at,
        );
    }
    let unchanged = move || deployed.read() == *chosen.read();
    let preview = paths::schedule(&registry);
    let not_created = (!configured).then(|| view! { <NotCreated registry=registry.clone() /> });
    let now = state.as_of;
    view! {
        <Card title="Choose">
            {configured.then(|| view! { <Deployed deployed now /> })}
            <ActionForm action=save>
                <div class="apply">
                    <input type="hidden" name="registry" value=registry />
                    <ScheduleFields days at now />
                    <Moves deployed chosen />
                    <div class="actions">
                        {configured.then(|| view! {
                            <Button
                                kind=ButtonKind::Submit
                                variant=Variant::Primary
                                busy=save.pending()
                                disabled=Signal::derive(move || alive.get() && (chosen.read().is_none() || unchanged()))
                            >
                                "Save schedule"
                            </Button>
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
            {move || save.value().get().and_then(Result::ok).map(|applied| view! {
                <Notice tone=Tone::Success title="The schedule is saved">
                    <PartOutcomes outcomes=applied.steps />
                </Notice>
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

/// Saving moves the time of day, which is easily overlooked.
#[component]
fn Moves(deployed: RwSignal<Option<Plan>>, chosen: Memo<Option<Plan>>) -> impl IntoView {
    let schedules = move || {
        let before = deployed.read().as_ref().and_then(Plan::schedule)?;
        let after = chosen.read().as_ref().and_then(Plan::schedule)?;
        is_moved(before, after).then_some((before, after))
    };
    move || {
        schedules().map(|(before, after)| {
            let text = format!(
                "Saving moves the time of day from {:02}:{:02} to {:02}:{:02} UTC.",
                before.hour(),
                before.minute(),
                after.hour(),
                after.minute()
            );
            view! { <Notice tone=Tone::Warning><p>{text}</p></Notice> }
        })
    }
}

fn is_moved(before: Schedule, after: Schedule) -> bool {
    (before.hour(), before.minute()) != (after.hour(), after.minute())
}
