use super::export::{Format, save};
use super::filter::WORDS;
use super::{DryRun, model};
use crate::format;
use crate::ui::{Button, ButtonKind, IconName, QueryForm};
use crate::widgets::Ignored;
use drydock_domain::verdict::Verdict;
use leptos::prelude::*;

/// Counts for each verdict, which are links, and a search; all of it in the address.
#[component]
pub fn Filters(dry_run: DryRun, counts: Memo<Vec<(Verdict, u64)>>) -> impl IntoView {
    let chips = move || {
        let filter = dry_run.filter.get();
        let path = dry_run.path();
        let counts = counts.get();
        let total = counts.iter().map(|(_, n)| n).sum();
        let chip = move |verdict: Option<Verdict>, n: u64| {
            let current = (filter.verdict == verdict).then_some("true");
            let label = verdict.map_or("all", Verdict::label);
            let href = filter.for_verdict(&path, verdict);
            view! {
                <li>
                    <a class="chip" href=href aria-current=current>
                        <span>{label}</span>
                        <span class="numbers">{format::thousands(n)}</span>
                    </a>
                </li>
            }
        };
        let each = counts
            .into_iter()
            .map(|(verdict, n)| chip(Some(verdict), n))
            .collect_view();
        view! { {chip(None, total)} {each} }
    };
    view! {
        <div class="filters">
            <nav aria-label="Verdicts">
                <ul class="chips" role="list">{chips}</ul>
            </nav>
            <Search dry_run />
            <Ignored parameters=&WORDS />
        </div>
    }
}

#[component]
fn Search(dry_run: DryRun) -> impl IntoView {
    let filter = dry_run.filter;
    let names = dry_run.known.with_value(|known| {
        known
            .inventory
            .repositories
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    });
    let options = names.into_iter().map(move |name| {
        let value = name.clone();
        let selected = move || filter.read().repository == value;
        view! { <option value=name.clone() selected=selected>{name.clone()}</option> }
    });
    let verdict = move || filter.read().verdict.map_or("", Verdict::as_str);
    view! {
            <div class="search">
    <QueryForm action=dry_run.path()>
                    <Carried dry_run />
                    <input type="hidden" name="verdict" value=verdict />
                    <select name="repository" aria-label="Repository">
                        <option value="">"All repositories"</option>
                        {options.collect_view()}
                    </select>
                    <input
                        type="search"
                        name="text"
                        aria-label="Part of a name"
                        placeholder="Part of a name"
                        value=filter.get_untracked().text
                        prop:value=move || filter.read().text.clone()
                    />
                    <Button kind=ButtonKind::Submit>"Filter"</Button>
                </QueryForm>
                <Export dry_run />
            </div>
        }
}

/// What of the address a form of the page carries along.
#[component]
pub fn Carried(dry_run: DryRun) -> impl IntoView {
    move || {
        let carried = dry_run.filter.read().carried().into_iter();
        let field = |(name, value)| view! { <input type="hidden" name=name value=value /> };
        carried.map(field).collect_view()
    }
}

/// The filtered lines as a file, made in the browser.
#[component]
fn Export(dry_run: DryRun) -> impl IntoView {
    let alive = RwSignal::new(false);
    Effect::new(move |_| alive.set(true));
    let export = move |format: Format| {
        let lines = dry_run.known.with_value(|known| {
            let filter = dry_run.filter.get_untracked();
            dry_run.text.with_untracked(|text| {
                let inspection = dry_run.inspection.read_untracked();
                model::all_lines(text, known, &filter, inspection.as_ref())
            })
        });
        let title = format!("Dry run of {}", dry_run.registry());
        save(format, &format.write(&title, &lines));
    };
    view! {
        <span class="export" hidden=move || !alive.get()>
            <Button icon=IconName::Download on:click=move |_| export(Format::Csv)>"CSV"</Button>
            <Button icon=IconName::Download on:click=move |_| export(Format::Markdown)>"Markdown"</Button>
            <Button icon=IconName::Download on:click=move |_| export(Format::Json)>"JSON"</Button>
        </span>
    }
}
