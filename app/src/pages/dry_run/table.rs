use super::DryRun;
use super::filter::Filter;
use super::inside::Inside;
use super::model::{Line, PAGE_LINES, Page};
use crate::format;
use crate::paths;
use crate::ui::{Badge, Cell, EmptyState, IconName, Table, Tone, after_paint};
use crate::widgets::{MarkedText, TagName, dollars, task_time};
use drydock_domain::dry_run::{Estimate, Row};
use drydock_domain::verdict::Verdict;
use leptos::prelude::*;

const COLUMNS: [&str; 7] = [
    "Image",
    "Verdict",
    "Why",
    "Latest patch",
    "Scanned",
    "Next tag",
    "Estimate",
];

/// The lines, and the way to the others.
#[component]
pub fn Verdicts(dry_run: DryRun, page: Memo<Page>) -> impl IntoView {
    let asked = move || (page.get(), dry_run.filter.get());
    let settled = RwSignal::new(untrack(asked));
    Effect::new(move |begun: Option<()>| {
        let asked = asked();
        if begun.is_some() {
            after_paint(move || {
                // It is gone where the page was left.
                settled.try_set(asked);
            });
        }
    });
    move || {
        let (shown, filter) = settled.get();
        if shown.lines.is_empty() {
            return empty(dry_run, &filter, shown.n_lines).into_any();
        }
        let rows = shown.lines.iter().cloned().map(|line| row(dry_run, line));
        let rows = rows.collect_view();
        view! {
            <Table caption="Verdicts" columns=&COLUMNS>
                {rows}
            </Table>
            <Pages filter path=dry_run.path() n_lines=shown.n_lines n_pages=shown.n_pages() />
        }
        .into_any()
    }
}

fn empty(dry_run: DryRun, filter: &Filter, n_lines: usize) -> impl IntoView + use<> {
    let all = filter.at_page(&dry_run.path(), 1);
    let none = Filter {
        repository: String::new(),
        text: String::new(),
        ..filter.clone()
    };
    let cleared = none.for_verdict(&dry_run.path(), None);
    let (title, text) = match (n_lines, filter.is_narrow()) {
        (0, true) => ("No tag passes this filter", "Widen it, or show all tags."),
        (0, false) => (
            "The registry holds no tags",
            "Push an image, and its verdict appears here.",
        ),
        (_, _) => (
            "There are fewer pages than that",
            "Go back to the first one.",
        ),
    };
    let link = match (n_lines, filter.is_narrow()) {
        (0, true) => Some((cleared, "Show all tags")),
        (0, false) => None,
        (_, _) => Some((all, "First page")),
    };
    view! {
        <EmptyState icon=IconName::DryRun title=title>
            <p>{text}</p>
            {link.map(|(href, label)| view! { <a href=href>{label}</a> })}
        </EmptyState>
    }
}

fn row(dry_run: DryRun, line: Line) -> impl IntoView {
    let (link, inside) = match fold(dry_run, &line) {
        Some(fold) => (Some(fold.link), fold.inside),
        None => (None, None),
    };
    let Row {
        verdict,
        latest,
        digest,
        size_bytes,
        estimate,
        ..
    } = line.row;
    let size = size_bytes.filter(|size_bytes| *size_bytes > 0);
    let content = digest.map(|digest| {
        let short = format::short_digest(&digest).to_owned();
        let size = size.map(|size_bytes| format!(", {}", format::bytes(size_bytes)));
        view! { <p class="muted numbers"><code title=digest>{short}</code> {size}</p> }
    });
    let href = paths::lineage(&dry_run.registry(), &verdict.repository);
    let tag = |tag: Option<String>| match tag {
        Some(tag) => view! { <TagName tag /> }.into_any(),
        None => view! { <span class="muted">"–"</span> }.into_any(),
    };
    let notes = verdict
        .notes
        .into_iter()
        .map(|note| view! { <p class="muted"><MarkedText text=note /></p> });
    view! {
        <tr role="row">
            <Cell column="Image">
                <a class="image-link" href=href>
                    <TagName repository=verdict.repository tag=verdict.tag />
                </a>
                {content}
            </Cell>
            <Cell column="Verdict"><VerdictBadge verdict=verdict.verdict /></Cell>
            <Cell column="Why">
                <p><MarkedText text=verdict.reason /></p>
                {notes.collect_view()}
                {link}
            </Cell>
            <Cell column="Latest patch">{tag(latest)}</Cell>
            <Cell column="Scanned">{tag(verdict.scan)}</Cell>
            <Cell column="Next tag">{tag(verdict.next)}</Cell>
            <Cell column="Estimate">{estimated(estimate)}</Cell>
        </tr>
        {inside}
    }
}

