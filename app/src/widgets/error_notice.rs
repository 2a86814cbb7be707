use super::ShortDigests;
use crate::error::{ApiError, ErrorCode};
use crate::paths;
use crate::ui::{Notice, Tone};
use leptos::prelude::*;

/// An error in full: what happened and why, what to do next, and the id that finds it in the log.
#[component]
pub fn ErrorNotice(error: ApiError) -> impl IntoView {
    let title = match error.code {
        ErrorCode::SignedOut => "You are signed out",
        ErrorCode::Forbidden => "Not allowed",
        ErrorCode::NotFound => "Not found",
        ErrorCode::Conflict => "Not possible as things stand",
        ErrorCode::Unconfirmed => "Not saved yet",
        ErrorCode::Invalid => "This cannot be taken as it is",
        ErrorCode::Throttled => "Too many requests",
        ErrorCode::Unavailable => "Azure did not do it",
        ErrorCode::Internal => "Drydock failed",
        ErrorCode::Offline => "No connection to Drydock",
    };
    let tone = match error.code {
        ErrorCode::Throttled
        | ErrorCode::Conflict
        | ErrorCode::Unconfirmed
        | ErrorCode::Offline => Tone::Warning,
        _ => Tone::Danger,
    };
    let sign_in = (error.code == ErrorCode::SignedOut).then(|| {
        view! {
            <p>
                <a href=paths::SIGN_IN rel="external">"Sign in"</a>
            </p>
        }
    });
    let remedy = error.remedy.map(|remedy| view! { <p>{remedy}</p> });
    let request = error.request_id.map(|id| {
        view! { <p class="muted">"In the server's log: request " <code>{id}</code></p> }
    });
    view! {
        <Notice tone title>
            <p><ShortDigests text=error.message /></p>
            {remedy}
            {sign_in}
            {request}
        </Notice>
    }
}
