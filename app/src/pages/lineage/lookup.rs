use crate::error::ApiError;
use crate::format;
use crate::ui::{Notice, Spinner, Tone};
use drydock_domain::lineage::{Lookup, Progress};
use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// The server waits a second of its own before it says how far it is.
const PAUSE: Duration = Duration::from_millis(500);

/// Asks again while the answer is under way.
pub fn keep_asking<T>(
    resource: Resource<Result<T, ApiError>>,
    is_underway: impl Fn(&T) -> bool + Send + Sync + 'static,
) where
    T: Clone + Send + Sync + Serialize + DeserializeOwned + 'static,
{
    Effect::new(move |_| {
        let waits = resource.with(|answer| match answer {
            Some(Ok(answer)) => is_underway(answer),
            _ => false,
        });
        if waits && let Ok(handle) = set_timeout_with_handle(move || resource.refetch(), PAUSE) {
            on_cleanup(move || handle.clear());
        }
    });
}

/// What is known, how far it is, or why it cannot be known.
pub fn lookup_view<T>(lookup: Lookup<T>, view: impl FnOnce(T) -> AnyView) -> AnyView {
    match lookup {
        Lookup::Found(found) => view(found),
        Lookup::Underway(progress) => underway(&progress),
        Lookup::Failed(why) => {
            view! { <Notice tone=Tone::Warning title="Not known"><p>{why}</p></Notice> }.into_any()
        }
    }
}

fn underway(progress: &Progress) -> AnyView {
    let amount = (progress.total_bytes > 0).then(|| {
        let (done, total) = (progress.done_bytes, progress.total_bytes);
        format!(": {} of {}", format::bytes(done), format::bytes(total))
    });
    let doing = match progress.doing.as_str() {
        "" => "reading the image",
        doing => doing,
    };
    let label = format!("Under way: {doing}{}", amount.unwrap_or_default());
    view! {
        <Spinner label />
        <noscript>
            <p class="muted">"Load this page again in a moment."</p>
        </noscript>
    }
    .into_any()
}
