//! Until when releases get security updates. Dates are of Debian's long-term and Ubuntu's
//! standard support, from the distro-info data.
use chrono::{DateTime, NaiveDate, Utc};

/// Family, version, last day of support.
const RELEASES: [(&str, &str, &str); 22] = [
    ("debian", "7", "2018-05-31"),
    ("debian", "8", "2020-06-30"),
    ("debian", "9", "2022-06-30"),
    ("debian", "10", "2024-06-30"),
    ("debian", "11", "2026-08-31"),
    ("debian", "12", "2028-06-30"),
    ("debian", "13", "2030-06-30"),
    ("ubuntu", "14.04", "2019-04-25"),
    ("ubuntu", "16.04", "2021-04-30"),
    ("ubuntu", "18.04", "2023-05-31"),
    ("ubuntu", "20.04", "2025-05-29"),
    ("ubuntu", "22.04", "2027-06-01"),
    ("ubuntu", "22.10", "2023-07-20"),
    ("ubuntu", "23.04", "2024-01-25"),
    ("ubuntu", "23.10", "2024-07-11"),
    ("ubuntu", "24.04", "2029-05-31"),
    ("ubuntu", "24.10", "2025-07-10"),
    ("ubuntu", "25.04", "2026-01-15"),
    ("ubuntu", "25.10", "2026-07-09"),
    ("ubuntu", "26.04", "2031-05-29"),
    ("ubuntu", "26.10", "2027-07-15"),
    ("ubuntu", "21.10", "2022-07-14"),
];

/// The last day of support: what `os-release` says in `SUPPORT_END`, else what we know.
pub fn last_day(family: &str, version_id: &str, os_release: &str) -> Option<NaiveDate> {
    let stated = os_release
        .lines()
        .find_map(|line| line.trim().strip_prefix("SUPPORT_END="));
    let known = || {
        let fits = |row: &&(&str, &str, &str)| row.0 == family && row.1 == version_id;
        RELEASES.iter().find(fits).map(|row| row.2)
    };
    stated
        .map(|date| date.trim_matches(['"', '\'']))
        .or_else(known)?
        .parse()
        .ok()
}

/// Is the last day over?
pub fn is_past(last_day: Option<NaiveDate>, now: DateTime<Utc>) -> bool {
    last_day.is_some_and(|last_day| now.date_naive() > last_day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_date_of_the_table_is_a_date() {
        for (family, version, _) in RELEASES {
            assert!(
                last_day(family, version, "").is_some(),
                "{family} {version}"
            );
        }
    }

    #[test]
    fn support_lasts_through_its_last_day() {
        let day = last_day("debian", "11", "");
        assert!(!is_past(day, "2026-08-31T23:59:59Z".parse().unwrap()));
        assert!(is_past(day, "2026-09-01T00:00:00Z".parse().unwrap()));
        assert!(!is_past(
            last_day("debian", "99", ""),
            "2026-09-01T00:00:00Z".parse().unwrap()
        ));
    }

    #[test]
    fn what_the_image_says_goes_first() {
        let day = last_day("debian", "12", "ID=debian\nSUPPORT_END=\"2020-01-01\"\n");
        assert_eq!(day, NaiveDate::from_ymd_opt(2020, 1, 1));
    }
}
