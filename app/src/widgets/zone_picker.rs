use super::ActionError;
use crate::api::console::SetZone;
use crate::state::zone::{UTC, ZoneName, all_names, show, use_own_zone, use_zone};
use crate::ui::{Button, ButtonKind};
use leptos::form::ActionForm;
use leptos::prelude::*;

/// Chooses the zone that every page shows its instants in: UTC, the browser's own, or any other.
#[component]
pub fn ZonePicker() -> impl IntoView {
    let chosen = use_zone();
    let set_zone = ServerAction::<SetZone>::new();
    Effect::new(move |_| {
        if let Some(Ok(name)) = set_zone.value().get()
            && let Some(zone) = ZoneName::find(&name)
        {
            show(chosen, zone);
        }
    });
    let own = use_own_zone();
    let names = RwSignal::new(Vec::new());
    Effect::new(move |_| names.set(all_names()));
    let name = move || chosen.get().as_str().to_owned();
    let choice = move |zone: String| {
        let value = zone.clone();
        let label = zone.clone();
        view! {
            <button
                class="segment"
                name="zone"
                value=value
                aria-pressed=move || (chosen.read().as_str() == zone).to_string()
            >
                {label}
            </button>
        }
    };
    let options = move || {
        let names = names.get().into_iter();
        names
            .map(|name| view! { <option value=name></option> })
            .collect_view()
    };
    view! {
        <div class="zone-picker">
            <ActionForm action=set_zone>
                <fieldset class="choice">
                    <legend>"Times in"</legend>
                    <div class="segments">
                        {choice(UTC.to_owned())}
                        {move || {
                            let own = own.get().filter(|zone| !zone.is_utc());
                            own.map(|zone| choice(zone.as_str().to_owned()))
                        }}
                    </div>
                </fieldset>
            </ActionForm>
            <ActionForm action=set_zone>
                <div class="zone-other">
                    <label for="zone">"or any zone"</label>
                    <input
                        id="zone"
                        name="zone"
                        list="zones"
                        autocomplete="off"
                        spellcheck="false"
                        required=true
                        value=chosen.get_untracked().as_str().to_owned()
                        prop:value=name
                    />
                    <datalist id="zones">{options}</datalist>
                    <Button kind=ButtonKind::Submit busy=set_zone.pending()>"Show"</Button>
                </div>
            </ActionForm>
            <ActionError value=set_zone.value() />
        </div>
    }
}
