use crate::error::{ApiError, ErrorCode};
use crate::paths;
use crate::ui::{Notice, Tone};
use leptos::prelude::*;

/// An error in full: what happened, what to do next, and the id that finds it in the log.
#[component]
pub fn ErrorNotice(error: ApiError) -> impl IntoView {
    let title = match error.code {
        ErrorCode::SignedOut => "You are signed out",
        ErrorCode::Forbidden => "Not allowed",
        ErrorCode::NotFound => "Not found",
        ErrorCode::Conflict => "Not possible as things stand",
        ErrorCode::Invalid => "This cannot be saved yet",
        ErrorCode::Throttled => "Too many requests",
        ErrorCode::Unavailable => "Azure cannot be reached",
        ErrorCode::Internal => "Drydock failed",
        ErrorCode::Offline => "No connection to Drydock",
    };
    let tone = match error.code {
        ErrorCode::Throttled | ErrorCode::Conflict | ErrorCode::Offline => Tone::Warning,
        _ => Tone::Danger,
    };
    let sign_in = (error.code == ErrorCode::SignedOut).then(|| {
        view! {
            <p>
                <a href=paths::SIGN_IN rel="external">"Sign in again"</a>
            </p>
        }
    });
    let request = error.request_id.map(|id| {
        view! { <p class="muted">"Request " <code>{id}</code></p> }
    });
    view! {
        <Notice tone title>
            <p>{error.message}</p>
            {sign_in}
            {request}
        </Notice>
    }
}
