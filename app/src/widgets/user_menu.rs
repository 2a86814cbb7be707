use crate::api::console::{ConsoleFacts, SetLook, set_look};
use crate::paths;
use crate::state::look::{DENSITY, Look, SHORTCUTS, THEME, use_shortcuts};
use crate::state::zone::use_zone;
use crate::ui::{Button, ButtonKind, Choice, Icon, IconName, Menu, Variant, after_paint};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;

/// Who is signed in, what the console looks like here, and the way out. A disclosure that needs no
/// JavaScript.
#[component]
pub fn UserMenu(facts: ConsoleFacts) -> impl IntoView {
    let actor = facts.actor.clone();
    let summary = move || {
        view! {
            <Icon name=IconName::Person />
            <span class="menu-label">{actor.clone()}</span>
        }
    };
    let zone = use_zone();
    let schedule = match facts.registries.as_slice() {
        [first, ..] => Some(paths::schedule(&first.name) + "#times"),
        [] => None,
    };
    view! {
        <Menu summary>
            <p>
                <strong>{facts.actor}</strong>
                <span class="muted">{facts.role.as_str()}</span>
            </p>
            <LookChoice look=&THEME chosen=RwSignal::new(THEME.chosen()) />
            <LookChoice look=&DENSITY chosen=RwSignal::new(DENSITY.chosen()) />
            <LookChoice look=&SHORTCUTS chosen=use_shortcuts().0 />
            <p class="menu-zone">
                <span class="muted">
                    "Times in " {move || zone.read().as_str().to_owned()}
                </span>
                {schedule.map(|href| view! { <a href=href>"Change"</a> })}
            </p>
            <form method="post" action=paths::SIGN_OUT>
                <Button kind=ButtonKind::Submit variant=Variant::Quiet>"Sign out"</Button>
            </form>
        </Menu>
    }
}

/// Shown at once and kept by the server; a plain form where the page is not alive.
#[component]
fn LookChoice(look: &'static Look, chosen: RwSignal<&'static str>) -> impl IntoView {
    let show = move |word| {
        chosen.set(word);
        after_paint(move || look.show(word));
    };
    let choose = move |word: &'static str| {
        let before = chosen.get_untracked();
        show(word);
        spawn_local(async move {
            // What could not be kept would be another at the next page.
            if set_look(look.name.to_owned(), word.to_owned())
                .await
                .is_err()
            {
                show(before);
            }
        });
    };
    view! {
        <form method="post" action=SetLook::url()>
            <input type="hidden" name="name" value=look.name />
            <Choice legend=look.legend name="word" options=look.words chosen choose />
        </form>
    }
}
