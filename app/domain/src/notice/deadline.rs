//! Notices of what is due: vulnerabilities whose deadline is near or passed, and those that are now
//! known to be exploited.
use super::{Notice, NoticeKind};
use crate::compliance::{FindingKind, FindingRow, Standing};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;

/// A notice names so many; the page that it leads to lists all.
const NAMED: usize = 3;

/// What a notice gathers: a kind, a repository, and a day or a vulnerability.
type Subject = (&'static str, String, String);

/// One notice for a repository and a day on which something of it is due, another one when that has
/// passed, and one for each of its vulnerabilities that is known to be exploited. What passed, or was
/// found or listed, longer ago than `news` is left out. `profile` is whose deadlines they are.
pub fn notices_of_findings(
    registry: &str,
    profile: &str,
    rows: &[FindingRow],
    news: TimeDelta,
    at: DateTime<Utc>,
) -> Vec<Notice> {
    let mut subjects: BTreeMap<Subject, Vec<&FindingRow>> = BTreeMap::new();
    let of_images = rows
        .iter()
        .filter(|row| row.finding.kind == FindingKind::Vulnerability);
    for row in of_images {
        let standing = row.deadline.standing;
        let repository = &row.finding.repository;
        let mut add = |kind: NoticeKind, about: String| {
            let subject = (kind.as_str(), repository.clone(), about);
            subjects.entry(subject).or_default().push(row);
        };
        let day = row.deadline.due.map(|due| due.date_naive().to_string());
        match (standing, day) {
            (Standing::DueSoon, Some(day)) => add(NoticeKind::DeadlineNear, day),
            (Standing::Overdue, Some(day)) if row.became_overdue() > at - news => {
                add(NoticeKind::DeadlineMissed, day);
            }
            _ => {}
        }
        if standing.is_open() && row.became_exploited().is_some_and(|then| then > at - news) {
            add(NoticeKind::Exploited, row.finding.cve.clone());
        }
    }
    let notices = subjects.into_iter();
    notices
        .map(|(subject, rows)| notice(registry, profile, &subject, &rows, at))
        .collect()
}

impl FindingRow {
    /// When somebody could first have known that it is late.
    fn became_overdue(&self) -> DateTime<Utc> {
        let due = self.deadline.due.unwrap_or(self.finding.opened_at);
        due.max(self.finding.opened_at)
    }

    /// When it was both in the image and known to be exploited.
    fn became_exploited(&self) -> Option<DateTime<Utc>> {
        let listed = self.signals.kev.as_ref()?.as_ref()?;
        Some(listed.added.max(self.finding.opened_at))
    }
}

fn notice(
    registry: &str,
    profile: &str,
    (kind, repository, about): &Subject,
    rows: &[&FindingRow],
    at: DateTime<Utc>,
) -> Notice {
    let kind = NoticeKind::find(kind).expect("a subject is made with a kind's own name");
    let mut names: Vec<&str> = rows.iter().map(|row| row.finding.cve.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let (count, listed) = (count(names.len()), listed(&names));
    let (text, query) = match kind {
        NoticeKind::DeadlineMissed => (
            format!(
                "{count} in {repository} should have been fixed by {about} ({profile}): {listed}."
            ),
            "status=overdue",
        ),
        NoticeKind::Exploited => (
            format!("{about} in {repository} is known to be exploited."),
            "view=kev",
        ),
        _ => (
            format!("{count} in {repository} must be fixed by {about} ({profile}): {listed}."),
            "status=due-soon",
        ),
    };
    let subject = format!("{repository}/{about}");
    Notice {
        text,
        path: format!("/registries/{registry}/compliance?{query}&repository={repository}"),
        ..Notice::new(kind, registry, &subject, at)
    }
}

fn count(n: usize) -> String {
    match n {
        1 => "1 vulnerability".to_owned(),
        n => format!("{n} vulnerabilities"),
    }
}

fn listed(names: &[&str]) -> String {
    let named = names[..names.len().min(NAMED)].join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => named,
        n => format!("{named} and {n} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compliance::{Anchor, Deadline, Exposure, Finding, Instants, Kev};
    use crate::compliance::{Severity, Signals};

    fn day(text: &str) -> DateTime<Utc> {
        format!("{text}T12:00:00Z").parse().unwrap()
    }

    fn row(cve: &str, standing: Standing, due: &str, opened: &str) -> FindingRow {
        FindingRow {
            finding: Finding {
                id: cve.to_owned(),
                kind: FindingKind::Vulnerability,
                registry: "harbour".into(),
                repository: "web/api".into(),
                original: "1".into(),
                tag: "1".into(),
                digest: "sha256:ab".into(),
                platform: String::new(),
                cve: cve.to_owned(),
                package: "zlib1g".into(),
                purl: String::new(),
                installed: "1".into(),
                fixed: "2".into(),
                severity: Severity::High,
                instants: Instants::default(),
                scanner: String::new(),
                database_at: None,
                scan_id: String::new(),
                opened_at: day(opened),
                closing: None,
            },
            deadline: Deadline {
                due: Some(day(due)),
                anchor: Anchor::FirstDetected,
                anchor_at: None,
                why: String::new(),
                defaults: Vec::new(),
                forensic: false,
                standing,
                stopped_at: None,
            },
            exposure: Exposure::Unknown,
            severity: Severity::High,
            signals: Signals::default(),
            acceptance: None,
        }
    }

    fn told(rows: &[FindingRow]) -> Vec<Notice> {
        notices_of_findings(
            "harbour",
            "P",
            rows,
            TimeDelta::hours(24),
            day("2026-11-21"),
        )
    }

    #[test]
    fn what_is_due_on_one_day_is_told_once_with_a_few_names() {
        let rows = ["CVE-4", "CVE-1", "CVE-2", "CVE-3", "CVE-1"]
            .map(|cve| row(cve, Standing::DueSoon, "2026-11-24", "2026-11-01"));
        let notices = told(&rows);
        assert_eq!(notices.len(), 1);
        assert_eq!(notices[0].id, "deadline.near/harbour/web/api/2026-11-24");
        assert_eq!(
            notices[0].text,
            "4 vulnerabilities in web/api must be fixed by 2026-11-24 (P): CVE-1, CVE-2, CVE-3 and 1 more."
        );
        assert_eq!(
            notices[0].path,
            "/registries/harbour/compliance?status=due-soon&repository=web/api"
        );
    }

    #[test]
    fn a_deadline_that_passed_is_told_while_it_is_news() {
        let passed = row("CVE-1", Standing::Overdue, "2026-11-21", "2026-11-01");
        let long_ago = row("CVE-2", Standing::Overdue, "2026-11-19", "2026-11-01");
        let late_when_found = row("CVE-3", Standing::Overdue, "2026-11-19", "2026-11-21");
        let in_time = row("CVE-4", Standing::Running, "2027-11-19", "2026-11-21");
        let ids: Vec<String> = told(&[passed, long_ago, late_when_found, in_time])
            .into_iter()
            .map(|notice| notice.id)
            .collect();
        assert_eq!(
            ids,
            [
                "deadline.missed/harbour/web/api/2026-11-19",
                "deadline.missed/harbour/web/api/2026-11-21"
            ]
        );
    }

    #[test]
    fn what_is_newly_known_to_be_exploited_is_told_while_it_is_open() {
        let mut listed = row("CVE-1", Standing::Running, "2027-01-01", "2026-11-01");
        let kev = |added| {
            let (added, due, ransomware) = (day(added), None, false);
            Some(Some(Kev {
                added,
                due,
                ransomware,
            }))
        };
        listed.signals.kev = kev("2026-11-21");
        let mut before = listed.clone();
        before.finding.cve = "CVE-2".into();
        before.signals.kev = kev("2026-11-02");
        let mut fixed = listed.clone();
        fixed.finding.cve = "CVE-3".into();
        fixed.deadline.standing = Standing::Met;
        let notices = told(&[listed, before, fixed]);
        assert_eq!(notices.len(), 1);
        assert_eq!(notices[0].id, "kev.matched/harbour/web/api/CVE-1");
        assert_eq!(
            notices[0].text,
            "CVE-1 in web/api is known to be exploited."
        );
    }
}
