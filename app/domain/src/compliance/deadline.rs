use super::{
    BodRow, Exposure, Finding, FindingKind, Impact, ImpactTerms, KeptException, Profile, Rule,
    Severity, SeverityTerm, Signals, SsvcDefaults, Term,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// What is due within this long is due soon.
const SOON: TimeDelta = TimeDelta::days(7);

/// The instant that a clock starts at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Anchor {
    Published,
    FixAvailable,
    FirstDetected,
    Evaluated,
    KevAdded,
}

impl Anchor {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::FixAvailable => "fix available",
            Self::FirstDetected => "first detected",
            Self::Evaluated => "evaluated",
            Self::KevAdded => "listed as exploited",
        }
    }
}

/// What a profile asks for, and how that stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// `None` where no date follows: see `standing` and `why`.
    pub due: Option<DateTime<Utc>>,
    pub anchor: Anchor,
    /// `None` where the clock has not started.
    pub anchor_at: Option<DateTime<Utc>>,
    /// The row of the profile that decided; a clause.
    pub why: String,
    /// What was not known, and what it counted as; a clause each.
    pub defaults: Vec<String>,
    /// Look for what an attacker left, too.
    pub forensic: bool,
    pub standing: Standing,
    /// When the clock stopped: the patched tag was pushed, and a scan found it clean.
    pub stopped_at: Option<DateTime<Utc>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    Overdue,
    DueSoon,
    Running,
    /// Nobody offers a fix yet, and this profile's clock waits for one.
    WaitingForFix,
    /// Due with the system's next upgrade.
    NextUpgrade,
    /// Open, and this profile names no date for it.
    NoDeadline,
    /// Somebody accepted it, for a time.
    Accepted,
    Met,
    /// Fixed, and later than was asked.
    MetLate,
    /// The image is not in the registry any more, or another one took its place.
    Gone,
}

impl Standing {
    pub const ALL: [Self; 10] = [
        Self::Overdue,
        Self::DueSoon,
        Self::Running,
        Self::WaitingForFix,
        Self::NextUpgrade,
        Self::NoDeadline,
        Self::Accepted,
        Self::Met,
        Self::MetLate,
        Self::Gone,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::DueSoon => "due-soon",
            Self::Running => "running",
            Self::WaitingForFix => "waiting-for-fix",
            Self::NextUpgrade => "next-upgrade",
            Self::NoDeadline => "no-deadline",
            Self::Accepted => "accepted",
            Self::Met => "met",
            Self::MetLate => "met-late",
            Self::Gone => "gone",
        }
    }

    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == word)
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Overdue => "Overdue",
            Self::DueSoon => "Due soon",
            Self::Running => "In time",
            Self::WaitingForFix => "Waiting for a fix",
            Self::NextUpgrade => "Next upgrade",
            Self::NoDeadline => "No deadline",
            Self::Accepted => "Accepted",
            Self::Met => "Fixed in time",
            Self::MetLate => "Fixed late",
            Self::Gone => "Gone",
        }
    }

    /// Still to be done.
    pub fn is_open(self) -> bool {
        match self {
            Self::Overdue
            | Self::DueSoon
            | Self::Running
            | Self::WaitingForFix
            | Self::NextUpgrade
            | Self::NoDeadline
            | Self::Accepted => true,
            Self::Met | Self::MetLate | Self::Gone => false,
        }
    }
}

/// What a row of a profile makes of a finding.
struct Decided {
    term: Option<Term>,
    anchor: Anchor,
    anchor_at: Option<DateTime<Utc>>,
    why: String,
    defaults: Vec<String>,
    forensic: bool,
}

/// What `profile` asks for a finding of a repository with this exposure, as `signals` have it, and how
/// that stands at `now`. Exceptions are those that may fit; the finding is as it was known at `now`.
pub fn deadline(
    finding: &Finding,
    profile: &Profile,
    exposure: Exposure,
    signals: &Signals,
    exceptions: &[KeptException],
    now: DateTime<Utc>,
) -> Deadline {
    let mut decided = decide(finding, profile, exposure, signals);
    let has_no_fix = finding.kind == FindingKind::Vulnerability && finding.fixed.is_empty();
    let waits = profile.waits_for_fix && has_no_fix;
    if waits {
        decided.anchor_at = None;
    }
    let due = decided
        .anchor_at
        .and_then(|start| decided.term?.after(start));
    let stopped_at = finding
        .closing
        .as_ref()
        .filter(|closing| closing.reason.stops_the_clock())
        .map(|closing| closing.at);
    let is_accepted = || exceptions.iter().any(|kept| kept.covers(finding, now));
    let standing = match (&finding.closing, stopped_at) {
        (_, Some(stopped)) if due.is_none_or(|due| stopped <= due) => Standing::Met,
        (_, Some(_)) => Standing::MetLate,
        (Some(_), None) => Standing::Gone,
        (None, None) if is_accepted() => Standing::Accepted,
        (None, None) => open(due, decided.term, waits, now),
    };
    Deadline {
        due,
        anchor: decided.anchor,
        anchor_at: decided.anchor_at,
        why: decided.why,
        defaults: decided.defaults,
        forensic: decided.forensic,
        standing,
        stopped_at,
    }
}

