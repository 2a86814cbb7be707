//! Which findings, of which day, in which framework's words: what stands in an address.
use serde::{Deserialize, Serialize};

/// The framework that a view answers a question of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Framework {
    /// Every finding, without a framework's question.
    #[default]
    All,
    FedrampVdr,
    FedrampContainers,
    Kev,
    Pci,
    Sp800190,
    Soc2,
    Iso27001,
    Cra,
}

impl Framework {
    pub const ALL: [Self; 9] = [
        Self::All,
        Self::FedrampVdr,
        Self::FedrampContainers,
        Self::Kev,
        Self::Pci,
        Self::Sp800190,
        Self::Soc2,
        Self::Iso27001,
        Self::Cra,
    ];

    /// As an address has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "",
            Self::FedrampVdr => "fedramp-vdr",
            Self::FedrampContainers => "fedramp-containers",
            Self::Kev => "kev",
            Self::Pci => "pci",
            Self::Sp800190 => "sp800-190",
            Self::Soc2 => "soc2",
            Self::Iso27001 => "iso27001",
            Self::Cra => "cra",
        }
    }

    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == word)
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::All => "Findings",
            Self::FedrampVdr => "FedRAMP VDR",
            Self::FedrampContainers => "FedRAMP containers",
            Self::Kev => "Known exploited",
            Self::Pci => "PCI DSS",
            Self::Sp800190 => "SP 800-190",
            Self::Soc2 => "SOC 2",
            Self::Iso27001 => "ISO 27001",
            Self::Cra => "Cyber Resilience Act",
        }
    }

    /// What an auditor asks, and this view answers.
    pub fn question(self) -> &'static str {
        match self {
            Self::All => "What is open, due by when, and by whose rule?",
            Self::FedrampVdr => "What was found, evaluated and done about it in this period?",
            Self::FedrampContainers => {
                "Is every image scanned, within 30 days, and known by its digest?"
            }
            Self::Kev => {
                "Which known exploited vulnerabilities are there, when are they due, and are they done?"
            }
            Self::Pci => {
                "Which installed packages are behind their latest patches, and for how long?"
            }
            Self::Sp800190 => {
                "Which images in the registry are stale, past their end of life or vulnerable?"
            }
            Self::Soc2 => {
                "Of a random sample: when was it found, how severe was it, and when was it fixed and verified?"
            }
            Self::Iso27001 => {
                "Is there a register of vulnerabilities with deadlines, owners and acceptances?"
            }
            Self::Cra => {
                "Is every actively exploited vulnerability of a shipped image reported and remedied in time?"
            }
        }
    }

    /// The profile that its deadlines follow where the address names none.
    pub fn profile(self) -> &'static str {
        match self {
            Self::All | Self::Kev | Self::Sp800190 => "bod-26-04",
            Self::FedrampVdr => "fedramp-vdr-c",
            Self::FedrampContainers => "fedramp-legacy",
            Self::Pci => "pci-6.3.3",
            Self::Soc2 | Self::Iso27001 | Self::Cra => "internal",
        }
    }

    /// Shows how well the tags are covered by scans, before the findings.
    pub fn shows_coverage(self) -> bool {
        matches!(self, Self::FedrampContainers | Self::Sp800190)
    }
}

/// What a view or an export shows. Empty texts do not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FindingQuery {
    /// [`Framework::as_str`].
    pub view: String,
    /// [`super::Profile::id`]; empty for the view's own.
    pub profile: String,
    /// A CVE, package, repository, tag or digest that contains this.
    pub text: String,
    /// [`super::Standing::as_str`], `open`, or `closed`; empty for all that are open, `all` for all.
    pub status: String,
    /// [`super::Severity::as_str`].
    pub severity: String,
    pub repository: String,
    /// `2026-11-21`: the state at the end of that day in UTC; empty for now.
    pub as_of: String,
    /// Of a sample: the same seed picks the same findings.
    pub seed: String,
    /// Size of the sample, as text; 25 where it is empty.
    pub n: String,
    /// From 1.
    pub page: usize,
}

impl FindingQuery {
    pub fn framework(&self) -> Framework {
        Framework::find(&self.view).unwrap_or_default()
    }

    pub fn profile_id(&self) -> &str {
        match self.profile.is_empty() {
            true => self.framework().profile(),
            false => &self.profile,
        }
    }

    /// How many findings a sample has.
    pub fn sample_size(&self) -> usize {
        self.n.parse().unwrap_or(25).clamp(1, 1000)
    }

    /// The names and values of an address, without the page and without what is empty.
    pub fn pairs(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("view", self.view.as_str()),
            ("profile", &self.profile),
            ("text", &self.text),
            ("status", &self.status),
            ("severity", &self.severity),
            ("repository", &self.repository),
            ("as_of", &self.as_of),
            ("seed", &self.seed),
            ("n", &self.n),
        ];
        all.into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect()
    }

    /// Reads what [`pairs`](Self::pairs) writes; `value` answers with the value of a name.
    pub fn read(value: impl Fn(&str) -> String) -> Self {
        let text = |name| value(name).trim().to_owned();
        Self {
            view: text("view"),
            profile: text("profile"),
            text: text("text"),
            status: text("status"),
            severity: text("severity"),
            repository: text("repository"),
            as_of: text("as_of"),
            seed: text("seed"),
            n: text("n"),
            page: text("page").parse().unwrap_or(1).max(1),
        }
    }

    pub fn is_narrow(&self) -> bool {
        [&self.text, &self.status, &self.severity, &self.repository]
            .iter()
            .any(|text| !text.is_empty())
    }
}
