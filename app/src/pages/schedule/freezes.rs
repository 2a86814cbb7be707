use super::room::Room;
use crate::api::calendar::{CreateFreeze, DeleteFreeze};
use crate::format;
use crate::state::permission::denial;
use crate::ui::{Button, ButtonKind, Card, LongTime, Variant};
use crate::widgets::{ActionError, Permitted};
use drydock_domain::access::Operation;
use drydock_domain::calendar::KeptFreeze;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// Times in which nothing should change. Azure knows of none, and the page says so.
#[component]
pub fn Freezes(room: Room) -> impl IntoView {
    let lift = ServerAction::<DeleteFreeze>::new();
    Effect::new(move |_| {
        if let Some(Ok(id)) = lift.value().get() {
            room.facts
                .update(|facts| facts.freezes.retain(|kept| kept.id != id));
        }
    });
    let rows = move || {
        let facts = room.facts.read();
        let rows = facts.freezes.iter().map(|kept| freeze(room, kept, lift));
        rows.collect_view()
    };
    let empty = move || {
        room.facts.read().freezes.is_empty().then(|| {
            view! { <p class="muted">"None is declared for this registry."</p> }
        })
    };
    view! {
        <Card title="Freezes" subtitle="Times in which nothing should change.">
            <p>
                "Azure has no freeze: its timer runs all the same. What falls into one is marked on this \
                 page. To keep such a run from happening, save a schedule that leaves the time out, or \
                 cancel the run when it begins."
            </p>
            {empty}
            <ul class="lines" role="list">{rows}</ul>
            <ActionError value=lift.value() />
            <Declare room />
        </Card>
    }
}

fn freeze(
    room: Room,
    kept: &KeptFreeze,
    lift: ServerAction<DeleteFreeze>,
) -> impl IntoView + use<> {
    let freeze = kept.freeze.clone();
    let plan = room.chosen.get();
    let from = freeze.from().max(room.now());
    let inside = plan.map_or(0, |plan| plan.occurrences(from, freeze.to()).count() as u64);
    let runs = match inside {
        0 => "No planned run falls into it.".to_owned(),
        n => format!(
            "{} into it.",
            format::count(n, "planned run falls", "planned runs fall")
        ),
    };
    let label = format!("Lift the freeze {}", freeze.name());
    let id = kept.id.clone();
    view! {
        <li class="freeze">
            <div>
                <strong>{freeze.name().to_owned()}</strong>
                <span><LongTime at=freeze.from() /> " to " <LongTime at=freeze.to() /></span>
                <span class="muted">{runs}</span>
            </div>
            // Why not stands once, where a freeze is declared.
            {denial(Operation::ChangeFreezes).is_none().then(|| view! {
                <ActionForm action=lift>
                    <input type="hidden" name="registry" value=room.registry() />
                    <input type="hidden" name="id" value=id />
                    <Button kind=ButtonKind::Submit variant=Variant::Quiet attr:aria-label=label>"Lift"</Button>
                </ActionForm>
            })}
        </li>
    }
}

#[component]
fn Declare(room: Room) -> impl IntoView {
    let create = ServerAction::<CreateFreeze>::new();
    let form = NodeRef::<leptos::html::Div>::new();
    Effect::new(move |_| {
        if let Some(Ok(kept)) = create.value().get() {
            room.facts.update(|facts| {
                facts.freezes.push(kept);
                facts.freezes.sort_by_key(|kept| kept.freeze.from());
            });
            clear(form);
        }
    });
    let zone = move || room.zone.get().as_str().to_owned();
    let legend = move || format!("Declare a freeze, in {}", zone());
    let query = use_query_map();
    let given = move |name| query.read_untracked().get(name);
    let (from, to) = (given("freeze-from"), given("freeze-to"));
    view! {
        <ActionForm action=create>
            <input type="hidden" name="registry" value=room.registry() />
            <input type="hidden" name="zone" value=zone />
            <fieldset class="declare">
                <legend>{legend}</legend>
                <div class="declare-fields" node_ref=form>
                    <label for="freeze-name">"Name"</label>
                    <input
                        id="freeze-name"
                        name="name"
                        required=true
                        maxlength="80"
                        value=given("freeze")
                        autocomplete="off"
                    />
                    <label for="freeze-from">"From"</label>
                    <input id="freeze-from" name="from" type="datetime-local" required=true value=from />
                    <label for="freeze-to">"To"</label>
                    <input id="freeze-to" name="to" type="datetime-local" required=true value=to />
                </div>
                <Permitted operation=Operation::ChangeFreezes label="Declare freeze">
                    <Button kind=ButtonKind::Submit busy=create.pending()>"Declare freeze"</Button>
                </Permitted>
            </fieldset>
        </ActionForm>
        <ActionError value=create.value() />
    }
}

/// The fields are empty again for the next one.
fn clear(form: NodeRef<leptos::html::Div>) {
    #[cfg(target_arch = "wasm32")]
    if let Some(form) = form.get_untracked()
        && let Ok(Some(form)) = form.closest("form")
    {
        use wasm_bindgen::JsCast;
        form.unchecked_into::<web_sys::HtmlFormElement>().reset();
    }
    #[cfg(not(target_arch = "wasm32"))]
    let _ = form;
}
