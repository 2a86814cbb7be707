use super::DryRun;
use crate::api::dry_run::inspect_dry_run;
use crate::format;
use crate::state::permission::require_whole;
use crate::ui::{Notice, Spinner, Tone};
use crate::widgets::ErrorNotice;
use drydock_domain::dry_run::{Depth, Inspection};
use leptos::prelude::*;
use std::time::Duration;

/// The server waits a second of its own before it says how far it is.
const PAUSE: Duration = Duration::from_millis(400);

/// Asks until it is over, and again for another text or depth. For the browser; once.
pub fn keep_inspecting(dry_run: DryRun) {
    let turn = StoredValue::new(0_u32);
    Effect::new(move |begun: Option<()>| {
        let (text, depth) = (dry_run.text.get(), dry_run.depth.get());
        let mine = turn.get_value() + 1;
        turn.set_value(mine);
        let is_known = |known: &Option<Inspection>| {
            let known = known.as_ref();
            known.is_some_and(|known| known.is_over() && known.depth == depth)
        };
        // What the page came with is of the text that it came with.
        if begun.is_none() && dry_run.inspection.with_untracked(is_known) {
            return;
        }
        if begun.is_some() {
            dry_run.inspection.set(None);
        }
        dry_run.unanswered.set(None);
        if let Err(error) = require_whole(&dry_run.registry()) {
            // Without the server it is a dry run of names all the same.
            let asked = depth > Depth::Match;
            dry_run.unanswered.set(asked.then_some(error));
        } else if !text.trim().is_empty() {
            ask(dry_run, text, depth, move || {
                turn.try_get_value() == Some(mine)
            });
        }
    });
}

fn ask(
    dry_run: DryRun,
    text: String,
    depth: Depth,
    is_wanted: impl Fn() -> bool + Clone + 'static,
) {
    leptos::task::spawn_local(async move {
        let answer = inspect_dry_run(dry_run.registry(), text.clone(), depth).await;
        if !is_wanted() {
            return;
        }
        match answer {
            Err(error) => dry_run.unanswered.set(Some(error)),
            Ok(inspection) => {
                let is_over = inspection.is_over();
                dry_run.inspection.set(Some(inspection));
                if !is_over {
                    set_timeout(move || ask(dry_run, text, depth, is_wanted), PAUSE);
                }
            }
        }
    });
}

/// How deep the dry run looks, and how far it is with that.
#[component]
pub fn DepthPanel(dry_run: DryRun) -> impl IntoView {
    let choices = move || {
        let (filter, chosen) = (dry_run.filter.get(), dry_run.depth.get());
        let path = dry_run.path();
        let choice = |depth: Depth| {
            let href = filter.at_depth(&path, depth);
            let current = (depth == chosen).then_some("true");
            let (label, note) = words(depth);
            view! {
                <li>
                    <a class="segment" href=href aria-current=current>
                        <span>{label}</span>
                        <span class="muted">{note}</span>
                    </a>
                </li>
            }
        };
        Depth::ALL.map(choice).into_iter().collect_view()
    };
    let state = move || {
        if let Some(error) = dry_run.unanswered.get() {
            return view! { <ErrorNotice error /> }.into_any();
        }
        match dry_run.inspection.get() {
            Some(inspection) => state(&inspection),
            None => view! { <p class="muted">"Nothing but names has been looked at so far."</p> }
                .into_any(),
        }
    };
    view! {
        <nav class="depth" aria-label="Depth">
            <ul class="segments" role="list">{choices}</ul>
        </nav>
        <div class="depth-state">{state}</div>
    }
}

fn words(depth: Depth) -> (&'static str, &'static str) {
    match depth {
        Depth::Match => ("Match", "names and digests"),
        Depth::Scan => ("Scan", "and what is inside"),
        Depth::ScanAndPlan => ("Scan and plan", "and what a patch changes"),
    }
}

fn state(inspection: &Inspection) -> AnyView {
    if let Some(why) = inspection.failure.clone() {
        return view! {
            <Notice tone=Tone::Warning title="It cannot look that deep">
                <p>{why}</p>
                <p>"What is below is judged by names and digests."</p>
            </Notice>
        }
        .into_any();
    }
    match &inspection.receipt {
        None => underway(inspection),
        Some(receipt) if !receipt.is_unchanged() => view! {
            <Notice tone=Tone::Warning title="Tags moved meanwhile">
                <p>"It only reads, so another client wrote. Load the page again to judge what is there now."</p>
            </Notice>
        }
        .into_any(),
        Some(_) => over(inspection),
    }
}

fn underway(inspection: &Inspection) -> AnyView {
    let (done, total) = (inspection.done, inspection.total);
    let doing = match inspection.progress.doing.as_str() {
        "" => "listing tags".to_owned(),
        doing => doing.to_owned(),
    };
    let amount = (inspection.progress.total_bytes > 0).then(|| {
        let (done, total) = (
            inspection.progress.done_bytes,
            inspection.progress.total_bytes,
        );
        format!(", {} of {}", format::bytes(done), format::bytes(total))
    });
    let count = (total > 0).then(|| {
        let images = format::count(total as u64, "image", "images");
        view! {
            <progress max=total.to_string() value=done.to_string() aria-label="Images looked into"></progress>
            <span class="numbers">{format!("{done} of {images}")}</span>
        }
    });
    view! {
        <Spinner label=format!("Looking into the images: {doing}{}", amount.unwrap_or_default()) />
        <p class="depth-progress">{count}</p>
        <noscript>
            <p class="muted">"Load this page again in a moment."</p>
        </noscript>
    }
    .into_any()
}

fn over(inspection: &Inspection) -> AnyView {
    let (depth, total) = (inspection.depth, inspection.total as u64);
    let images = format::count(total, "image", "images");
    let done = match (depth, total) {
        (Depth::Match, _) => "Tags, digests and derivations were compared.".to_owned(),
        (_, 0) => "There is no image that can be looked into.".to_owned(),
        (Depth::Scan, _) => format!("{images} scanned."),
        (Depth::ScanAndPlan, _) => {
            format!("{images} scanned, and patches planned where there is something to fix.")
        }
    };
    let source = (depth != Depth::Match).then(|| {
        view! {
            <p class="muted">
                "By the signed package indexes that each image's own apt sources name, else this machine's or those \
                 of the settings. Debian and Ubuntu alone; vulnerabilities without a fix and application packages \
                 are not looked for. Azure scans with Trivy and patches with Copa, which may find more or choose \
                 otherwise."
            </p>
        }
    });
    view! {
        <p role="status">{done} " 0 writes: every tag had the same digest before and after."</p>
        {source}
    }
    .into_any()
}
