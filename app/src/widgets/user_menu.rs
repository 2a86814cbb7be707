use crate::api::console::{ConsoleFacts, SetDensity, SetShortcuts, SetTheme};
use crate::paths;
use crate::state::density::{self, Density};
use crate::state::shortcuts::{self, Shortcuts, use_shortcuts};
use crate::state::theme::{self, Theme};
use crate::state::zone::use_zone;
use crate::ui::{Button, ButtonKind, Choice, Icon, IconName, Menu, Variant};
use leptos::form::ActionForm;
use leptos::prelude::*;

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
            <ThemeChoice initial=facts.theme />
            <DensityChoice />
            <ShortcutsChoice />
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

#[component]
fn ThemeChoice(initial: Theme) -> impl IntoView {
    let set_theme = ServerAction::<SetTheme>::new();
    let chosen = move || match set_theme.value().get() {
        Some(Ok(theme)) => theme,
        Some(Err(_)) | None => initial,
    };
    Effect::new(move |_| {
        if let Some(Ok(theme)) = set_theme.value().get() {
            theme::show(theme);
        }
    });
    let options = Theme::ALL.map(|theme| (theme.as_str(), theme.label()));
    let chosen = Signal::derive(move || chosen().as_str());
    view! {
        <ActionForm action=set_theme>
            <Choice legend="Theme" name="theme" options=options.into() chosen />
        </ActionForm>
    }
}

#[component]
fn DensityChoice() -> impl IntoView {
    let set_density = ServerAction::<SetDensity>::new();
    let initial = density::chosen();
    let chosen = move || match set_density.value().get() {
        Some(Ok(density)) => density,
        Some(Err(_)) | None => initial,
    };
    Effect::new(move |_| {
        if let Some(Ok(density)) = set_density.value().get() {
            density::show(density);
        }
    });
    let options = Density::ALL.map(|density| (density.as_str(), density.label()));
    let chosen = Signal::derive(move || chosen().as_str());
    view! {
        <ActionForm action=set_density>
            <Choice legend="Density" name="density" options=options.into() chosen />
        </ActionForm>
    }
}

#[component]
fn ShortcutsChoice() -> impl IntoView {
    let set_shortcuts = ServerAction::<SetShortcuts>::new();
    let kept = use_shortcuts();
    Effect::new(move |_| {
        if let Some(Ok(chosen)) = set_shortcuts.value().get() {
            shortcuts::show(kept, chosen);
        }
    });
    let options = Shortcuts::ALL.map(|shortcuts| (shortcuts.as_str(), shortcuts.label()));
    let chosen = Signal::derive(move || kept.get().as_str());
    view! {
        <ActionForm action=set_shortcuts>
            <Choice legend="Single-key shortcuts" name="shortcuts" options=options.into() chosen />
        </ActionForm>
    }
}
