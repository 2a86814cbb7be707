use super::{DryRun, model};
use crate::format;
use crate::ui::{Badge, Tone};
use crate::widgets::TagName;
use drydock_domain::dry_run::{VerdictChange, diff};
use drydock_domain::verdict::TagVerdict;
use leptos::prelude::*;

/// Lines that are named one by one; the rest are counted.
const NAMED: usize = 20;

/// How the dry run of the text differs from other verdicts.
#[component]
pub fn Comparison(
    dry_run: DryRun,
    before: Vec<TagVerdict>,
    /// With what is known of the images beyond their names, as `before` is.
    #[prop(optional)]
    is_weighed: bool,
) -> impl IntoView {
    let changes = Memo::new(move |_| {
        let now = dry_run.known.with_value(|known| {
            let inspection = is_weighed.then(|| dry_run.inspection.get()).flatten();
            dry_run
                .text
                .with(|text| model::verdicts(text, &known.inventory, inspection.as_ref()))
        });
        diff(&before, &now)
    });
    move || {
        let changes = changes.get();
        if changes.is_empty() {
            return view! { <p>"Nothing is different: the same tags, verdicts and next tags."</p> }
                .into_any();
        }
        let n = changes.added.len() + changes.removed.len() + changes.changed.len();
        let more = n.checked_sub(NAMED).filter(|more| *more > 0);
        let more = more.map(|more| {
            view! { <li class="muted">"and " {format::thousands(more as u64)} " more"</li> }
        });
        let one = |tone: Tone, label: &'static str, verdict: TagVerdict| {
            let words = verdict.verdict.label().to_owned();
            line(tone, label, verdict, words)
        };
        let added = changes.added.into_iter();
        let added = added.map(|it| one(Tone::Success, "new", it));
        let removed = changes.removed.into_iter();
        let removed = removed.map(|it| one(Tone::Danger, "gone", it));
        let changed = changes.changed.into_iter().map(|change| {
            let words = words(&change);
            line(Tone::Warning, "changed", change.after, words)
        });
        let lines = added.chain(removed).chain(changed).take(NAMED);
        view! { <ul class="changes-rows" role="list">{lines.collect_view()} {more}</ul> }.into_any()
    }
}

fn words(change: &VerdictChange) -> String {
    let mut words = Vec::new();
    if let Some((before, after)) = change.verdict() {
        words.push(format!("{} → {}", before.label(), after.label()));
    }
    let none = || "none".to_owned();
    let (before, after) = (&change.before, &change.after);
    if change.has_other_scan() {
        let (before, after) = (before.scan.clone(), after.scan.clone());
        let (before, after) = (before.unwrap_or_else(none), after.unwrap_or_else(none));
        words.push(format!("scanned {before} → {after}"));
    }
    if change.has_other_next() {
        let (before, after) = (before.next.clone(), after.next.clone());
        let (before, after) = (before.unwrap_or_else(none), after.unwrap_or_else(none));
        words.push(format!("next tag {before} → {after}"));
    }
    words.join(", ")
}

fn line(tone: Tone, label: &'static str, verdict: TagVerdict, words: String) -> impl IntoView {
    view! {
        <li>
            <Badge tone label />
            <span>
                <TagName repository=verdict.repository tag=verdict.tag />
                " " <span class="muted">{words}</span>
            </span>
        </li>
    }
}
