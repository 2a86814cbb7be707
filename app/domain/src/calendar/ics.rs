//! A feed of the planned runs, RFC 5545.
use super::Plan;
use chrono::{DateTime, Datelike, Timelike, Utc};

/// What a feed is about.
#[derive(Clone, Copy, Debug)]
pub struct Feed<'a> {
    pub registry: &'a str,
    /// None has no occurrence.
    pub plan: Option<&'a Plan>,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    /// When the feed was made.
    pub as_of: DateTime<Utc>,
    /// Of the registry's calendar page; empty for none.
    pub url: &'a str,
}

/// The occurrences with `from <= occurrence < to`, each an event with no length, in UTC, so that
/// no zone table is needed. An occurrence has the same identity in every feed of its registry.
pub fn to_ics(feed: &Feed<'_>) -> String {
    let mut out = String::new();
    for line in [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Drydock//Continuous patching//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
    ] {
        push_line(&mut out, line);
    }
    let registry = escape(feed.registry);
    push_line(&mut out, &format!("X-WR-CALNAME:Patching of {registry}"));
    let made = stamp(feed.as_of);
    let occurrences = feed
        .plan
        .into_iter()
        .flat_map(|plan| plan.occurrences(feed.from, feed.to));
    let plan = escape(&feed.plan.map(ToString::to_string).unwrap_or_default());
    for occurrence in occurrences {
        let at = stamp(occurrence);
        push_line(&mut out, "BEGIN:VEVENT");
        push_line(&mut out, &format!("UID:{at}-{registry}@patching.drydock"));
        push_line(&mut out, &format!("DTSTAMP:{made}"));
        push_line(&mut out, &format!("DTSTART:{at}"));
        push_line(
            &mut out,
            &format!("SUMMARY:Images of {registry} are scanned and patched"),
        );
        push_line(
            &mut out,
            &format!("DESCRIPTION:Planned by the timer {plan}."),
        );
        if !feed.url.is_empty() {
            // A URI is no text: nothing in it is escaped, and no line can end in it.
            let url: String = feed
                .url
                .chars()
                .filter(|letter| !letter.is_control())
                .collect();
            push_line(&mut out, &format!("URL:{url}"));
        }
        push_line(&mut out, "TRANSP:TRANSPARENT");
        push_line(&mut out, "END:VEVENT");
    }
    push_line(&mut out, "END:VCALENDAR");
    out
}

/// `20261122T023000Z`.
pub(crate) fn stamp(at: DateTime<Utc>) -> String {
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
        at.year(),
        at.month(),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

/// A value of type text.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | ';' | ',' => {
                escaped.push('\\');
                escaped.push(character);
            }
            '\n' => escaped.push_str("\\n"),
            control if control.is_control() => {}
            other => escaped.push(other),
        }
    }
    escaped
}

/// Longer lines go on in the next one, after a blank.
const LINE_OCTETS: usize = 75;

pub(crate) fn push_line(out: &mut String, line: &str) {
    let mut octets = 0;
    for character in line.chars() {
        // Folding between the octets of a character would break it.
        if octets + character.len_utf8() > LINE_OCTETS {
            out.push_str("\r\n ");
            octets = 1;
        }
        out.push(character);
        octets += character.len_utf8();
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn feed(registry: &str, from: &str, url: &str) -> String {
        to_ics(&Feed {
            registry,
            plan: Some(&Plan::read("30 2 */7 * *").unwrap()),
            from: at(from),
            to: at("2026-12-01T00:00:00Z"),
            as_of: at("2026-11-21T08:00:05Z"),
            url,
        })
    }

    #[test]
    fn a_feed_is_what_the_standard_says() {
        let text = feed("myreg", "2026-11-28T00:00:00Z", "https://x/y?a=1;b,c");
        let expected = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n\
            PRODID:-//Drydock//Continuous patching//EN\r\nCALSCALE:GREGORIAN\r\n\
            METHOD:PUBLISH\r\nX-WR-CALNAME:Patching of myreg\r\nBEGIN:VEVENT\r\n\
            UID:20261129T023000Z-myreg@patching.drydock\r\nDTSTAMP:20261121T080005Z\r\n\
            DTSTART:20261129T023000Z\r\nSUMMARY:Images of myreg are scanned and patched\r\n\
            DESCRIPTION:Planned by the timer 7d at 02:30 UTC.\r\nURL:https://x/y?a=1;b,c\r\n\
            TRANSP:TRANSPARENT\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn an_occurrence_keeps_its_identity() {
        let ids = |text: String| -> Vec<String> {
            let lines = text.split("\r\n").filter(|line| line.starts_with("UID:"));
            lines.map(str::to_owned).collect()
        };
        let early = ids(feed("myreg", "2026-11-01T00:00:00Z", ""));
        let late = ids(feed("myreg", "2026-11-20T00:00:00Z", ""));
        assert_eq!((early.len(), late.len()), (5, 2));
        assert_eq!(early[3..], late);
    }

    #[test]
    fn long_and_foreign_text_is_folded_and_escaped() {
        let name = format!("a,b;c\\d\n\r{}", "é".repeat(80));
        let text = feed(&name, "2026-11-28T00:00:00Z", "https://x/\r\nBEGIN:VEVENT");
        assert_eq!(text.matches("\r\nBEGIN:VEVENT\r\n").count(), 1);
        for line in text.split("\r\n") {
            assert!(line.len() <= LINE_OCTETS, "{line}");
            assert!(!line.contains(['\r', '\n']), "{line:?}");
        }
        let unfolded = text.replace("\r\n ", "");
        let summary = format!("SUMMARY:Images of a\\,b\\;c\\\\d\\n{} are", "é".repeat(80));
        assert!(unfolded.contains(&summary), "{unfolded}");
    }
}
