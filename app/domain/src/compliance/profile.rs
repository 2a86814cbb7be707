use super::{Anchor, BOD_26_04, BodRow};
use chrono::{DateTime, Months, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    #[default]
    Unknown,
    Negligible,
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    pub const ALL: [Self; 6] = [
        Self::Critical,
        Self::High,
        Self::Medium,
        Self::Low,
        Self::Negligible,
        Self::Unknown,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Negligible => "negligible",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// In any casing of ASCII; `None` for another word.
    pub fn find(word: &str) -> Option<Self> {
        if word.eq_ignore_ascii_case("moderate") {
            return Some(Self::Medium);
        }
        let mut all = Self::ALL.into_iter();
        all.find(|known| word.eq_ignore_ascii_case(known.as_str()))
    }
}

/// How long there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Term {
    Hours(u32),
    Days(u32),
    /// Of the calendar: a month after 31 January ends on the last of February.
    Months(u32),
    /// With the system's next upgrade; no date.
    NextUpgrade,
}

impl Term {
    /// `None` where no date follows.
    pub fn after(self, start: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Hours(hours) => start.checked_add_signed(TimeDelta::hours(hours.into())),
            Self::Days(days) => start.checked_add_signed(TimeDelta::days(days.into())),
            Self::Months(months) => start.checked_add_months(Months::new(months)),
            Self::NextUpgrade => None,
        }
    }

    /// `3 days`.
    pub fn words(self) -> String {
        let count = |n: u32, one: &str| format!("{n} {one}{}", if n == 1 { "" } else { "s" });
        match self {
            Self::Hours(n) => count(n, "hour"),
            Self::Days(n) => count(n, "day"),
            Self::Months(n) => count(n, "month"),
            Self::NextUpgrade => "the next upgrade".to_owned(),
        }
    }
}

/// A framework's deadlines, as data: a registry may have its own version of any.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// `bod-26-04`.
    pub id: String,
    pub name: String,
    /// Where its rule is written, and what is not in it; a sentence.
    pub source: String,
    pub rule: Rule,
    /// Without a fix the clock does not run.
    pub waits_for_fix: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum Rule {
    /// By whether it is exploited, exposed, automatable, and how bad. Starts at the earlier of the
    /// listing and the detection.
    Ssvc {
        rows: Vec<BodRow>,
        defaults: SsvcDefaults,
    },
    /// By adverse impact, and by whether it is likely exploitable and the internet reaches it.
    Impact {
        /// Evaluate within so many days.
        evaluate_days: u32,
        rows: Vec<ImpactTerms>,
        /// Unresolved this long, it has to be accepted with a reason.
        accept_after_days: u32,
    },
    /// By severity alone.
    Severity {
        anchor: Anchor,
        terms: Vec<SeverityTerm>,
        /// For severities that no row names; `None` for no deadline.
        others: Option<Term>,
        /// What a severity that nobody knows counts as.
        unknown_as: Severity,
    },
}

/// What an answer counts as where no feed gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SsvcDefaults {
    pub kev: bool,
    pub automatable: bool,
    pub total: bool,
}

/// The terms of one impact rating, in hours, for half a day is one of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImpactTerms {
    /// `N5`.
    pub rating: String,
    /// The severities that are rated so.
    pub severities: Vec<Severity>,
    /// Likely exploitable, and the internet reaches it.
    pub reachable_hours: u32,
    /// Likely exploitable, and the internet does not reach it.
    pub likely_hours: u32,
    pub other_hours: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeverityTerm {
    pub severity: Severity,
    pub term: Term,
}

impl Profile {
    /// Those that Drydock knows, the first being the one that a page begins with.
    pub fn built_in() -> Vec<Self> {
        vec![
            Self::bod_26_04(),
            Self::fedramp(
                "b",
                7,
                [
                    [96, 192, 768],
                    [192, 768, 1536],
                    [768, 1536, 4608],
                    [2304, 3840, 4608],
                ],
            ),
            Self::fedramp(
                "c",
                5,
                [
                    [48, 96, 384],
                    [96, 192, 1536],
                    [384, 768, 3072],
                    [1152, 3072, 4608],
                ],
            ),
            Self::fedramp(
                "d",
                2,
                [
                    [12, 24, 192],
                    [48, 192, 768],
                    [192, 384, 1536],
                    [576, 2304, 4608],
                ],
            ),
            Self::fedramp_legacy(),
            Self::pci(),
            Self::internal(),
        ]
    }

