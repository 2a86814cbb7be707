use super::editor::Editor;
use super::findings::FieldFindings;
use super::row::{Row, first_field};
use crate::ui::{Button, IconName, focus_next};
use drydock_domain::policy::document::Edit;
use drydock_domain::policy::{PolicyRepository, TagConvention};
use leptos::prelude::*;

/// The name of the list of repositories that the fields complete from.
pub const REPOSITORIES: &str = "policy-repositories";

/// The button that adds a row.
pub const ADD: &str = "add-repository";

/// The document as fields. They wait for the page to be alive, and for a text that can be read.
#[component]
pub fn PolicyForm(editor: Editor) -> impl IntoView {
    let readable = editor.readable;
    let rows = move || 0..editor.policy.with(|policy| policy.repositories.len());
    let names = editor.inventory.with_value(|inventory| {
        let names = inventory.repositories.keys().cloned();
        names
            .map(|name| view! { <option value=name></option> })
            .collect_view()
    });
    view! {
        <p class="muted" hidden=move || readable.get()>
            "The text cannot be read at the moment; the fields wait for it."
        </p>
        <fieldset class="policy-form" disabled=move || !(editor.alive.get() && readable.get())>
            <legend class="visually-hidden">"Policy"</legend>
            <datalist id=REPOSITORIES>{names}</datalist>
            <Convention editor />
            <ol class="policy-rows" role="list">
                <For each=rows key=|row| *row let:row>
                    <Row editor row />
                </For>
            </ol>
            <FieldFindings editor findings=editor.findings_at("/repositories".to_owned(), false) />
            <div class="actions">
                <Button icon=IconName::Registry attr:id=ADD on:click=move |_| add(editor)>
                    "Add a repository"
                </Button>
            </div>
        </fieldset>
    }
}

/// Adds the first repository of the registry that the policy does not have; who pressed goes on in the
/// new row.
fn add(editor: Editor) {
    let missing = editor.inventory.with_value(|inventory| {
        let missing = inventory.repositories.keys().find(|name| {
            editor.policy.with_untracked(|policy| {
                !policy
                    .repositories
                    .iter()
                    .any(|row| row.repository == **name)
            })
        });
        missing.cloned()
    });
    editor.edit(&Edit::Add(PolicyRepository {
        repository: missing.unwrap_or_default(),
        tags: vec!["*".to_owned()],
        enabled: true,
    }));
    let n_rows = editor
        .policy
        .with_untracked(|policy| policy.repositories.len());
    if let Some(last) = n_rows.checked_sub(1) {
        focus_next(first_field(last));
    }
}

#[component]
fn Convention(editor: Editor) -> impl IntoView {
    let chosen = move || {
        editor
            .policy
            .with(|policy| policy.convention.unwrap_or_default())
    };
    let choice = move |convention: TagConvention| {
        let (label, example, words) = words(convention);
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name="convention"
                    value=convention.as_str()
                    prop:checked=move || chosen() == convention
                    checked=move || chosen() == convention
                    on:change=move |_| editor.edit(&Edit::Convention(Some(convention)))
                />
                <span>
                    <strong>{label}</strong>
                    <span class="example"><code>{example}</code></span>
                    <span class="muted">{words}</span>
                </span>
            </label>
        }
    };
    view! {
        <fieldset class="choices">
            <legend>"Names of patches"</legend>
            {TagConvention::ALL.map(choice).collect_view()}
            <FieldFindings editor findings=editor.findings_at("/tag-convention".to_owned(), false) />
        </fieldset>
    }
}

fn words(convention: TagConvention) -> (&'static str, &'static str, &'static str) {
    match convention {
        TagConvention::Incremental => (
            "Incremental",
            "3.11 → 3.11-1 → 3.11-2",
            "Each patch has a tag of its own; you choose when to move on.",
        ),
        TagConvention::Floating => (
            "Floating",
            "3.11 → 3.11-patched",
            "One tag that every patch moves; whoever pulls it has the newest.",
        ),
    }
}