fn open(
    due: Option<DateTime<Utc>>,
    term: Option<Term>,
    waits: bool,
    now: DateTime<Utc>,
) -> Standing {
    match (due, term) {
        (Some(due), _) if due < now => Standing::Overdue,
        (Some(due), _) if due - now <= SOON => Standing::DueSoon,
        (Some(_), _) => Standing::Running,
        (None, _) if waits => Standing::WaitingForFix,
        (None, Some(Term::NextUpgrade)) => Standing::NextUpgrade,
        (None, _) => Standing::NoDeadline,
    }
}

fn decide(finding: &Finding, profile: &Profile, exposure: Exposure, signals: &Signals) -> Decided {
    let is_detection = finding.kind != FindingKind::Vulnerability;
    match &profile.rule {
        Rule::Impact {
            evaluate_days,
            rows,
            ..
        } => by_impact(finding, *evaluate_days, rows, exposure, signals),
        Rule::Ssvc { .. } | Rule::Severity { .. } if is_detection => Decided {
            term: None,
            anchor: Anchor::FirstDetected,
            anchor_at: finding.instants.first_detected,
            why: "a failure of detection: this profile names no date for it".into(),
            defaults: Vec::new(),
            forensic: false,
        },
        Rule::Ssvc { rows, defaults } => by_ssvc(finding, rows, *defaults, exposure, signals),
        Rule::Severity {
            anchor,
            terms,
            others,
            unknown_as,
        } => by_severity(finding, *anchor, (terms, *others), *unknown_as, signals),
    }
}

/// An exposure that nobody told is a default too.
fn exposed(exposure: Exposure, defaults: &mut Vec<String>) -> bool {
    if exposure == Exposure::Unknown {
        defaults.push("exposure is not known, and counts as public".into());
    }
    exposure.counts_as_public()
}

fn or_default(
    known: Option<bool>,
    default: bool,
    what: &str,
    words: [&str; 2],
    defaults: &mut Vec<String>,
) -> bool {
    known.unwrap_or_else(|| {
        let word = words[usize::from(default)];
        defaults.push(format!("{what} is not known, and counts as {word}"));
        default
    })
}

