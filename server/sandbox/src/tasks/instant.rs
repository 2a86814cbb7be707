//! Instants as ACR Tasks writes them.
use chrono::{DateTime, SecondsFormat, SubsecRound, Utc};

/// `2025-04-22T21:54:16.5014686+00:00`: up to seven digits of a second, without trailing zeros.
pub fn precise(instant: DateTime<Utc>) -> String {
    let nanos = instant
        .trunc_subsecs(7)
        .format("%Y-%m-%dT%H:%M:%S%.9f")
        .to_string();
    let digits = nanos.trim_end_matches('0').trim_end_matches('.');
    format!("{digits}+00:00")
}

/// `2025-04-22T21:54:16+00:00`, as `lastUpdatedTime` has it.
pub fn seconds(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, false)
}

/// `2025-04-22T21:54:16.5014686Z`, as role assignments and registries have it.
pub fn zulu(instant: DateTime<Utc>) -> String {
    precise(instant).replace("+00:00", "Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_digits_at_most_and_no_trailing_zero() {
        for (instant, expected) in [
            (
                "2025-04-22T21:54:16.501468699Z",
                "2025-04-22T21:54:16.5014686+00:00",
            ),
            (
                "2020-03-24T22:31:19.240019Z",
                "2020-03-24T22:31:19.240019+00:00",
            ),
            ("2020-03-24T22:31:10Z", "2020-03-24T22:31:10+00:00"),
        ] {
            let instant: DateTime<Utc> = instant.parse().unwrap();
            assert_eq!(precise(instant), expected);
            assert_eq!(
                precise(instant).parse::<DateTime<Utc>>().unwrap(),
                instant.trunc_subsecs(7)
            );
        }
        let instant = "2025-04-22T21:54:16.9Z".parse().unwrap();
        assert_eq!(seconds(instant), "2025-04-22T21:54:16+00:00");
        assert_eq!(zulu(instant), "2025-04-22T21:54:16.9Z");
    }
}
