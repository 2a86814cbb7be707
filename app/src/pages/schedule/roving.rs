//! One day of the months takes the focus; keys move it from there.
use super::model::Window;
use chrono::{Datelike, Days, Months, NaiveDate};
use leptos::ev::{FocusEvent, KeyboardEvent};
use leptos::prelude::*;

/// Waits for the page to be alive: without JavaScript every link takes the focus by itself.
#[derive(Clone, Copy)]
pub struct Roving {
    last: RwSignal<Option<NaiveDate>>,
    alive: RwSignal<bool>,
}

impl Roving {
    pub fn new() -> Self {
        let alive = RwSignal::new(false);
        Effect::new(move |_| alive.set(true));
        Self {
            last: RwSignal::new(None),
            alive,
        }
    }

    pub fn role(self) -> Option<&'static str> {
        self.alive.get().then_some("grid")
    }

    /// Of a day's cell: the day that was last in the focus, else today, else the first.
    pub fn cell(self, day: NaiveDate, window: Window, today: NaiveDate) -> Option<&'static str> {
        let is_shown = |day: &NaiveDate| (window.first..window.end()).contains(day);
        let last = self.last.get().filter(is_shown);
        let here = last
            .or(Some(today).filter(is_shown))
            .unwrap_or(window.first);
        let index = if day == here { "0" } else { "-1" };
        self.alive.get().then_some(index)
    }

    /// Of a link inside a cell: Enter on the cell follows it.
    pub fn link(self) -> Option<&'static str> {
        self.alive.get().then_some("-1")
    }

    pub fn on_focus(self, event: &FocusEvent) {
        if let Some(day) = browser::day_of(event) {
            self.last.set(Some(day));
        }
    }

    pub fn on_key(self, event: &KeyboardEvent, window: Window) {
        let Some(day) = browser::day_of(event) else {
            return;
        };
        if event.ctrl_key() || event.alt_key() || event.meta_key() || event.shift_key() {
            return;
        }
        if event.key() == "Enter" {
            browser::follow_link(event);
            return;
        }
        let Some(next) = step(&event.key(), day) else {
            return;
        };
        event.prevent_default();
        if (window.first..window.end()).contains(&next) {
            self.last.set(Some(next));
            browser::focus(next);
        }
    }
}

/// The day that a key leads to; `None` for a key that does not move.
fn step(key: &str, day: NaiveDate) -> Option<NaiveDate> {
    let days = |n: u64| Days::new(n);
    let weekday = u64::from(day.weekday().num_days_from_monday());
    match key {
        "ArrowLeft" => day.checked_sub_days(days(1)),
        "ArrowRight" => day.checked_add_days(days(1)),
        "ArrowUp" => day.checked_sub_days(days(7)),
        "ArrowDown" => day.checked_add_days(days(7)),
        "Home" => day.checked_sub_days(days(weekday)),
        "End" => day.checked_add_days(days(6 - weekday)),
        "PageUp" => day.checked_sub_months(Months::new(1)),
        "PageDown" => day.checked_add_months(Months::new(1)),
        _ => None,
    }
}

/// `2026-11-05`, as a cell carries it.
#[cfg(any(target_arch = "wasm32", test))]
fn read(text: &str) -> Option<NaiveDate> {
    let mut parts = text.splitn(3, '-');
    let year = parts.next()?.parse().ok()?;
    let month = parts.next()?.parse().ok()?;
    NaiveDate::from_ymd_opt(year, month, parts.next()?.parse().ok()?)
}

#[cfg(target_arch = "wasm32")]
mod browser {
    use chrono::NaiveDate;
    use leptos::prelude::document;
    use leptos::web_sys::{self, Element, HtmlElement};
    use wasm_bindgen::JsCast;

    fn cell_of(event: &web_sys::Event) -> Option<Element> {
        let target = event.target()?.dyn_into::<Element>().ok()?;
        target.closest("td[data-date]").ok().flatten()
    }

    pub fn day_of(event: &web_sys::Event) -> Option<NaiveDate> {
        super::read(&cell_of(event)?.get_attribute("data-date")?)
    }

    pub fn follow_link(event: &web_sys::Event) {
        let link = cell_of(event).and_then(|cell| cell.query_selector("a[href]").ok().flatten());
        if let Some(link) = link.and_then(|link| link.dyn_into::<HtmlElement>().ok()) {
            event.prevent_default();
            link.click();
        }
    }

    pub fn focus(day: NaiveDate) {
        let selector = format!("td[data-date='{}']", crate::format::date(day));
        let cell = document().query_selector(&selector).ok().flatten();
        if let Some(cell) = cell.and_then(|cell| cell.dyn_into::<HtmlElement>().ok()) {
            // Refused only by an element that has left the document.
            let _ = cell.focus();
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod browser {
    use chrono::NaiveDate;

    pub fn day_of<E>(_event: &E) -> Option<NaiveDate> {
        None
    }

    pub fn follow_link<E>(_event: &E) {}

    pub fn focus(_day: NaiveDate) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_move_by_days_weeks_and_months() {
        let check = |key, from, to: Option<&str>| {
            let day = read(from).expect("it is a day");
            assert_eq!(step(key, day), to.and_then(read), "{key} from {from}");
        };
        check("ArrowLeft", "2026-11-01", Some("2026-10-31"));
        check("ArrowRight", "2026-12-31", Some("2027-01-01"));
        check("ArrowUp", "2026-11-03", Some("2026-10-27"));
        check("ArrowDown", "2026-11-03", Some("2026-11-10"));
        // A Thursday.
        check("Home", "2026-11-05", Some("2026-11-02"));
        check("End", "2026-11-05", Some("2026-11-08"));
        check("PageDown", "2026-10-31", Some("2026-11-30"));
        check("PageUp", "2026-03-31", Some("2026-02-28"));
        check("a", "2026-11-05", None);
        assert_eq!(read("2026-13-01"), None);
    }
}
