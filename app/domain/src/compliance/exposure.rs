pub use crate::pattern::fits;
use serde::{Deserialize, Serialize};

/// Whether the internet reaches what runs from a repository. Only its owner knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Exposure {
    Public,
    Internal,
    /// Counts as public.
    #[default]
    Unknown,
}

impl Exposure {
    pub const ALL: [Self; 3] = [Self::Public, Self::Internal, Self::Unknown];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Internal => "internal",
            Self::Unknown => "unknown",
        }
    }

    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == name)
    }

    pub fn counts_as_public(self) -> bool {
        self != Self::Internal
    }
}

/// The repositories that a pattern names have this exposure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExposureRule {
    /// As in [`fits`].
    pub pattern: String,
    pub exposure: Exposure,
}

/// The first rule that fits decides.
pub fn exposure_of(rules: &[ExposureRule], repository: &str) -> Exposure {
    let rule = rules.iter().find(|rule| fits(&rule.pattern, repository));
    rule.map_or(Exposure::Unknown, |rule| rule.exposure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        let check =
            |pattern, text, expected| assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        check("web/api", "web/api", true);
        check("web/api", "web/api2", false);
        check("web/*", "web/api/v2", true);
        check("*", "", true);
        check("*/api", "web/api", true);
        check("*/api", "api", false);
        check("w*b*i", "web/api", true);
        check("w*x*i", "web/api", false);
        check("ab*ba", "aba", false);
        check("", "x", false);
    }

    #[test]
    fn the_first_rule_decides_and_no_rule_is_unknown() {
        let rule = |pattern: &str, exposure| ExposureRule {
            pattern: pattern.into(),
            exposure,
        };
        let rules = [
            rule("web/admin", Exposure::Internal),
            rule("web/*", Exposure::Public),
        ];
        assert_eq!(exposure_of(&rules, "web/admin"), Exposure::Internal);
        assert_eq!(exposure_of(&rules, "web/api"), Exposure::Public);
        assert_eq!(exposure_of(&rules, "base"), Exposure::Unknown);
        assert!(Exposure::Unknown.counts_as_public());
    }
}
