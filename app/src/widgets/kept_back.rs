use drydock_domain::patch_report::KeptBack;
use leptos::prelude::*;

/// What a patch leaves as it is, and why.
#[component]
pub fn KeptBackNotes(kept_back: Vec<KeptBack>) -> impl IntoView {
    let rows = kept_back.into_iter().map(|kept| {
        view! {
            <li>
                <code>{kept.package}</code> " stays at " <code>{kept.installed}</code> " ("
                <code>{kept.candidate}</code> " exists): " {kept.reason}
            </li>
        }
    });
    view! { <ul class="notes">{rows.collect_view()}</ul> }
}
