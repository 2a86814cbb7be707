//! Values as words: the same on the server and in the browser, so that hydration finds no difference.
//!
//! Put together by hand: chrono's `format` brings its whole pattern language, 30 kB of the bundle.
use chrono::{DateTime, Datelike, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};
use drydock_domain::schedule::MONTH_NAMES;

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// An instant as the clocks of some zone show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    local: NaiveDateTime,
    /// Seconds that these clocks are ahead of UTC.
    offset: i32,
}

impl Shown {
    pub fn new(at: DateTime<Utc>, offset: i32) -> Self {
        let local = at
            .naive_utc()
            .checked_add_signed(TimeDelta::seconds(offset.into()));
        match local {
            Some(local) => Self { local, offset },
            None => Self {
                local: at.naive_utc(),
                offset: 0,
            },
        }
    }

    /// `2026-11-21 08:00 UTC`.
    pub fn minute(self) -> String {
        format!("{} {}", date(self.local), self.clock())
    }

    /// `2026-11-21 08:00:12 UTC`.
    pub fn second(self) -> String {
        let (hour, minute, second) = (self.local.hour(), self.local.minute(), self.local.second());
        let zone = self.zone();
        format!(
            "{} {hour:02}:{minute:02}:{second:02} {zone}",
            date(self.local)
        )
    }

    /// `Sat 21 Nov 2026`.
    pub fn day(self) -> String {
        let weekday = WEEKDAYS[self.local.weekday().num_days_from_monday() as usize];
        let month = &MONTH_NAMES[self.local.month0() as usize][..3];
        format!(
            "{weekday} {} {month} {}",
            self.local.day(),
            self.local.year()
        )
    }

    /// `08:00 UTC`.
    pub fn clock(self) -> String {
        format!("{} {}", time(self.local.time()), self.zone())
    }

    /// `Sat 21 Nov 2026, 08:00 UTC`.
    pub fn day_and_clock(self) -> String {
        format!("{}, {}", self.day(), self.clock())
    }

