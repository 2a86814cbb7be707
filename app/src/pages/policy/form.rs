use super::edit::Edit;
use super::editor::Editor;
use super::findings::FieldFindings;
use super::row::Row;
use crate::ui::{Button, IconName};
use drydock_domain::policy::{PolicyRepository, TagConvention};
use leptos::prelude::*;

/// The name of the list of repositories that the fields complete from.
pub const REPOSITORIES: &str = "policy-repositories";

/// The document as fields. They wait for the page to be alive, and for a text that can be read.
#[component]
pub fn PolicyForm(editor: Editor) -> impl IntoView {
    let readable = move || {
        editor
            .check
            .with(|check| check.policy.is_some() || editor.text.with(|text| text.trim().is_empty()))
    };
    let rows = move || 0..editor.policy.with(|policy| policy.repositories.len());
    let names = editor.inventory.with_value(|inventory| {
        let names = inventory.0.keys().cloned();
        names
            .map(|name| view! { <option value=name></option> })
            .collect_view()
    });
    view! {
        <noscript>
            <p class="muted">"These fields need JavaScript. The JSON does all that they do."</p>
        </noscript>
        <p class="muted" hidden=readable>
            "The text cannot be read at the moment; the fields wait for it."
        </p>
        <fieldset class="policy-form" disabled=move || !(editor.alive.get() && readable())>
            <legend class="visually-hidden">"Policy"</legend>
            <datalist id=REPOSITORIES>{names}</datalist>
            <Convention editor />
            <ol class="policy-rows" role="list">
                <For each=rows key=|row| *row let:row>
                    <Row editor row />
                </For>
            </ol>
            <FieldFindings findings=editor.findings_at("/repositories".to_owned(), false) />
            <div class="actions">
                <Button icon=IconName::Registry on:click=move |_| add(editor)>
                    "Add a repository"
                </Button>
            </div>
        </fieldset>
    }
}

/// Adds the first repository of the registry that the policy does not have.
fn add(editor: Editor) {
    let missing = editor.inventory.with_value(|inventory| {
        let missing = inventory.0.keys().find(|name| {
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
                    on:change=move |_| editor.edit(&Edit::Convention(convention))
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
            <FieldFindings findings=editor.findings_at("/tag-convention".to_owned(), false) />
            <Switched editor />
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

/// A policy that changes its convention loses sight of the patches that were made before.
#[component]
fn Switched(editor: Editor) -> impl IntoView {
    let before = move || {
        let deployed = editor
            .deployed
            .with(|text| drydock_domain::policy::check(text).policy);
        deployed.map(|policy| policy.convention.unwrap_or_default())
    };
    let before = Memo::new(move |_| before());
    move || {
        let now = editor
            .policy
            .with(|policy| policy.convention.unwrap_or_default());
        before.get().filter(|before| *before != now).map(|before| {
            let ending = match before {
                TagConvention::Incremental => "-1, -2, …",
                TagConvention::Floating => "-patched",
            };
            view! {
                <p class="muted">
                    "Patches that end in " <code>{ending}</code>
                    " stay in the registry, and the next run does not see them: it begins anew from \
                     the originals."
                </p>
            }
        })
    }
}
