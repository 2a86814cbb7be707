use super::About;
use crate::calendar::{escape, push_line, stamp};
use crate::compliance::ComplianceFile;

/// The due dates of what is open, each an event of no length in UTC, RFC 5545.
pub fn to_ics(file: &ComplianceFile) -> String {
    let mut out = String::new();
    for line in [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Drydock//Compliance//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
    ] {
        push_line(&mut out, line);
    }
    let registry = escape(&file.registry);
    push_line(&mut out, &format!("X-WR-CALNAME:Due in {registry}"));
    for (name, value) in About::of(file).pairs() {
        let name = name.replace('_', "-").to_ascii_uppercase();
        push_line(&mut out, &format!("X-DRYDOCK-{name}:{}", escape(&value)));
    }
    let made = stamp(file.generated_at);
    for row in file
        .rows
        .iter()
        .filter(|row| row.deadline.standing.is_open())
    {
        let Some(due) = row.deadline.due else {
            continue;
        };
        let finding = &row.finding;
        let (id, profile) = (&finding.id, &file.profile.id);
        push_line(&mut out, "BEGIN:VEVENT");
        push_line(&mut out, &format!("UID:{id}-{profile}@compliance.drydock"));
        push_line(&mut out, &format!("DTSTAMP:{made}"));
        push_line(&mut out, &format!("DTSTART:{}", stamp(due)));
        let what = format!("{} in {} is due", finding.cve, finding.package);
        push_line(&mut out, &format!("SUMMARY:{}", escape(&what)));
        let why = format!(
            "{}\n{}: {}\n{}",
            finding.image(),
            file.profile.name,
            row.deadline.why,
            row.deadline.defaults.join("\n")
        );
        push_line(&mut out, &format!("DESCRIPTION:{}", escape(&why)));
        push_line(&mut out, "TRANSP:TRANSPARENT");
        push_line(&mut out, "END:VEVENT");
    }
    push_line(&mut out, "END:VCALENDAR");
    out
}