    /// `UTC`, `UTC+1`, `UTC-3:30`.
    fn zone(self) -> String {
        let minutes = self.offset.unsigned_abs() / 60;
        let sign = if self.offset < 0 { '-' } else { '+' };
        match (minutes / 60, minutes % 60) {
            (0, 0) => "UTC".to_owned(),
            (hours, 0) => format!("UTC{sign}{hours}"),
            (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
        }
    }
}

/// `2026-11-21 08:00 UTC`.
pub fn minute(at: DateTime<Utc>) -> String {
    Shown::new(at, 0).minute()
}

/// `2026-11-21 08:00:12 UTC`.
pub fn second(at: DateTime<Utc>) -> String {
    Shown::new(at, 0).second()
}

/// `Sat 21 Nov 2026`.
pub fn day(at: DateTime<Utc>) -> String {
    Shown::new(at, 0).day()
}

/// `21 November 2026`.
pub fn long_day(at: impl Datelike) -> String {
    format!("{} {}", at.day(), month(at))
}

/// `November 2026`.
pub fn month(at: impl Datelike) -> String {
    format!("{} {}", MONTH_NAMES[at.month0() as usize], at.year())
}

/// `08:00 UTC`.
pub fn clock(at: DateTime<Utc>) -> String {
    Shown::new(at, 0).clock()
}

/// `08:00`.
pub fn time(time: NaiveTime) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

/// What `<time datetime>` takes: RFC 3339 to the second.
pub fn machine(at: DateTime<Utc>) -> String {
    let (hour, minute, second) = (at.hour(), at.minute(), at.second());
    format!(
        "{}T{hour:02}:{minute:02}:{second:02}Z",
        date(at.naive_utc())
    )
}

/// `2026-11-21`.
pub fn date(day: impl Datelike) -> String {
    format!("{:04}-{:02}-{:02}", day.year(), day.month(), day.day())
}

/// `850 ms`, `12 s`, `3 min 05 s`, `2 h 07 min`.
pub fn duration(length: TimeDelta) -> String {
    let seconds = length.num_seconds().max(0);
    match seconds {
        0 => format!("{} ms", length.num_milliseconds().max(0)),
        1..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// A length of time ahead or behind, in its largest unit: `3 days`, `5 hours`, `1 minute`.
pub fn roughly(length: TimeDelta) -> String {
    let minutes = length.num_minutes().abs();
    match minutes {
        0 => "less than a minute".to_owned(),
        1..60 => count(minutes as u64, "minute", "minutes"),
        60..2880 => count(minutes as u64 / 60, "hour", "hours"),
        _ => count(minutes as u64 / 1440, "day", "days"),
    }
}

/// `512 B`, `1.5 kB`, `27.8 MB`: decimal units, as registries count.
pub fn bytes(size_bytes: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if size_bytes < 1000 {
        return format!("{size_bytes} B");
    }
    // Tenths of a unit, rounded half up; in integers, for the code of floats is as large as a page.
    let mut divisor = 1000;
    let mut unit = 0;
    let mut tenths = in_tenths(size_bytes, divisor);
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        divisor *= 1000;
        unit += 1;
        tenths = in_tenths(size_bytes, divisor);
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

fn in_tenths(size_bytes: u64, divisor: u64) -> u64 {
    let tenth = divisor / 10;
    size_bytes / tenth + u64::from(size_bytes % tenth >= tenth.div_ceil(2))
}

/// `1 image`, `2 images`.
pub fn count(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(n), if n == 1 { one } else { many })
}

/// `12,345`.
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `sha256:8f3c…` as its first twelve hexadecimal digits; other text unchanged.
pub fn short_digest(digest: &str) -> &str {
    digest
        .strip_prefix("sha256:")
        .and_then(|hex| hex.get(..12))
        .unwrap_or(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_alike_everywhere() {
        let at = DateTime::from_timestamp(1_793_520_305, 0).expect("in range");
        assert_eq!(minute(at), "2026-11-01 08:05 UTC");
        assert_eq!(second(at), "2026-11-01 08:05:05 UTC");
        assert_eq!(day(at), "Sun 1 Nov 2026");
        assert_eq!(long_day(at), "1 November 2026");
        assert_eq!(month(at), "November 2026");
        assert_eq!(clock(at), "08:05 UTC");
        assert_eq!(machine(at), "2026-11-01T08:05:05Z");
    }

    #[test]
    fn another_zone_is_named_by_its_distance() {
        let at = DateTime::from_timestamp(1_793_520_305, 0).expect("in range");
        let check = |offset, expected| assert_eq!(Shown::new(at, offset).minute(), expected);
        check(3600, "2026-11-01 09:05 UTC+1");
        check(20_700, "2026-11-01 13:50 UTC+5:45");
        check(-34_200, "2026-10-31 22:35 UTC-9:30");
        assert_eq!(
            Shown::new(at, -34_200).day_and_clock(),
            "Sat 31 Oct 2026, 22:35 UTC-9:30"
        );
    }

    #[test]
    fn sizes_step_up_at_a_thousand() {
        let check = |size, expected| assert_eq!(bytes(size), expected);
        check(0, "0 B");
        check(999, "999 B");
        check(1_000, "1.0 kB");
        check(999_940, "999.9 kB");
        check(999_960, "1.0 MB");
        check(27_800_000, "27.8 MB");
        check(u64::MAX, "18446.7 PB");
    }

    #[test]
    fn durations_keep_two_units() {
        let check = |millis, expected| {
            assert_eq!(duration(TimeDelta::milliseconds(millis)), expected);
        };
        check(-5, "0 ms");
        check(850, "850 ms");
        check(59_999, "59 s");
        check(185_000, "3 min 05 s");
        check(7_620_000, "2 h 07 min");
    }

    #[test]
    fn rough_lengths_name_one_unit() {
        let check = |minutes, expected| assert_eq!(roughly(TimeDelta::minutes(minutes)), expected);
        check(0, "less than a minute");
        check(1, "1 minute");
        check(-90, "1 hour");
        check(2880, "2 days");
    }

    #[test]
    fn numbers_are_grouped_by_thousands() {
        let check = |n, expected| assert_eq!(thousands(n), expected);
        check(0, "0");
        check(999, "999");
        check(1_000, "1,000");
        check(1_234_567, "1,234,567");
    }

    #[test]
    fn a_digest_is_shortened_and_other_text_is_not() {
        assert_eq!(
            short_digest(&format!("sha256:{}", "ab".repeat(32))),
            "abababababab"
        );
        assert_eq!(short_digest("sha256:ab"), "sha256:ab");
        assert_eq!(short_digest("latest"), "latest");
    }
}
