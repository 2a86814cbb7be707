use super::address;
use crate::format;
use crate::paths;
use crate::ui::{Notice, Stat, Tone};
use chrono::TimeDelta;
use drydock_domain::compliance::ComplianceView;
use drydock_domain::compliance::export::Format;
use leptos::prelude::*;

/// What is not known. Where there is nothing of it, that is said, with what it rests on.
pub fn doubts(found: &ComplianceView) -> impl IntoView + use<> {
    if found.coverage.total == 0 {
        return view! {
            <Notice tone=Tone::Info title="Nothing to look at">
                <p>"The registry holds no images, so nothing can be said of any."</p>
            </Notice>
        }
        .into_any();
    }
    if found.doubts.is_empty() {
        return view! {
            <Notice tone=Tone::Success title="Every tag is scanned, with data that can tell">
                <p>
                    "Packages of the operating system are looked at, and those that have a fix in \
                     the signed archives are found; application packages are not looked at."
                </p>
            </Notice>
        }
        .into_any();
    }
    let sentences = found.doubts.iter().cloned();
    let sentences = sentences
        .map(|text| view! { <li>{text}</li> })
        .collect_view();
    view! {
        <Notice tone=Tone::Warning title="Not everything is known">
            <ul>{sentences}</ul>
        </Notice>
    }
    .into_any()
}

pub fn indicators(found: &ComplianceView) -> impl IntoView + use<> {
    let known = &found.indicators;
    let number = |n: usize| format::thousands(n as u64);
    let minutes = |minutes: Option<i64>| match minutes {
        Some(minutes) => format::roughly(TimeDelta::minutes(minutes)),
        None => "none yet".to_owned(),
    };
    let in_time = match known.in_time_permille {
        Some(permille) => format!("{}.{} %", permille / 10, permille % 10),
        None => "none yet".to_owned(),
    };
    let covered = format!(
        "{} of {}",
        number(found.coverage.current),
        number(found.coverage.total)
    );
    view! {
        <dl class="stats" aria-label="The whole registry">
            <Stat label="Open" value=number(known.open) />
            <Stat label="Overdue" value=number(known.overdue) />
            <Stat label="Due in 7 days" value=number(known.due_soon) />
            <Stat
                label="Critical or exploited"
                value=number(known.worst)
                note=format!("{} of unknown severity", number(known.unknown_severity))
            />
            <Stat label="Accepted" value=number(known.accepted) />
            <Stat label="Fixed" value=number(known.fixed) />
            <Stat label="In time" value=in_time note="of what was fixed or is overdue" />
            <Stat label="Mean time to fix" value=minutes(known.mean_minutes_to_fix) />
            <Stat label="Tags scanned in 30 days" value=covered />
            <Stat label="Missed or failed runs" value=number(known.detection_failures) />
        </dl>
    }
}

/// The rows of the filter, all of them, as files.
pub fn exports(found: &ComplianceView) -> impl IntoView + use<> {
    let path = paths::compliance_export(&found.registry);
    let of_findings = Format::ALL
        .into_iter()
        .filter(|format| !format.is_of_an_image());
    let links = of_findings
        .map(|format| {
            let href = address::with(&path, &found.query, &[("format", format.as_str())]);
            view! {
                <li><a href=href rel="external" download="">{format.label()}</a></li>
            }
        })
        .collect_view();
    let pack = address::with(&paths::compliance_pack(&found.registry), &found.query, &[]);
    view! {
        <div class="exports">
            <h3>"Export what this filter shows"</h3>
            <ul role="list">{links}</ul>
            <p>
                <a href=pack rel="external" download="">"Audit pack"</a>
                <span class="muted">
                    ": every format, the coverage, the exceptions and the audit trail, signed. "
                    <code>"drydock audit verify-pack"</code>
                    " verifies it offline. Exports are entered into the audit trail."
                </span>
            </p>
        </div>
    }
}
