use super::patch_details::{PatchFolds, PatchNumbers};
use crate::format;
use crate::ui::Time;
use crate::widgets::{DerivationBadge, DigestText};
use drydock_domain::lineage::{Derivation, LineageNode};
use leptos::prelude::*;

/// One tag at one digest: what it is, what it stands on, and what the patch did.
#[component]
pub fn Node(
    node: LineageNode,
    /// Where its contents are shown.
    open: String,
    /// Where it is compared with its original.
    compare: Option<String>,
) -> AnyView {
    let pushed = node.updated_at.or(node.created_at).map(|at| {
        view! { <span>"pushed " <Time at /></span> }
    });
    let platform =
        (!node.platform.is_empty()).then(|| view! { <span>{node.platform.clone()}</span> });
    let explained = node
        .note
        .or_else(|| explanation(node.derivation).map(str::to_owned));
    let compare = compare.map(|href| {
        let tag = node.tag.clone();
        view! { <a href=href>"Compare " <span class="visually-hidden">{tag} " "</span> "with its original"</a> }
    });
    let named = node.tag.clone();
    let numbers = node
        .report
        .clone()
        .map(|report| view! { <PatchNumbers report /> });
    let folds = node.report.map(|report| view! { <PatchFolds report /> });
    let stop = view! {
        <li class="rail-stop" data-derivation=derivation_name(node.derivation)>
            <header class="rail-header">
                <h3><code>{node.tag}</code></h3>
                <DerivationBadge derivation=node.derivation />
                <p class="rail-facts muted">
                    <DigestText digest=node.digest />
                    {pushed}
                    <span>{format::bytes(node.size_bytes)}</span>
                    {platform}
                </p>
            </header>
            {explained.map(|text| view! { <p class="muted sentence">{text}</p> })}
            {numbers}
            <div class="folds">{folds}</div>
            <p class="links">
                <a href=open>
                    "Contents, attachments, rollback" <span class="visually-hidden">" of " {named}</span>
                </a>
                {compare}
            </p>
        </li>
    };
    stop.into_any()
}

/// What a doubt means, where the node itself has no note about it.
fn explanation(derivation: Derivation) -> Option<&'static str> {
    match derivation {
        Derivation::Original | Derivation::Verified => None,
        Derivation::Drifted => Some(
            "The original was pushed again after this patch: a clean scan of the patch says \
             nothing about the original's new content.",
        ),
        Derivation::Unverified => Some(
            "Its layers do not begin with the original's, or could not be read: nothing proves \
             that it was made from the original.",
        ),
    }
}

pub fn derivation_name(derivation: Derivation) -> &'static str {
    match derivation {
        Derivation::Original => "original",
        Derivation::Verified => "verified",
        Derivation::Drifted => "drifted",
        Derivation::Unverified => "unverified",
    }
}