    fn bod_26_04() -> Self {
        Self {
            id: "bod-26-04".into(),
            name: "CISA BOD 26-04".into(),
            source:
                "CISA Binding Operational Directive 26-04 and CERT/CC's table of it. The clock \
                     starts at the earlier of the listing as known exploited and the detection."
                    .into(),
            rule: Rule::Ssvc {
                rows: BOD_26_04.to_vec(),
                defaults: SsvcDefaults {
                    kev: false,
                    automatable: false,
                    total: true,
                },
            },
            waits_for_fix: false,
        }
    }

    /// A row for each of N5 to N2: reachable, likely and other, in hours.
    fn fedramp(class: &str, evaluate_days: u32, rows: [[u32; 3]; 4]) -> Self {
        let letter = class.to_ascii_uppercase();
        let ratings = [
            ("N5", vec![Severity::Critical, Severity::Unknown]),
            ("N4", vec![Severity::High]),
            ("N3", vec![Severity::Medium]),
            ("N2", vec![Severity::Low, Severity::Negligible]),
        ];
        Self {
            id: format!("fedramp-vdr-{class}"),
            name: format!("FedRAMP VDR, class {letter}"),
            source: format!(
                "FedRAMP's rules of vulnerability detection and response, class {letter}. Its \
                 timeframes are recommendations (SHOULD), the monthly report is required. Severity \
                 stands for the adverse impact (N2 to N5) that a provider would rate."
            ),
            rule: Rule::Impact {
                evaluate_days,
                rows: ratings
                    .into_iter()
                    .zip(rows)
                    .map(
                        |((rating, severities), [reachable, likely, other])| ImpactTerms {
                            rating: rating.into(),
                            severities,
                            reachable_hours: reachable,
                            likely_hours: likely,
                            other_hours: other,
                        },
                    )
                    .collect(),
                accept_after_days: 192,
            },
            waits_for_fix: false,
        }
    }

    fn fedramp_legacy() -> Self {
        let day = |severity, days| SeverityTerm {
            severity,
            term: Term::Days(days),
        };
        Self {
            id: "fedramp-legacy".into(),
            name: "FedRAMP, before VDR".into(),
            source: "FedRAMP's continuous monitoring: high 30, moderate 90, low 180 days from \
                     discovery, and images scanned within 30 days."
                .into(),
            rule: Rule::Severity {
                anchor: Anchor::FirstDetected,
                terms: vec![
                    day(Severity::Critical, 30),
                    day(Severity::High, 30),
                    day(Severity::Medium, 90),
                    day(Severity::Low, 180),
                    day(Severity::Negligible, 180),
                ],
                others: None,
                unknown_as: Severity::High,
            },
            waits_for_fix: false,
        }
    }

    fn pci() -> Self {
        Self {
            id: "pci-6.3.3".into(),
            name: "PCI DSS 6.3.3".into(),
            source: "PCI DSS 4.0.1, requirement 6.3.3: critical patches within one month of their \
                     release. Version 4.0 said critical or high; for the others your own window \
                     counts, 90 days here until you change it."
                .into(),
            rule: Rule::Severity {
                anchor: Anchor::FixAvailable,
                terms: vec![SeverityTerm {
                    severity: Severity::Critical,
                    term: Term::Months(1),
                }],
                others: Some(Term::Days(90)),
                unknown_as: Severity::Critical,
            },
            waits_for_fix: true,
        }
    }

    fn internal() -> Self {
        let day = |severity, days| SeverityTerm {
            severity,
            term: Term::Days(days),
        };
        Self {
            id: "internal".into(),
            name: "Internal".into(),
            source:
                "Your own: critical 7, high 14, medium 60 days from when there is a fix, until you \
                     change it."
                    .into(),
            rule: Rule::Severity {
                anchor: Anchor::FixAvailable,
                terms: vec![
                    day(Severity::Critical, 7),
                    day(Severity::High, 14),
                    day(Severity::Medium, 60),
                ],
                others: None,
                unknown_as: Severity::Critical,
            },
            waits_for_fix: true,
        }
    }
}
