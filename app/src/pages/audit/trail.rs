use super::proof::BrowserProof;
use crate::paths;
use crate::ui::{Notice, Time, Tone};
use drydock_domain::audit::{TrailCheck, Witness};
use leptos::prelude::*;

/// Whether the trail is whole, what that does not cover, and how to find out without this console.
#[component]
pub fn TrailNotice(check: TrailCheck) -> impl IntoView {
    let as_of = check.as_of;
    let proof = {
        let (key, witness) = (check.key.clone(), check.witness.clone());
        view! { <BrowserProof key witness /> }
    };
    if let Some(broken) = check.broken {
        return view! {
            <Notice tone=Tone::Danger title="The trail has been changed">
                <p>"It breaks at " {broken} ". Nothing behind that can be relied on."</p>
                <p>
                    "No checkpoint, pack or backup is signed over it. Keep the database as it is, export \
                     the trail, and compare the file with an earlier export and with the published \
                     head. As of " <Time at=as_of seconds=true />
                </p>
            </Notice>
            {proof}
        }
        .into_any();
    }
    let title = match check.through {
        0 => "Verified: the trail is empty".to_owned(),
        through => format!("Verified to #{through}"),
    };
    let signed = check
        .signed_through
        .map(|through| format!(" Signed checkpoints vouch for everything up to #{through}."));
    let uncovered = check.uncovered.into_iter();
    let uncovered = uncovered.map(|sentence| view! { <li>{sentence}</li> });
    view! {
        <Notice tone=Tone::Success title>
            <p>
                "Each entry is bound to the one before by its hash." {signed} " As of "
                <Time at=as_of seconds=true />
            </p>
            {witness_view(check.witness)}
            <details>
                <summary>"How to verify it yourself"</summary>
                <p>
                    "Export the trail, and run " <code>"drydock audit verify audit.ndjson"</code>
                    " where you trust the machine. The key that signs is "
                    <code class="break">{check.key}</code>
                    ". Whole means unchanged since it was written, not that what was written is true."
                </p>
                <ul>{uncovered.collect_view()}</ul>
            </details>
            <p>
                <a href=paths::AUDIT_FILE rel="external" download="audit.ndjson">
                    "Export as NDJSON"
                </a>
                <span class="muted">" The export is entered too; people stay pseudonyms in it."</span>
            </p>
        </Notice>
        {proof}
    }
    .into_any()
}

/// What a head outside of the database says, which is what catches an end that was cut off.
fn witness_view(witness: Witness) -> Option<AnyView> {
    let told = match witness {
        Witness::Off => return None,
        Witness::Awaited { registry } => {
            view! { <p>"The trail's head is yet to be published in " {registry} "."</p> }.into_any()
        }
        Witness::Published {
            registry,
            sequence,
            at,
            ..
        } => view! {
            <p>
                "The head that was published in " {registry} ", #" {sequence} " at "
                <Time at seconds=true /> ", agrees."
            </p>
        }
        .into_any(),
        Witness::Unread { registry, why } => view! {
            <p>
                <strong>"The head that was published in " {registry} " could not be compared: "</strong>
                {why}
            </p>
        }
        .into_any(),
    };
    Some(told)
}
