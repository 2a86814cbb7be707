use super::address;
use super::sources::SCAN;
use crate::format;
use crate::paths;
use crate::ui::{Badge, Cell, EmptyState, IconName, Table, Time, Tone};
use chrono::{DateTime, Utc};
use drydock_domain::compliance::{
    ComplianceView, Deadline, Finding, FindingKind, FindingRow, Framework, PAGE_ROWS, Severity,
    Standing,
};
use leptos::prelude::*;

const COLUMNS: [&str; 6] = ["Finding", "Package", "Image", "Detected", "Due", "Status"];

pub fn table(found: &ComplianceView) -> impl IntoView + use<> {
    if found.rows.is_empty() {
        return empty(found).into_any();
    }
    let sampled = (found.query.framework() == Framework::Soc2).then(|| {
        let seed = match found.query.seed.as_str() {
            "" => "the empty seed".to_owned(),
            seed => format!("the seed “{seed}”"),
        };
        let count = format::count(found.total as u64, "finding", "findings");
        view! {
            <p class="sentence">
                {format!(
                    "A sample of {count}, drawn with {seed}: the lowest SHA-256 over the seed and a \
                     finding's id. Another seed draws another one."
                )}
            </p>
        }
    });
    let now = found.as_of;
    let rows = found
        .rows
        .iter()
        .map(|item| row(found, item, now))
        .collect_view();
    view! {
        {sampled}
        <Table caption="Findings" columns=&COLUMNS>
            {rows}
        </Table>
        {pages(found)}
    }
    .into_any()
}

fn empty(found: &ComplianceView) -> impl IntoView + use<> {
    let href = address::of_view(&found.registry, found.query.framework());
    let is_narrow = found.query.is_narrow();
    let (title, text) = match (is_narrow, found.collected_at) {
        (true, _) => ("No finding passes this filter", "Widen it, or show all."),
        (false, None) => (
            "Nothing was scanned yet",
            "Each tag's newest image is scanned once a day, and when it changed: the next round begins \
             within minutes.",
        ),
        (false, Some(_)) if !found.coverage.is_complete() => (
            "No findings in what was scanned",
            "Not every tag's image has been scanned lately, so nothing is said of the others until the \
             next round.",
        ),
        (false, Some(_)) => (
            "No findings",
            "No known vulnerability with a fix is open in packages of the operating system. \
             Application packages are not looked at.",
        ),
    };
    let (href, label) = match is_narrow {
        true => (href, "Show all findings"),
        false => (format!("#{SCAN}"), "Scan now"),
    };
    let link =
        (is_narrow || !found.coverage.is_complete()).then(|| view! { <a href=href>{label}</a> });
    view! {
        <EmptyState icon=IconName::Search title>
            <p>{text}</p>
            {link}
        </EmptyState>
    }
}

fn row(found: &ComplianceView, item: &FindingRow, now: DateTime<Utc>) -> impl IntoView + use<> {
    let finding = &item.finding;
    let detected = finding.instants.first_detected;
    let id = format!("finding-{}", finding.id);
    let (cve, scanner) = (finding.cve.clone(), finding.scanner.clone());
    let (package, image) = (package(finding), image(&found.registry, finding));
    let (risk, due, status) = (risk(item), due(item, now), status(item));
    view! {
        <tr role="row" id=id>
            <Cell column="Finding">
                <strong class="break">{cve}</strong>
                <p class="muted">{risk}</p>
            </Cell>
            <Cell column="Package">{package}</Cell>
            <Cell column="Image">{image}</Cell>
            <Cell column="Detected">
                {detected.map(|at| view! { <Time at /> })}
                <p class="muted">{scanner}</p>
            </Cell>
            <Cell column="Due">{due}</Cell>
            <Cell column="Status">{status}</Cell>
        </tr>
    }
}

fn risk(item: &FindingRow) -> String {
    let severity = match item.severity {
        Severity::Unknown => "Severity unknown".to_owned(),
        known => format!("{} severity", known.as_str()),
    };
    let kev = match item.kev_word() {
        "yes" => ", known exploited",
        "no" => "",
        _ => ", exploitation unknown",
    };
    let epss = item.epss();
    let epss = epss.map_or_else(String::new, |epss| format!(", EPSS {}", epss.score()));
    format!(
        "{severity}{kev}{epss}, {}",
        match item.exposure.as_str() {
            "unknown" => "exposure unknown",
            word => word,
        }
    )
}

fn package(finding: &Finding) -> impl IntoView + use<> {
    let fixed = match (finding.kind, finding.fixed.as_str()) {
        (FindingKind::Vulnerability, "") => "no fix yet".to_owned(),
        (FindingKind::Vulnerability, fixed) => format!("{} → {fixed}", finding.installed),
        (FindingKind::MissedRun, _) => "A planned run did not happen".to_owned(),
        (FindingKind::FailedRun, _) => "A run ended without a result".to_owned(),
    };
    let name = finding.package.clone();
    view! {
        {name}
        <p class="muted break">{fixed}</p>
    }
}