/// The link that opens and closes what was found in an image, and the row that then follows: one at
/// a time, in the address.
struct Fold {
    link: AnyView,
    inside: Option<AnyView>,
}

fn fold(dry_run: DryRun, line: &Line) -> Option<Fold> {
    line.row.found?;
    let repository = line.row.verdict.repository.clone();
    let original = line.original.clone()?;
    let name = format!("{repository}:{original}");
    let filter = dry_run.filter.get();
    let is_open = filter.open.as_ref() == Some(&name);
    let other = (!is_open).then(|| name.clone());
    let href = filter.with_open(&dry_run.path(), other);
    let label = match is_open {
        true => "Hide what was found",
        false => "Show what was found",
    };
    let link = view! {
        <p>
            <a href=href aria-expanded=is_open.to_string() data-noscroll="true">
                {label} <span class="visually-hidden">" in " {name}</span>
            </a>
        </p>
    };
    let inside = is_open.then(|| {
        view! {
            <tr role="row" class="inside-row">
                <td role="cell" colspan=COLUMNS.len().to_string()>
                    <Inside dry_run repository original />
                </td>
            </tr>
        }
        .into_any()
    });
    Some(Fold {
        link: link.into_any(),
        inside,
    })
}

/// The scan, and the scan with a patch where one is needed.
fn estimated(estimate: Option<Estimate>) -> impl IntoView {
    let Some(estimate) = estimate else {
        return view! { <span class="muted">"–"</span> }.into_any();
    };
    let whole_ms = estimate.scan_ms + estimate.patch_ms;
    let cost = dollars(estimate.scan_micro_dollars + estimate.patch_micro_dollars);
    let source = match estimate.is_own {
        true => "From past runs of this image",
        false => "From past runs of other images",
    };
    let (scan, whole) = (task_time(estimate.scan_ms), task_time(whole_ms));
    let time = match scan == whole {
        true => whole,
        false => format!("{scan} to {whole}"),
    };
    view! { <span class="numbers" title=source>{time} <span class="muted">", up to " {cost}</span></span> }
        .into_any()
}

#[component]
fn Pages(filter: Filter, path: String, n_lines: usize, n_pages: usize) -> impl IntoView {
    let page = filter.page;
    let first = (page - 1) * PAGE_LINES + 1;
    let last = (page * PAGE_LINES).min(n_lines);
    let number = |n: usize| format::thousands(n as u64);
    let text = format!(
        "{} to {} of {}",
        number(first),
        number(last),
        number(n_lines)
    );
    let link = |page: usize, label: &'static str| {
        let href = filter.at_page(&path, page);
        view! { <a class="button" href=href>{label}</a> }
    };
    let before = (page > 1).then(|| link(page - 1, "Previous"));
    let after = (page < n_pages).then(|| link(page + 1, "Next"));
    view! {
        <nav class="pages" aria-label="Pages of verdicts">
            <span class="muted">{text}</span>
            {before}
            {after}
        </nav>
    }
}

#[component]
pub fn VerdictBadge(verdict: Verdict) -> impl IntoView {
    let (tone, icon) = look(verdict);
    view! { <Badge tone icon=icon label=verdict.label() /> }
}

fn look(verdict: Verdict) -> (Tone, IconName) {
    match verdict {
        Verdict::WillScan | Verdict::WillPatch | Verdict::Clean => {
            (Tone::Success, IconName::CheckCircle)
        }
        Verdict::PatchTag => (Tone::Accent, IconName::Tag),
        Verdict::NotSelected | Verdict::NoFix => (Tone::Neutral, IconName::Skip),
        Verdict::Disabled => (Tone::Neutral, IconName::Stop),
        Verdict::OtherConvention => (Tone::Neutral, IconName::Tag),
        Verdict::Reserved
        | Verdict::PhantomBase
        | Verdict::RegexLeak
        | Verdict::KeyCollision
        | Verdict::BaseDrift
        | Verdict::AppOnly => (Tone::Warning, IconName::Warning),
        Verdict::NotFound | Verdict::Unreadable | Verdict::StaleDatabase => {
            (Tone::Warning, IconName::Question)
        }
        Verdict::Windows | Verdict::MultiArch | Verdict::NotAnImage | Verdict::PullThroughCache => {
            (Tone::Warning, IconName::Ban)
        }
        Verdict::OverLimit
        | Verdict::SeriesFull
        | Verdict::EndOfLife
        | Verdict::RepositoryPermissions
        | Verdict::NoTasks => (Tone::Danger, IconName::CrossCircle),
    }
}
