use crate::api::console::{ConsoleFacts, SetTheme};
use crate::paths;
use crate::state::theme::{Theme, show};
use crate::ui::{Button, ButtonKind, Icon, IconName, Menu, Variant};
use leptos::form::ActionForm;
use leptos::prelude::*;

/// Who is signed in, the theme, and the way out. A disclosure that needs no JavaScript.
#[component]
pub fn UserMenu(facts: ConsoleFacts) -> impl IntoView {
    let set_theme = ServerAction::<SetTheme>::new();
    let chosen = move || match set_theme.value().get() {
        Some(Ok(theme)) => theme,
        Some(Err(_)) | None => facts.theme,
    };
    Effect::new(move |_| {
        if let Some(Ok(theme)) = set_theme.value().get() {
            show(theme);
        }
    });
    let choice = move |theme: Theme| {
        view! {
            <button
                class="segment"
                name="theme"
                value=theme.as_str()
                aria-pressed=move || (chosen() == theme).to_string()
            >
                {theme.label()}
            </button>
        }
    };
    let actor = facts.actor.clone();
    let summary = move || {
        view! {
            <Icon name=IconName::Person />
            <span class="menu-label">{actor.clone()}</span>
        }
    };
    view! {
        <Menu summary>
            <p>
                <strong>{facts.actor}</strong>
                <span class="muted">{facts.role.as_str()}</span>
            </p>
            <ActionForm action=set_theme>
                <fieldset class="theme-choice">
                    <legend>"Theme"</legend>
                    <div class="segments">{Theme::ALL.map(choice).collect_view()}</div>
                </fieldset>
            </ActionForm>
            <form method="post" action=paths::SIGN_OUT>
                <Button kind=ButtonKind::Submit variant=Variant::Quiet>"Sign out"</Button>
            </form>
        </Menu>
    }
}