fn image(registry: &str, finding: &Finding) -> impl IntoView + use<> {
    if finding.repository.is_empty() {
        let run = (!finding.scan_id.is_empty()).then(|| {
            let href = paths::run(registry, &finding.scan_id);
            let id = finding.scan_id.clone();
            view! { <a href=href>{id}</a> }
        });
        return view! { {run} }.into_any();
    }
    let href = paths::lineage(registry, &finding.repository);
    let name = format!("{}:{}", finding.repository, finding.tag);
    let digest = format::short_digest(&finding.digest).to_owned();
    let whole = finding.digest.clone();
    view! {
        <a class="break" href=href>{name}</a>
        <p class="muted"><code title=whole>{digest}</code></p>
    }
    .into_any()
}

/// The date, how long that is, and what it follows from.
fn due(item: &FindingRow, now: DateTime<Utc>) -> impl IntoView + use<> {
    let deadline = &item.deadline;
    let date = deadline.due.map(|at| view! { <Time at /> });
    let is_open = deadline.standing.is_open();
    let left = item.days_left(now).filter(|_| is_open).map(|days| {
        let count = format::count(days.unsigned_abs(), "day", "days");
        match days {
            0.. => format!("{count} left"),
            _ => format!("{count} ago"),
        }
    });
    view! {
        {date}
        {left.map(|text| view! { <p>{text}</p> })}
        {anchor(deadline, item.finding.instants.first_detected)}
    }
}

fn anchor(deadline: &Deadline, detected: Option<DateTime<Utc>>) -> impl IntoView + use<> {
    let word = deadline.anchor.as_str();
    let start = match deadline.anchor_at {
        // The column beside it tells when that was.
        Some(at) if Some(at) == detected => format!("from {word}"),
        Some(at) => format!("from {word}, {}", format::minute(at)),
        None => format!("from {word}: not started"),
    };
    let defaults = deadline.defaults.iter().cloned();
    let defaults = defaults
        .map(|text| view! { <li>{text}</li> })
        .collect_view();
    let label = match deadline.defaults.len() as u64 {
        0 => "Why".to_owned(),
        count => format::count(count, "default decided", "defaults decided"),
    };
    let why = deadline.why.clone();
    view! {
        <p class="muted">{start}</p>
        <details>
            <summary>{label}</summary>
            <p>{why}</p>
            <ul>{defaults}</ul>
        </details>
    }
}

fn status(item: &FindingRow) -> impl IntoView + use<> {
    let deadline = &item.deadline;
    let (tone, icon) = look(deadline.standing);
    let forensic = deadline
        .forensic
        .then(|| view! { <p>"Look for what an attacker left, too."</p> });
    let accepted = item.acceptance.as_ref().map(|kept| {
        let accepted = &kept.exception;
        let (by, owner) = (kept.accepted_by.clone(), accepted.owner.clone());
        let reason = accepted.reason.clone();
        let until = accepted.expires_at;
        view! {
            <p class="muted">
                "By " {by} ", for " {owner} ", until " <Time at=until /> ": " {reason}
            </p>
        }
    });
    let closing = item.finding.closing.as_ref().map(|closing| {
        let digest = format::short_digest(&closing.digest).to_owned();
        let (tag, reason) = (closing.tag.clone(), closing.reason.as_str());
        let at = closing.at;
        view! {
            <p class="muted">{reason} " " {tag} " " <code>{digest}</code></p>
            <p class="muted">"verified " <Time at /></p>
        }
    });
    let label = deadline.standing.label();
    view! {
        <Badge tone icon=icon label />
        {forensic}
        {accepted}
        {closing}
    }
}

fn look(standing: Standing) -> (Tone, IconName) {
    match standing {
        Standing::Overdue => (Tone::Danger, IconName::CrossCircle),
        Standing::DueSoon => (Tone::Warning, IconName::Warning),
        Standing::Running | Standing::NextUpgrade => (Tone::Info, IconName::Clock),
        Standing::WaitingForFix | Standing::NoDeadline => (Tone::Neutral, IconName::Question),
        Standing::Accepted => (Tone::Accent, IconName::Person),
        Standing::Met => (Tone::Success, IconName::CheckCircle),
        Standing::MetLate => (Tone::Warning, IconName::CheckCircle),
        Standing::Gone => (Tone::Neutral, IconName::Skip),
    }
}

fn pages(found: &ComplianceView) -> impl IntoView + use<> {
    let page = found.page;
    let first = (page - 1) * PAGE_ROWS + 1;
    let last = (page * PAGE_ROWS).min(found.total);
    let number = |n: usize| format::thousands(n as u64);
    let text = format!(
        "{} to {} of {}",
        number(first),
        number(last),
        number(found.total)
    );
    let link = |page: usize, label: &'static str| {
        let href = address::of_page(&found.registry, &found.query, page);
        view! { <a class="button" href=href>{label}</a> }
    };
    let before = (page > 1).then(|| link(page - 1, "Previous"));
    let after = (page < found.pages).then(|| link(page + 1, "Next"));
    view! {
        <nav class="pages" aria-label="Pages of findings">
            <span class="muted">{text}</span>
            {before}
            {after}
        </nav>
    }
}
