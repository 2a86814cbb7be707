//! Instants, in the zone that somebody chose. What only the browser knows, its own zone, comes after
//! hydration, so that both sides render the same first.
use crate::format::{self, Shown};
use crate::state::zone::{ZoneName, use_own_zone, use_zone};
use chrono::{DateTime, TimeDelta, Utc};
use leptos::prelude::*;

/// An instant in the chosen zone; its tooltip is the other reading (see [`OtherTime`]).
#[component]
pub fn Time(
    at: DateTime<Utc>,
    /// Show the seconds as well.
    #[prop(optional)]
    seconds: bool,
) -> impl IntoView {
    let zone = use_zone();
    let other = other_reading(at, zone);
    let text = move || {
        let shown = zone.read().read(at);
        match seconds {
            true => shown.second(),
            false => shown.minute(),
        }
    };
    view! {
        <time class="time" datetime=format::machine(at) title=move || other.get()>
            {text}
        </time>
    }
}

/// An instant with its weekday, in the chosen zone: `Sun 22 Nov 2026, 02:30 UTC`.
#[component]
pub fn LongTime(at: DateTime<Utc>) -> impl IntoView {
    let zone = use_zone();
    view! {
        <time datetime=format::machine(at)>{move || zone.read().read(at).day_and_clock()}</time>
    }
}

/// The other reading of an instant, to stand beside it: UTC where another zone was chosen, else the
/// reader's own clock, once the page is alive and where it does not show UTC.
#[component]
pub fn OtherTime(at: DateTime<Utc>) -> impl IntoView {
    let other = other_reading(at, use_zone());
    view! { <span class="local-time" data-at=format::machine(at)>{move || other.get()}</span> }
}

/// The reader's own reading of instants in HTML that the server has written, and that knows none.
#[cfg(target_arch = "wasm32")]
pub fn tell_own_times(within: &web_sys::Element, own: &ZoneName) {
    let told = |element: &web_sys::Element, attribute| {
        let at = js_sys::Date::parse(&element.get_attribute(attribute)?);
        // An f64 holds these milliseconds exactly.
        let at = DateTime::from_timestamp_millis(at as i64)?;
        let offset = own.offset_at(at);
        (offset != 0).then(|| format!("{} your time", Shown::new(at, offset).day_and_clock()))
    };
    for element in elements(within, "time[datetime]:not([title])") {
        if let Some(told) = told(&element, "datetime") {
            // Refused only for a name that is no attribute's.
            let _ = element.set_attribute("title", &told);
        }
    }
    for element in elements(within, ".local-time[data-at]") {
        if element.text_content().is_none_or(|text| text.is_empty()) {
            element.set_text_content(told(&element, "data-at").as_deref());
        }
    }
}

#[cfg(target_arch = "wasm32")]
fn elements(within: &web_sys::Element, selector: &str) -> Vec<web_sys::Element> {
    use wasm_bindgen::JsCast;
    let Ok(found) = within.query_selector_all(selector) else {
        return Vec::new();
    };
    let nodes = (0..found.length()).filter_map(|index| found.get(index));
    nodes.filter_map(|node| node.dyn_into().ok()).collect()
}

fn other_reading(at: DateTime<Utc>, chosen: RwSignal<ZoneName>) -> Signal<Option<String>> {
    let own = use_own_zone();
    Signal::derive(move || match chosen.read().is_utc() {
        false => Some(Shown::new(at, 0).day_and_clock()),
        true => {
            let offset = own.read().as_ref()?.offset_at(at);
            let shown = Shown::new(at, offset);
            (offset != 0).then(|| format!("{} your time", shown.day_and_clock()))
        }
    })
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
