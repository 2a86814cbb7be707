use super::command::Place;
use crate::api::images::list_repositories;
use crate::error::ApiError;
use crate::paths;
use crate::state::permission::denial;
use drydock_domain::access::Operation;
use drydock_domain::console::Registry;
use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

pub const PALETTE: &str = "palette";
/// More are not listed: another letter finds sooner than a long list.
const MAX_SHOWN: usize = 12;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    label: String,
    kind: &'static str,
    href: String,
}

/// Finds a page, a registry or a repository by any part of its name, and a run by its id.
#[component]
pub fn Palette(
    registry: Signal<Option<String>>,
    registries: Vec<Registry>,
    /// What is looked for.
    text: RwSignal<String>,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let place = RwSignal::new(0_usize);
    let repositories = RwSignal::new((String::new(), Vec::<String>::new()));
    let failure = RwSignal::new(None::<ApiError>);
    let registries = StoredValue::new(registries);
    let all = Memo::new(move |_| {
        let registry = registry.get();
        registries.with_value(|registries| {
            entries(registry.as_deref(), registries, &repositories.read().1)
        })
    });
    let found = Memo::new(move |_| {
        let (all, text) = (all.read(), text.read());
        let mut found = matching(&all, &text);
        found.extend(run(registry.read().as_deref(), &text));
        found
    });
    let navigate = use_navigate();
    let open = move |entry: Entry| {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
        navigate(&entry.href, NavigateOptions::default());
    };
    let on_key = {
        let open = open.clone();
        move |event: KeyboardEvent| {
            let n = found.read_untracked().len();
            let here = place.get_untracked();
            match event.key().as_str() {
                "ArrowDown" if n > 0 => place.set((here + 1) % n),
                "ArrowUp" if n > 0 => place.set((here + n - 1) % n),
                "Enter" => {
                    if let Some(entry) = found.read_untracked().get(here).cloned() {
                        open(entry);
                    }
                }
                _ => return,
            }
            event.prevent_default();
        }
    };
    // The list of repositories is read when somebody begins to look for one.
    Effect::new(move |_| {
        if text.read().is_empty() {
            return;
        }
        place.set(0);
        let Some(name) = registry.get_untracked() else {
            failure.set(None);
            return;
        };
        if repositories.read_untracked().0 == name {
            return;
        }
        repositories.set((name.clone(), Vec::new()));
        spawn_local(async move {
            match list_repositories(name.clone()).await {
                Ok(found) => {
                    let names = found
                        .repositories
                        .into_iter()
                        .map(|summary| summary.repository);
                    repositories.try_set((name, names.collect()));
                    failure.try_set(None);
                }
                // The pages are found all the same; the next letter asks again.
                Err(error) => {
                    repositories.try_set((String::new(), Vec::new()));
                    failure.try_set(Some(error));
                }
            }
        });
    });
    let rows = move || {
        let rows = found.get().into_iter().enumerate().map(|(index, entry)| {
            let open = open.clone();
            let (label, kind) = (entry.label.clone(), entry.kind);
            view! {
                <li
                    role="option"
                    id=option_name(index)
                    aria-selected=move || (place.get() == index).to_string()
                    on:click=move |_| open(entry.clone())
                >
                    <span>{label}</span>
                    <span class="muted">{kind}</span>
                </li>
            }
        });
        rows.collect_view()
    };
    let active = move || (!found.read().is_empty()).then(|| option_name(place.get()));
    let missing = move || match failure.get() {
        Some(error) => Some(format!("Repositories are not among these: {error}")),
        None => (found.read().is_empty())
            .then(|| "Nothing has this in its name. Try a part of it.".to_owned()),
    };
    view! {
        <dialog class="palette" node_ref=dialog id=PALETTE aria-label="Go to">
            <input
                type="text"
                role="combobox"
                aria-label="Page, registry, repository or run"
                aria-expanded="true"
                aria-controls="palette-list"
                aria-autocomplete="list"
                aria-activedescendant=active
                autocomplete="off"
                spellcheck="false"
                placeholder="Page, registry, repository or run"
                autofocus=true
                prop:value=move || text.get()
                on:input=move |event| text.set(event_target_value(&event))
                on:keydown=on_key
            />
            <ul role="listbox" id="palette-list" aria-label="Found">{rows}</ul>
            <div role="status">{move || missing().map(|text| view! { <p class="muted">{text}</p> })}</div>
        </dialog>
    }
}