fn by_ssvc(
    finding: &Finding,
    rows: &[BodRow],
    assumed: SsvcDefaults,
    exposure: Exposure,
    signals: &Signals,
) -> Decided {
    let mut defaults = Vec::new();
    let listed = signals.kev.as_ref().map(Option::is_some);
    let yes_no = ["no", "yes"];
    let kev = or_default(
        listed,
        assumed.kev,
        "whether it is exploited",
        yes_no,
        &mut defaults,
    );
    let exposed = exposed(exposure, &mut defaults);
    let automatable = or_default(
        signals.automatable,
        assumed.automatable,
        "whether it can be automated",
        yes_no,
        &mut defaults,
    );
    let total = or_default(
        signals.impact.map(|impact| impact == Impact::Total),
        assumed.total,
        "its technical impact",
        ["partial", "total"],
        &mut defaults,
    );
    let row = rows.iter().find(|row| {
        (row.kev, row.exposed, row.automatable, row.total) == (kev, exposed, automatable, total)
    });
    let (anchor, anchor_at) = earlier(finding, signals);
    let say = |yes: bool, words: [&'static str; 2]| words[usize::from(yes)];
    let answers = [
        say(kev, ["not known exploited", "known exploited"]),
        say(exposed, ["not exposed", "exposed"]),
        say(automatable, ["not automatable", "automatable"]),
        say(total, ["partial impact", "total impact"]),
    ];
    let term = row.map(|row| row.term);
    Decided {
        term,
        anchor,
        anchor_at,
        why: format!("{}: {}", answers.join(", "), words(term)),
        defaults,
        forensic: row.is_some_and(|row| row.forensic),
    }
}

/// The earlier of the listing as exploited and the detection.
fn earlier(finding: &Finding, signals: &Signals) -> (Anchor, Option<DateTime<Utc>>) {
    let detected = finding.instants.first_detected;
    let catalogue = signals.kev.as_ref().and_then(Option::as_ref);
    let listed = catalogue
        .map(|kev| kev.added)
        .or(finding.instants.kev_added);
    match (listed, detected) {
        (Some(listed), Some(detected)) if listed < detected => (Anchor::KevAdded, Some(listed)),
        (Some(listed), None) => (Anchor::KevAdded, Some(listed)),
        (_, detected) => (Anchor::FirstDetected, detected),
    }
}

fn severity(finding: &Finding, signals: &Signals) -> Severity {
    signals.severity.unwrap_or(finding.severity)
}

fn by_impact(
    finding: &Finding,
    evaluate_days: u32,
    rows: &[ImpactTerms],
    exposure: Exposure,
    signals: &Signals,
) -> Decided {
    let mut defaults = Vec::new();
    let severity = severity(finding, signals);
    let row = rows.iter().find(|row| row.severities.contains(&severity));
    let rating = row.map_or("none", |row| row.rating.as_str());
    defaults.push(match severity {
        Severity::Unknown => {
            format!("neither impact nor severity is known, and counts as {rating}")
        }
        known => format!(
            "nobody rated the impact: {} severity counts as {rating}",
            known.as_str()
        ),
    });
    let reachable = exposed(exposure, &mut defaults);
    let is_listed = matches!(signals.kev, Some(Some(_)));
    let likely = is_listed
        || or_default(
            signals.automatable,
            true,
            "whether its exploitation is likely",
            ["unlikely", "likely"],
            &mut defaults,
        );
    let hours = row.map(|row| match (likely, reachable) {
        (true, true) => row.reachable_hours,
        (true, false) => row.likely_hours,
        (false, _) => row.other_hours,
    });
    let evaluated = finding.instants.evaluated;
    let latest = || Term::Days(evaluate_days).after(finding.instants.first_detected?);
    let anchor_at = evaluated.or_else(latest);
    if evaluated.is_none() {
        let days = Term::Days(evaluate_days).words();
        defaults.push(format!(
            "not evaluated yet: {days} after the detection counts"
        ));
    }
    let term = hours.map(|hours| match hours % 24 {
        0 => Term::Days(hours / 24),
        _ => Term::Hours(hours),
    });
    let words = words(term);
    let likely = if likely {
        "likely exploitable"
    } else {
        "not likely exploitable"
    };
    let reach = if reachable {
        "reachable from the internet"
    } else {
        "not reachable"
    };
    Decided {
        term,
        anchor: Anchor::Evaluated,
        anchor_at,
        why: format!("{rating}, {likely}, {reach}: {words}"),
        defaults,
        forensic: false,
    }
}

fn by_severity(
    finding: &Finding,
    anchor: Anchor,
    (terms, others): (&[SeverityTerm], Option<Term>),
    unknown_as: Severity,
    signals: &Signals,
) -> Decided {
    let mut defaults = Vec::new();
    let severity = match severity(finding, signals) {
        Severity::Unknown => {
            let counted = unknown_as.as_str();
            defaults.push(format!(
                "its severity is not known, and counts as {counted}"
            ));
            unknown_as
        }
        known => known,
    };
    let named = terms.iter().find(|row| row.severity == severity);
    let term = named.map(|row| row.term).or(others);
    let instants = &finding.instants;
    let exact = match anchor {
        Anchor::Published => signals.published.or(instants.published),
        Anchor::FixAvailable => instants.fix_available,
        Anchor::FirstDetected => instants.first_detected,
        Anchor::Evaluated => instants.evaluated,
        Anchor::KevAdded => instants.kev_added,
    };
    let anchor_at = exact.or_else(|| {
        let word = anchor.as_str();
        defaults.push(format!(
            "when it was {word} is not known: the detection counts"
        ));
        instants.first_detected
    });
    Decided {
        term,
        anchor,
        anchor_at,
        why: format!("{} severity: {}", severity.as_str(), words(term)),
        defaults,
        forensic: false,
    }
}

fn words(term: Option<Term>) -> String {
    term.map_or_else(|| "no date".to_owned(), Term::words)
}

#[cfg(test)]
mod tests;
