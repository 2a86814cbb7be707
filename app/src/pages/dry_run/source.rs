use super::DryRun;
use crate::state::draft;
use crate::ui::{Notice, Tone};
use leptos::prelude::*;

/// Which text is tried: the deployed policy, or the draft of this tab where there is one.
#[component]
pub fn SourceChoice(
    dry_run: DryRun,
    deployed: Option<String>,
    /// The address carries the text itself.
    given: bool,
) -> impl IntoView {
    let deployed = StoredValue::new(deployed);
    let draft = RwSignal::new(None::<String>);
    Effect::new(move |_| {
        let found = draft::find(&dry_run.registry()).map(|draft| draft.text);
        let other = found.filter(|text| {
            !text.trim().is_empty()
                && deployed.with_value(|deployed| deployed.as_ref() != Some(text))
        });
        if let Some(text) = other.filter(|_| !given) {
            dry_run.text.set(text.clone());
            draft.set(Some(text));
        }
    });
    let is_draft = move || draft.with(|draft| draft.as_ref() == Some(&*dry_run.text.read()));
    let choice = move |text: String, label: &'static str, pressed: bool| {
        view! {
            <button
                class="segment"
                type="button"
                aria-pressed=pressed.to_string()
                on:click=move |_| dry_run.text.set(text.clone())
            >
                {label}
            </button>
        }
    };
    let choices = move || {
        let draft = draft.get()?;
        let is_draft = is_draft();
        let deployed = deployed
            .get_value()
            .map(|text| choice(text, "Deployed policy", !is_draft));
        Some(view! {
            <div class="source">
                <span id="dry-run-source">"Policy that is tried"</span>
                <div class="segments" role="group" aria-labelledby="dry-run-source">
                    {choice(draft, "Draft of this tab", is_draft)}
                    {deployed}
                </div>
            </div>
        })
    };
    view! {
        {choices}
        {given.then(|| view! {
            <Notice tone=Tone::Info>
                <p>"This is the dry run of the text that was sent with the form. It is not deployed."</p>
            </Notice>
        })}
    }
}
