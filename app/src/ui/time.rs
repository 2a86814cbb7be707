//! Instants. The server writes UTC; the browser adds its own clock's reading after hydration,
//! so that both render the same first.
use crate::format;
use chrono::{DateTime, TimeDelta, Utc};
use leptos::prelude::*;

/// An instant in UTC; the local reading is its tooltip.
#[component]
pub fn Time(
    at: DateTime<Utc>,
    /// Show the seconds as well.
    #[prop(optional)]
    seconds: bool,
) -> impl IntoView {
    let text = if seconds {
        format::second(at)
    } else {
        format::minute(at)
    };
    let local = RwSignal::new(None::<String>);
    Effect::new(move |_| local.set(local_reading(at)));
    view! {
        <time class="time" datetime=format::machine(at) title=move || local.get()>
            {text}
        </time>
    }
}

/// The same instant on the reader's own clock, in words; empty until the page is alive.
#[component]
pub fn LocalTime(at: DateTime<Utc>) -> impl IntoView {
    let local = RwSignal::new(None::<String>);
    Effect::new(move |_| local.set(local_reading(at)));
    view! {
        <span class="local-time">
            {move || local.get().map(|text| format!("{text} your time"))}
        </span>
    }
}

/// How long something took; while it goes on, a running count once the page is alive.
#[component]
pub fn Elapsed(from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>) -> impl IntoView {
    let now = RwSignal::new(None::<DateTime<Utc>>);
    if from.is_some() && to.is_none() {
        Effect::new(move |_| tick(now));
    }
    let text = move || {
        let length = (to.or(now.get()))
            .zip(from)
            .map(|(to, from)| (to - from).max(TimeDelta::zero()));
        length.map_or_else(|| "–".to_owned(), format::duration)
    };
    view! { <span class="elapsed">{text}</span> }
}

#[cfg(target_arch = "wasm32")]
fn tick(now: RwSignal<Option<DateTime<Utc>>>) {
    use std::time::Duration;
    let read = move || {
        // Milliseconds since 1970 stay exact in an f64 for the next 280,000 years.
        now.try_set(DateTime::from_timestamp_millis(js_sys::Date::now() as i64));
    };
    read();
    if let Ok(handle) = set_interval_with_handle(read, Duration::from_secs(1)) {
        on_cleanup(move || handle.clear());
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn tick(_now: RwSignal<Option<DateTime<Utc>>>) {}

/// `Sat, 21 Nov, 09:00 GMT+1`.
#[cfg(target_arch = "wasm32")]
fn local_reading(at: DateTime<Utc>) -> Option<String> {
    use wasm_bindgen::JsValue;
    let options = js_sys::Object::new();
    for (key, value) in [
        ("weekday", "short"),
        ("day", "numeric"),
        ("month", "short"),
        ("hour", "2-digit"),
        ("minute", "2-digit"),
        ("timeZoneName", "short"),
    ] {
        js_sys::Reflect::set(&options, &JsValue::from(key), &JsValue::from(value)).ok()?;
    }
    let date = js_sys::Date::new(&JsValue::from_f64(at.timestamp_millis() as f64));
    date.to_locale_string("en-GB", &options).as_string()
}

#[cfg(not(target_arch = "wasm32"))]
fn local_reading(_at: DateTime<Utc>) -> Option<String> {
    None
}
