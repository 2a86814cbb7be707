//! The zone that instants are shown in: UTC, or one of the IANA table that somebody chose. The server
//! knows the zones by its own table and the browser by its own, so that none is in the bundle.
use super::preference::Preference;
use crate::format::Shown;
use chrono::{DateTime, Utc};
use drydock_domain::calendar::Zone;
use leptos::prelude::*;
use std::sync::Arc;

/// The name of a zone that exists here: `UTC`, `Europe/Berlin`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneName(Arc<str>);

pub const UTC: &str = "UTC";

const PREFERENCE: Preference = Preference {
    cookie: "drydock_zone",
    attribute: "data-zone",
};

impl ZoneName {
    pub fn utc() -> Self {
        Self(UTC.into())
    }

    /// A name as the table writes it; `None` for one that is not in it.
    pub fn find(name: &str) -> Option<Self> {
        table::contains(name).then(|| Self(name.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_utc(&self) -> bool {
        &*self.0 == UTC
    }

    /// How far the zone's clocks are ahead of UTC at an instant, in seconds.
    pub fn offset_at(&self, at: DateTime<Utc>) -> i32 {
        match self.is_utc() {
            true => 0,
            false => table::offset_at(&self.0, at),
        }
    }

    pub fn read(&self, at: DateTime<Utc>) -> Shown {
        Shown::new(at, self.offset_at(at))
    }

    /// What is kept about it; UTC is what an instant is shown in by itself.
    fn kept(&self) -> Option<&str> {
        (!self.is_utc()).then_some(&*self.0)
    }
}

impl Zone for ZoneName {
    fn offset_at(&self, instant: DateTime<Utc>) -> i32 {
        Self::offset_at(self, instant)
    }
}

/// For whoever asks with [`use_zone`]; the same on the server and in the browser at first.
pub fn provide() {
    let zone = PREFERENCE.chosen().and_then(|name| ZoneName::find(&name));
    provide_context(RwSignal::new(zone.unwrap_or_else(ZoneName::utc)));
}

/// The chosen zone.
pub fn use_zone() -> RwSignal<ZoneName> {
    use_context().unwrap_or_else(|| RwSignal::new(ZoneName::utc()))
}

/// The value of `data-zone` in the document that answers a request.
#[cfg(not(target_arch = "wasm32"))]
pub fn requested() -> Option<String> {
    let zone = ZoneName::find(&PREFERENCE.chosen()?)?;
    zone.kept().map(str::to_owned)
}

#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn remember(zone: &ZoneName) {
    PREFERENCE.remember(zone.kept());
}

/// Every instant on the page is written anew.
pub fn show(chosen: RwSignal<ZoneName>, zone: ZoneName) {
    PREFERENCE.show(zone.kept());
    chosen.set(zone);
}

/// The browser's own zone; `None` on the server, and until the part of the page that asks is alive:
/// a part may come to life later than the page, and must then be as the server sent it.
pub fn use_own_zone() -> Signal<Option<ZoneName>> {
    let own = RwSignal::new(None::<ZoneName>);
    Effect::new(move |_| own.set(table::own().and_then(|name| ZoneName::find(&name))));
    own.into()
}

/// Every zone of the browser's table, by name. Empty on the server.
pub fn all_names() -> Vec<String> {
    table::all()
}

#[cfg(not(target_arch = "wasm32"))]
mod table {
    use chrono::{DateTime, Offset, TimeZone, Utc};
    use chrono_tz::Tz;

    pub(super) fn contains(name: &str) -> bool {
        name.parse::<Tz>().is_ok()
    }

    pub(super) fn offset_at(name: &str, at: DateTime<Utc>) -> i32 {
        name.parse::<Tz>().map_or(0, |zone| {
            let offset = zone.offset_from_utc_datetime(&at.naive_utc());
            offset.fix().local_minus_utc()
        })
    }

    pub(super) fn own() -> Option<String> {
        None
    }

    pub(super) fn all() -> Vec<String> {
        Vec::new()
    }
}

#[cfg(target_arch = "wasm32")]
mod table {
    use chrono::{DateTime, Utc};
    use js_sys::{Array, Function, Intl, Object, Reflect};
    use std::cell::RefCell;
    use wasm_bindgen::{JsCast, JsValue};

    thread_local! {
        /// Making a formatter costs a hundred times what using it does.
        static FORMATTERS: RefCell<Vec<(String, Function)>> = const { RefCell::new(Vec::new()) };
        static OWN: Option<String> = read_own();
    }

    pub(super) fn contains(name: &str) -> bool {
        formatter(name).is_some()
    }

    pub(super) fn offset_at(name: &str, at: DateTime<Utc>) -> i32 {
        let write = || {
            // Milliseconds since 1970 stay exact in an f64 for the next 280,000 years.
            let at = JsValue::from_f64(at.timestamp_millis() as f64);
            formatter(name)?
                .call1(&JsValue::UNDEFINED, &at)
                .ok()?
                .as_string()
        };
        write().map_or(0, |text| super::parse_offset(&text).unwrap_or(0))
    }

    pub(super) fn own() -> Option<String> {
        OWN.with(Clone::clone)
    }

    fn read_own() -> Option<String> {
        let options = Intl::DateTimeFormat::new(&Array::new(), &Object::new()).resolved_options();
        Reflect::get(&options, &"timeZone".into()).ok()?.as_string()
    }

    pub(super) fn all() -> Vec<String> {
        let list = || {
            let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
            let list = Reflect::get(&intl, &"supportedValuesOf".into()).ok()?;
            let list = list.dyn_into::<Function>().ok()?;
            list.call1(&intl, &"timeZone".into()).ok()
        };
        let names = list().map_or_else(Array::new, |names| Array::from(&names));
        names.iter().filter_map(|name| name.as_string()).collect()
    }

    /// Writes an instant as `11/21/2026, GMT+01:00`; `None` for a zone that the browser does not know.
    fn formatter(name: &str) -> Option<Function> {
        FORMATTERS.with_borrow_mut(|kept| {
            if let Some((_, format)) = kept.iter().find(|(kept, _)| kept == name) {
                return Some(format.clone());
            }
            let format = make(name)?;
            kept.push((name.to_owned(), format.clone()));
            Some(format)
        })
    }

    fn make(name: &str) -> Option<Function> {
        let options = Object::new();
        for (key, value) in [("timeZone", name), ("timeZoneName", "longOffset")] {
            Reflect::set(&options, &key.into(), &value.into()).ok()?;
        }
        let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
        let class = Reflect::get(&intl, &"DateTimeFormat".into()).ok()?;
        let class = class.dyn_into::<Function>().ok()?;
        // By `construct`, for an unknown name is an exception.
        let made = Reflect::construct(&class, &Array::of2(&"en-US".into(), &options)).ok()?;
        Reflect::get(&made, &"format".into()).ok()?.dyn_into().ok()
    }
}

/// Seconds out of `11/21/2026, GMT+01:00`; Greenwich itself is `GMT`.
#[cfg(any(test, target_arch = "wasm32"))]
fn parse_offset(text: &str) -> Option<i32> {
    let (_, offset) = text.rsplit_once("GMT")?;
    if offset.is_empty() {
        return Some(0);
    }
    let is_west = offset.starts_with(['-', '\u{2212}']);
    let digits = offset.trim_start_matches(['+', '-', '\u{2212}']);
    let mut seconds = 0;
    for (part, unit) in digits.split(':').zip([3600, 60, 1]) {
        seconds += part.parse::<i32>().ok()? * unit;
    }
    Some(if is_west { -seconds } else { seconds })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_read_as_browsers_write_it() {
        let check = |text, expected| assert_eq!(parse_offset(text), expected, "{text}");
        check("11/21/2026, GMT", Some(0));
        check("11/21/2026, GMT+01:00", Some(3600));
        check("11/21/2026, GMT-03:30", Some(-12_600));
        check("11/21/2026, GMT\u{2212}03:30", Some(-12_600));
        check("11/18/1883, GMT-04:56:02", Some(-17_762));
        check("11/21/2026", None);
        check("GMT+x", None);
    }

    #[test]
    fn a_zone_is_one_of_the_table() {
        let berlin = ZoneName::find("Europe/Berlin").expect("it is in the table");
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("it is an instant");
        assert_eq!(berlin.offset_at(at("2027-03-28T00:59:59Z")), 3600);
        assert_eq!(berlin.offset_at(at("2027-03-28T01:00:00Z")), 7200);
        assert_eq!(ZoneName::utc().offset_at(at("2027-03-28T01:00:00Z")), 0);
        for name in ["", "Europe/Atlantis", "berlin", "UTC; Secure"] {
            assert_eq!(ZoneName::find(name), None, "{name}");
        }
    }
}
