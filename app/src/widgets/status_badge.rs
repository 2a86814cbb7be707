use crate::ui::{Badge, IconName, Tone};
use drydock_domain::lineage::Derivation;
use drydock_domain::run::{ImageStatus, RunStatus};
use leptos::prelude::*;

#[component]
pub fn RunStatusBadge(status: RunStatus) -> impl IntoView {
    let (tone, icon) = match status {
        RunStatus::Queued => (Tone::Neutral, IconName::Queue),
        RunStatus::Started | RunStatus::Running => (Tone::Info, IconName::Running),
        RunStatus::Succeeded => (Tone::Success, IconName::CheckCircle),
        RunStatus::Failed | RunStatus::Error => (Tone::Danger, IconName::CrossCircle),
        RunStatus::Timeout => (Tone::Danger, IconName::Clock),
        RunStatus::Canceled => (Tone::Neutral, IconName::Ban),
        RunStatus::Unknown => (Tone::Warning, IconName::Question),
    };
    view! { <Badge tone icon=icon label=status.as_str() /> }
}

#[component]
pub fn ImageStatusBadge(status: ImageStatus) -> impl IntoView {
    let (tone, icon) = match status {
        ImageStatus::Queued => (Tone::Neutral, IconName::Queue),
        ImageStatus::Running => (Tone::Info, IconName::Running),
        ImageStatus::Succeeded => (Tone::Success, IconName::CheckCircle),
        ImageStatus::Failed => (Tone::Danger, IconName::CrossCircle),
        ImageStatus::Skipped => (Tone::Neutral, IconName::Skip),
        ImageStatus::Canceled => (Tone::Neutral, IconName::Ban),
        ImageStatus::Unknown => (Tone::Warning, IconName::Question),
    };
    view! { <Badge tone icon=icon label=status.as_str() /> }
}

#[component]
pub fn DerivationBadge(derivation: Derivation) -> impl IntoView {
    let (tone, icon, label) = match derivation {
        Derivation::Original => (Tone::Accent, IconName::Tag, "Original"),
        Derivation::Verified => (Tone::Success, IconName::CheckCircle, "Verified"),
        Derivation::Drifted => (Tone::Warning, IconName::Warning, "Drifted"),
        Derivation::Unverified => (Tone::Warning, IconName::Question, "Unverified"),
    };
    view! { <Badge tone icon=icon label=label /> }
}
