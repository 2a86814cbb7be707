//! Values as words: the same on the server and in the browser, so that hydration finds no difference.
use chrono::{DateTime, TimeDelta, Utc};

/// `2026-11-21 08:00 UTC`.
pub fn minute(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// `2026-11-21 08:00:12 UTC`.
pub fn second(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// `Sat 21 Nov 2026`.
pub fn day(at: DateTime<Utc>) -> String {
    at.format("%a %-d %b %Y").to_string()
}

/// What `<time datetime>` takes: RFC 3339 to the second.
pub fn machine(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
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
    let mut value = size_bytes as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
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