fn option_name(index: usize) -> String {
    format!("palette-option-{index}")
}

fn entries(registry: Option<&str>, registries: &[Registry], repositories: &[String]) -> Vec<Entry> {
    let may_see = |place: &Place| *place != Place::Audit || denial(Operation::ReadAudit).is_none();
    let pages = Place::ALL.into_iter().filter(may_see).filter_map(|place| {
        Some(Entry {
            label: place.label().to_owned(),
            kind: "page",
            href: place.href(registry)?,
        })
    });
    let all = Entry {
        label: "All registries".to_owned(),
        kind: "page",
        href: paths::REGISTRIES.to_owned(),
    };
    let registries = registries.iter().map(|registry| Entry {
        label: registry.name.clone(),
        kind: "registry",
        href: paths::overview(&registry.name),
    });
    let repositories = repositories.iter().map(|name| Entry {
        label: name.clone(),
        kind: "repository",
        href: paths::lineage(registry.unwrap_or_default(), name),
    });
    pages
        .chain([all])
        .chain(registries)
        .chain(repositories)
        .collect()
}

/// The run of which the text can be the id: two letters, then letters and digits. Whether there is one
/// its page says; the list of runs is long, and Azure keeps older ones that are not on it.
fn run(registry: Option<&str>, text: &str) -> Option<Entry> {
    let id = text.trim();
    let is_word = (3..=16).contains(&id.len()) && id.bytes().all(|it| it.is_ascii_alphanumeric());
    let begins = id.bytes().take(2).all(|it| it.is_ascii_lowercase());
    let has_digit = id.bytes().any(|it| it.is_ascii_digit());
    (is_word && begins && has_digit).then_some(Entry {
        label: format!("Run {id}"),
        kind: "if there is one",
        href: paths::run(registry?, id),
    })
}

/// Entries with every word of the text in their name, those that begin with it first.
fn matching(all: &[Entry], text: &str) -> Vec<Entry> {
    let text = text.trim().to_ascii_lowercase();
    let is_found = |entry: &&Entry| {
        let label = entry.label.to_ascii_lowercase();
        text.split_ascii_whitespace()
            .all(|word| label.contains(word))
    };
    let mut found: Vec<&Entry> = all.iter().filter(is_found).collect();
    found.sort_by_key(|entry| !entry.label.to_ascii_lowercase().starts_with(&text));
    found.into_iter().take(MAX_SHOWN).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_part_of_a_name_finds_it_and_its_beginning_finds_it_first() {
        let repositories = ["web/api", "api/web", "db"].map(str::to_owned);
        let all = entries(Some("harbour"), &[], &repositories);
        let labels = |text: &str| -> Vec<String> {
            let found = matching(&all, text);
            found.into_iter().map(|entry| entry.label).collect()
        };
        assert_eq!(labels("api"), ["api/web", "web/api"]);
        assert_eq!(labels("WEB a"), ["web/api", "api/web"]);
        assert_eq!(labels("dry"), ["Dry run"]);
        assert!(labels("nothing").is_empty());
        assert_eq!(labels("").len(), Place::ALL.len() + 1 + repositories.len());
        let href = matching(&all, "web/api")[0].href.clone();
        assert_eq!(href, "/registries/harbour/images/web/api");
    }

    #[test]
    fn a_run_is_found_by_its_id() {
        let check = |text: &str, expected: Option<&str>| {
            let found = run(Some("harbour"), text).map(|entry| entry.href);
            assert_eq!(found.as_deref(), expected, "{text}");
        };
        check("ca12", Some("/registries/harbour/runs/ca12"));
        check(" dt2rw ", Some("/registries/harbour/runs/dt2rw"));
        for text in ["", "ca", "runs", "1.0", "web/a1", "12", "ca 12"] {
            check(text, None);
        }
        assert_eq!(run(None, "ca12"), None);
    }
}
