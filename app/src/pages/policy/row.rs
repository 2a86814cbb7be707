use super::edit::{Edit, split_tags};
use super::editor::Editor;
use super::findings::FieldFindings;
use super::form::REPOSITORIES;
use crate::format;
use crate::ui::{Icon, IconName};
use drydock_domain::policy::{Policy, PolicyRepository};
use drydock_domain::selection::select;
use leptos::prelude::*;

/// One repository of the policy, with what it selects now.
#[component]
pub fn Row(editor: Editor, row: usize) -> impl IntoView {
    let value = Memo::new(move |_| {
        editor
            .policy
            .with(|policy| policy.repositories.get(row).cloned())
    });
    let name = move || value.with(|value| value.as_ref().map(|value| value.repository.clone()));
    let label = move || match name().filter(|name| !name.is_empty()) {
        Some(name) => format!("Remove {name}"),
        None => format!("Remove row {}", row + 1),
    };
    let repository = format!("repository-{row}");
    let error = format!("{repository}-error");
    view! {
        <li class="policy-row" data-off=move || (!is_enabled(value)).then_some("true")>
            <div class="policy-row-head">
                <div class="field">
                    <label for=repository.clone()>"Repository"</label>
                    <input
                        id=repository
                        list=REPOSITORIES
                        autocomplete="off"
                        spellcheck="false"
                        aria-describedby=error.clone()
                        value=untrack(name)
                        prop:value=move || name().unwrap_or_default()
                        on:input=move |event| {
                            let name = event_target_value(&event);
                            editor.edit(&Edit::Repository { row, name });
                        }
                    />
                </div>
                <button
                    class="icon-button"
                    type="button"
                    aria-label=label
                    title="Remove"
                    on:click=move |_| editor.edit(&Edit::Remove { row })
                >
                    <Icon name=IconName::Cross />
                </button>
            </div>
            <div id=error>
                <FieldFindings findings=editor.findings_at(format!("/repositories/{row}/repository"), true) />
            </div>
            <Tags editor row value />
            <FieldFindings findings=editor.findings_at(format!("/repositories/{row}"), false) />
            <div class="policy-row-foot">
                <label class="check">
                    <input
                        type="checkbox"
                        role="switch"
                        checked=move || is_enabled(value)
                        prop:checked=move || is_enabled(value)
                        on:change=move |event| {
                            let enabled = event_target_checked(&event);
                            editor.edit(&Edit::Enabled { row, enabled });
                        }
                    />
                    "Enabled"
                </label>
                <Matches editor value />
            </div>
        </li>
    }
}

fn is_enabled(value: Memo<Option<PolicyRepository>>) -> bool {
    value.with(|value| value.as_ref().is_none_or(|value| value.enabled))
}

/// All tags, or those that the field names. The field keeps what is being typed, as long as it means
/// what the document says.
#[component]
fn Tags(editor: Editor, row: usize, value: Memo<Option<PolicyRepository>>) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let tags = Memo::new(move |_| {
        value.with(|value| {
            value
                .as_ref()
                .map(|value| value.tags.clone())
                .unwrap_or_default()
        })
    });
    let all = Memo::new(move |_| tags.with(|tags| matches!(tags.as_slice(), [tag] if tag == "*")));
    let text = move || {
        tags.with(|tags| {
            typed.with(|typed| match split_tags(typed) == *tags {
                true => typed.clone(),
                false => tags.join(" "),
            })
        })
    };
    let id = format!("tags-{row}");
    let error = format!("{id}-error");
    let choose_all = move |event| {
        let tags = match event_target_checked(&event) {
            true => {
                // Switched off again, the tags that were named come back.
                typed.set(untrack(text));
                vec!["*".to_owned()]
            }
            false => split_tags(&typed.get_untracked()),
        };
        editor.edit(&Edit::Tags { row, tags });
    };
    view! {
        <div class="field">
            <div class="policy-row-tags">
                <label for=id.clone()>"Tags"</label>
                <label class="check">
                    <input
                        type="checkbox"
                        checked=move || all.get()
                        prop:checked=move || all.get()
                        on:change=choose_all
                    />
                    "All tags"
                </label>
            </div>
            <input
                id=id
                autocomplete="off"
                spellcheck="false"
                placeholder="3.11 3.12"
                aria-describedby=error.clone()
                disabled=move || all.get()
                value=untrack(text)
                prop:value=text
                on:input=move |event| {
                    typed.set(event_target_value(&event));
                    let tags = split_tags(&typed.get_untracked());
                    editor.edit(&Edit::Tags { row, tags });
                }
            />
            <div id=error>
                <FieldFindings findings=editor.findings_at(format!("/repositories/{row}/tags"), true) />
            </div>
        </div>
    }
}

/// How many images this row alone selects, whether it is switched on or not.
#[component]
fn Matches(editor: Editor, value: Memo<Option<PolicyRepository>>) -> impl IntoView {
    let convention = Memo::new(move |_| editor.policy.with(|policy| policy.convention));
    let matches = Memo::new(move |_| {
        let row = value.get().map(|row| PolicyRepository {
            enabled: true,
            ..row
        })?;
        let is_known = editor
            .inventory
            .with_value(|all| all.listing(&row.repository).is_some());
        let alone = Policy {
            convention: convention.get(),
            repositories: vec![row],
        };
        let found = editor.inventory.with_value(|all| select(&alone, all));
        Some((is_known, found.matches() as u64, found.not_found))
    });
    move || {
        let (is_known, n, missing) = matches.get()?;
        let text = match (is_known, n) {
            (false, _) => "no such repository in the registry".to_owned(),
            (true, n) => format!("matches {} now", format::count(n, "image", "images")),
        };
        let missing = (is_known && !missing.is_empty()).then(|| {
            let names: Vec<_> = missing.into_iter().map(|missing| missing.tag).collect();
            format!("; not found: {}", names.join(", "))
        });
        Some(view! { <span class="muted">{text}{missing}</span> })
    }
}
