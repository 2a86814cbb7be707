use super::*;

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[test]
fn days_are_read_as_the_extension_reads_them() {
    for (text, days) in [("1d", 1), ("7d", 7), ("30d", 30), ("007d", 7), ("7d\n", 7)] {
        assert_eq!(parse_days(text), Ok(days), "{text:?}");
    }
    for text in [
        "",
        "d",
        "7",
        "7D",
        " 7d",
        "7d ",
        "0d",
        "31d",
        "41d",
        "-1d",
        "+1d",
        "1w",
        "7d\n\n",
        "1.5d",
        "99999999999999999999d",
        "000d",
        "257d",
    ] {
        assert!(parse_days(text).is_err(), "{text:?}");
    }
}

#[test]
fn a_cron_comes_back_as_the_schedule_that_wrote_it() {
    for days in 1..=30 {
        let schedule = Schedule::new(days, 21, 54).unwrap();
        assert_eq!(Schedule::from_cron(&schedule.to_cron()), Ok(schedule));
    }
    assert_eq!(Schedule::new(7, 5, 0).unwrap().to_cron(), "0 5 */7 * *");
}

#[test]
fn a_foreign_cron_says_what_is_foreign() {
    let check = |cron: &str, expected: &str| {
        let error = Schedule::from_cron(cron).unwrap_err();
        assert!(error.reason.contains(expected), "{cron}: {error}");
    };
    check("0 0 * * *", "its day field is `*`");
    check("0 0 1,15 * *", "`1,15`");
    check("0 0 */31 * *", "`*/31`");
    check("*/5 0 */7 * *", "its minute field");
    check("0 1-5 */7 * *", "its hour field");
    check("0 0 */7 * Mon", "weekdays");
    check("0 0 */7", "3 fields");
}

#[test]
fn thirty_days_run_on_the_31st_and_again_on_the_1st() {
    let schedule = Schedule::new(30, 6, 0).unwrap();
    let from = instant("2026-01-01T00:00:00Z");
    let to = instant("2026-04-01T00:00:00Z");
    let dates: Vec<String> = schedule
        .occurrences(from, to)
        .map(|occurrence| occurrence.format("%m-%d").to_string())
        .collect();
    assert_eq!(dates, ["01-01", "01-31", "02-01", "03-01", "03-31"]);
    let gaps: Vec<String> = schedule
        .odd_gaps(from, to)
        .map(|gap| gap.to_string())
        .collect();
    assert_eq!(
        gaps,
        [
            "1 day between 31 January and 1 February",
            "28 days between 1 February and 1 March",
            "1 day between 31 March and 1 April",
        ]
    );
}

#[test]
fn a_gap_over_the_new_year_names_both_years() {
    let schedule = Schedule::new(7, 6, 0).unwrap();
    let from = instant("2026-12-29T00:00:00Z");
    let gap = schedule
        .gaps(from, instant("2027-01-01T00:00:00Z"))
        .next()
        .unwrap();
    assert_eq!(
        gap.to_string(),
        "3 days between 29 December 2026 and 1 January 2027"
    );
}

#[test]
fn the_window_holds_its_beginning_and_not_its_end() {
    let schedule = Schedule::new(10, 6, 30).unwrap();
    let first = instant("2026-01-11T06:30:00Z");
    let second = instant("2026-01-21T06:30:00Z");
    assert_eq!(
        schedule.occurrences(first, second).collect::<Vec<_>>(),
        [first]
    );
    assert_eq!(schedule.next_after(first), second);
    assert_eq!(schedule.next_after(instant("2026-01-11T06:29:59Z")), first);
    assert_eq!(schedule.occurrences(second, first).count(), 0);
}

#[test]
fn only_valid_schedules_come_from_json() {
    let text = r#"{"days":7,"hour":21,"minute":54}"#;
    let schedule: Schedule = serde_json::from_str(text).unwrap();
    assert_eq!(schedule.to_string(), "7d at 21:54 UTC");
    assert_eq!(serde_json::to_string(&schedule).unwrap(), text);
    assert!(serde_json::from_str::<Schedule>(r#"{"days":31,"hour":0,"minute":0}"#).is_err());
    assert!(serde_json::from_str::<Schedule>(r#"{"days":1,"hour":24,"minute":0}"#).is_err());
}

#[test]
fn a_time_of_day_has_two_digits_on_each_side_and_nothing_else() {
    let check = |text, expected| assert_eq!(parse_time(text), expected, "{text}");
    check("00:00", Some((0, 0)));
    check("23:59", Some((23, 59)));
    check("24:00", None);
    check("12:60", None);
    check("9:30", None);
    check("+9:30", None);
    check("0930", None);
    check("02:30 *", None);
    check("02:30:00", None);
    check("", None);
}
