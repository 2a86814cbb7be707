use super::editor::Editor;
use super::findings::FieldFindings;
use super::form::{ADD, REPOSITORIES};
use crate::format;
use crate::ui::{Button, Icon, IconName, Variant, focus_next};
use drydock_domain::policy::document::{Edit, split_tags};
use drydock_domain::policy::{Policy, PolicyRepository};
use drydock_domain::selection::select;
use drydock_domain::tag::{TagKind, kind};
use leptos::prelude::*;

/// Tags that a field offers: more are not looked through.
const COMPLETIONS: usize = 40;

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
    let repository = first_field(row);
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
                    on:click=move |_| remove(editor, row)
                >
                    <Icon name=IconName::Cross />
                </button>
            </div>
            <div id=error>
                <FieldFindings editor findings=editor.findings_at(format!("/repositories/{row}/repository"), true) />
            </div>
            <Tags editor row value />
            <FieldFindings editor findings=editor.findings_at(format!("/repositories/{row}"), false) />
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

/// The element's name.
pub fn first_field(row: usize) -> String {
    format!("repository-{row}")
}

/// Who pressed goes on in the row that takes this one's place, or at the button that adds one.
fn remove(editor: Editor, row: usize) {
    editor.edit(&Edit::Remove { row });
    let n_rows = editor
        .policy
        .with_untracked(|policy| policy.repositories.len());
    focus_next(match row < n_rows {
        true => first_field(row),
        false => ADD.to_owned(),
    });
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
    let (error, list) = (format!("{id}-error"), format!("{id}-list"));
    // What `*` has just taken the place of.
    let replaced = RwSignal::new(Vec::<String>::new());
    let choose = move |tags: Vec<String>| {
        let is_all = |tags: &[String]| tags.iter().any(|tag| tag == "*");
        let tags = match is_all(&tags) {
            true => {
                let named = tags.into_iter().filter(|tag| tag != "*");
                let before = named.chain(typed.with_untracked(|typed| split_tags(typed)));
                let mut named: Vec<String> = before.filter(|tag| tag != "*").collect();
                named.sort_unstable();
                named.dedup();
                replaced.set(named);
                vec!["*".to_owned()]
            }
            false => {
                replaced.set(Vec::new());
                tags
            }
        };
        editor.edit(&Edit::Tags { row, tags });
    };
    let choose_all = move |event| {
        // Switched off again, the tags that were named come back.
        match event_target_checked(&event) {
            true => {
                typed.set(untrack(text));
                choose(vec!["*".to_owned()]);
            }
            false => choose(split_tags(&typed.get_untracked())),
        }
    };
    let put_back = move |_| {
        let tags = replaced.get_untracked();
        typed.set(tags.join(" "));
        choose(tags);
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
                list=list.clone()
                autocomplete="off"
                spellcheck="false"
                placeholder="3.11 3.12"
                aria-describedby=error.clone()
                disabled=move || all.get()
                value=untrack(text)
                prop:value=text
                on:input=move |event| {
                    let field = event_target_value(&event);
                    let tags = split_tags(&field);
                    if !tags.iter().any(|tag| tag == "*") {
                        typed.set(field);
                    }
                    choose(tags);
                }
            />
            <datalist id=list>{move || completions(editor, value, &text())}</datalist>
            {move || {
                let named = replaced.get();
                (all.get() && !named.is_empty()).then(|| view! {
                    <p class="replaced" role="status">
                        <span>"All tags: this takes the place of " {named.join(", ")} "."</span>
                        <Button variant=Variant::Quiet on:click=put_back>"Undo"</Button>
                    </p>
                })
            }}
            <div id=error>
                <FieldFindings editor findings=editor.findings_at(format!("/repositories/{row}/tags"), true) />
            </div>
        </div>
    }
}

/// What the field may become: what stands in it, with one more tag of the repository.
fn completions(
    editor: Editor,
    value: Memo<Option<PolicyRepository>>,
    field: &str,
) -> impl IntoView + use<> {
    let begun = !field.is_empty() && !field.ends_with(' ');
    let (before, word) = match field.rsplit_once(' ') {
        Some((before, word)) => (format!("{before} "), word),
        None => (String::new(), field),
    };
    let named = split_tags(field);
    let options = editor.inventory.with_value(|all| {
        let tags = value.with(|value| {
            let row = value.as_ref();
            row.map_or(&[][..], |row| all.tags(&row.repository))
        });
        let fits = |name: &str| {
            kind(name) == TagKind::Original
                && !named.iter().any(|tag| tag == name)
                && (!begun || name.starts_with(word))
        };
        let fitting = tags.iter().filter(|tag| fits(&tag.name)).take(COMPLETIONS);
        fitting
            .map(|tag| format!("{before}{}", tag.name))
            .collect::<Vec<_>>()
    });
    let options = options.into_iter();
    options
        .map(|value| view! { <option value=value></option> })
        .collect_view()
}

/// What the page knows of a row's repository.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    There,
    Missing,
    Outside,
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
        let known = match (is_known, found.outside.is_empty()) {
            (_, false) => Known::Outside,
            (true, true) => Known::There,
            (false, true) => Known::Missing,
        };
        Some((known, found.matches() as u64, found.not_found))
    });
    move || {
        let (known, n, missing) = matches.get().filter(|_| editor.readable.get())?;
        let text = match known {
            Known::Missing => "no such repository in the registry".to_owned(),
            Known::Outside => "outside your access: what it matches is not counted here".to_owned(),
            Known::There => format!("matches {} now", format::count(n, "image", "images")),
        };
        let missing = (known == Known::There && !missing.is_empty()).then(|| {
            let names: Vec<_> = missing.into_iter().map(|missing| missing.tag).collect();
            format!("; not found: {}", names.join(", "))
        });
        Some(view! { <span class="muted">{text}{missing}</span> })
    }
}
