use super::room::Room;
use crate::api::calendar::{CreateFeed, DeleteFeed};
use crate::paths;
use crate::state::permission::denial;
use crate::ui::{Button, ButtonKind, Card, CodeBlock, Notice, Time, Tone, Variant};
use crate::widgets::{ActionError, Permitted};
use drydock_domain::access::Operation;
use leptos::form::ActionForm;
use leptos::prelude::*;

/// The planned runs for calendar programs: as a file, and by links that can be revoked.
#[component]
pub fn Feed(room: Room) -> impl IntoView {
    let revoke = ServerAction::<DeleteFeed>::new();
    Effect::new(move |_| {
        if let Some(Ok(id)) = revoke.value().get() {
            room.facts
                .update(|facts| facts.feeds.retain(|link| link.id != id));
        }
    });
    // Why not stands once, where a link is made.
    let may_share = denial(Operation::ShareCalendar).is_none();
    let rows = move || {
        let facts = room.facts.read();
        let rows = facts.feeds.clone().into_iter().map(|link| {
            view! {
                <li class="freeze">
                    <span>"Link made " <Time at=link.created_at /></span>
                    {may_share.then(|| view! {
                        <ActionForm action=revoke>
                            <input type="hidden" name="registry" value=room.registry() />
                            <input type="hidden" name="id" value=link.id />
                            <Button kind=ButtonKind::Submit variant=Variant::Quiet>"Revoke"</Button>
                        </ActionForm>
                    })}
                </li>
            }
        });
        rows.collect_view()
    };
    let file = paths::feed(&room.registry());
    view! {
        <Card title="In your calendar" subtitle="The planned runs as iCalendar.">
            <p>
                <a href=file rel="external" download="schedule.ics">"Download schedule.ics"</a>
                ", as it is planned now. A calendar program that should follow the schedule needs a link: \
                 whoever has it reads the planned times of this registry, and nothing else."
            </p>
            <ul class="lines" role="list">{rows}</ul>
            <ActionError value=revoke.value() />
            <Make room />
        </Card>
    }
}

/// Makes a link and shows it once; without JavaScript there would be nowhere to show it.
#[component]
fn Make(room: Room) -> impl IntoView {
    let make = ServerAction::<CreateFeed>::new();
    let alive = RwSignal::new(false);
    Effect::new(move |_| alive.set(true));
    let made = move || {
        let path = make.value().get().and_then(Result::ok)?;
        let address = origin() + &path;
        Some(view! {
            <Notice tone=Tone::Success title="The link is made">
                <p>"Copy it now: it is not shown again."</p>
                <CodeBlock text=address label="calendar link" />
            </Notice>
        })
    };
    view! {
        <div hidden=move || !alive.get()>
            <ActionForm action=make>
                <input type="hidden" name="registry" value=room.registry() />
                <Permitted operation=Operation::ShareCalendar label="Make a calendar link">
                    <Button kind=ButtonKind::Submit busy=make.pending()>"Make a calendar link"</Button>
                </Permitted>
            </ActionForm>
        </div>
        {made}
        <ActionError value=make.value() />
    }
}

/// Where this page was loaded from; empty on the server, which never shows a link.
fn origin() -> String {
    #[cfg(target_arch = "wasm32")]
    let origin = window().location().origin().unwrap_or_default();
    #[cfg(not(target_arch = "wasm32"))]
    let origin = String::new();
    origin
}
