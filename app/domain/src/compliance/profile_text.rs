//! A profile as people edit it: as JSON.
use super::{Profile, Rule, Term};
use serde_json::Value;

/// No profile is as long, and none is read further.
const MAX_BYTES: usize = 64 << 10;
const MAX_ID_CHARACTERS: usize = 64;
const MAX_NAME_CHARACTERS: usize = 120;
const MAX_SOURCE_CHARACTERS: usize = 1_000;
/// Ten years: what is longer is a slip of the keyboard.
const MAX_HOURS: u32 = 10 * 366 * 24;

/// Why a text is no profile; a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidProfile(String);

impl Profile {
    /// Reads [`Self::to_text`], edited.
    ///
    /// # Errors
    /// No JSON, a member that no profile has, a name without text, a rule without rows, or a term that is
    /// longer than ten years.
    pub fn from_text(text: &str) -> Result<Self, InvalidProfile> {
        if text.len() > MAX_BYTES {
            return Err(invalid("it is longer than 64 KiB"));
        }
        let given: Value = serde_json::from_str(text).map_err(invalid)?;
        let profile: Self = serde_json::from_str(text).map_err(invalid)?;
        let known = serde_json::to_value(&profile).map_err(invalid)?;
        if let Some(pointer) = unknown_member(&given, &known, "") {
            return Err(invalid(format!("no profile has {pointer}")));
        }
        profile.check()?;
        Ok(profile)
    }

    /// The profile as JSON, set for reading.
    pub fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).expect("a profile is made of texts and numbers")
    }

    fn check(&self) -> Result<(), InvalidProfile> {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
        if !(1..=MAX_ID_CHARACTERS).contains(&self.id.len()) || !self.id.chars().all(is_plain) {
            return Err(invalid(
                "/id takes 1 to 64 small letters, digits, hyphens and dots",
            ));
        }
        if !(1..=MAX_NAME_CHARACTERS).contains(&self.name.trim().chars().count()) {
            return Err(invalid("/name takes 1 to 120 characters"));
        }
        if self.source.chars().count() > MAX_SOURCE_CHARACTERS {
            return Err(invalid("/source takes 1000 characters at most"));
        }
        let terms = self.rule.hours();
        if terms.is_empty() {
            return Err(invalid("/rule has no row, so nothing would ever be due"));
        }
        match terms.iter().any(|hours| *hours > MAX_HOURS) {
            true => Err(invalid("/rule has a term of more than ten years")),
            false => Ok(()),
        }
    }
}

impl Rule {
    /// Every term of it, in hours; the next upgrade is none.
    fn hours(&self) -> Vec<u32> {
        let hours = |term: &Term| match *term {
            Term::Hours(n) => n,
            Term::Days(n) => n.saturating_mul(24),
            Term::Months(n) => n.saturating_mul(31 * 24),
            Term::NextUpgrade => 0,
        };
        match self {
            Self::Ssvc { rows, .. } => rows.iter().map(|row| hours(&row.term)).collect(),
            Self::Severity { terms, others, .. } => {
                let terms = terms.iter().map(|row| &row.term);
                terms.chain(others).map(hours).collect()
            }
            Self::Impact {
                rows,
                evaluate_days,
                accept_after_days,
            } => {
                let days = [*evaluate_days, *accept_after_days].map(Term::Days);
                let rows = rows
                    .iter()
                    .flat_map(|row| [row.reachable_hours, row.likely_hours, row.other_hours]);
                let hours: Vec<u32> = days.iter().map(hours).collect();
                match rows.clone().count() {
                    0 => Vec::new(),
                    _ => rows.chain(hours).collect(),
                }
            }
        }
    }
}

fn invalid(why: impl std::fmt::Display) -> InvalidProfile {
    InvalidProfile(format!("This is no profile: {why}."))
}

/// The pointer to the first member that was given and not read.
fn unknown_member(given: &Value, known: &Value, at: &str) -> Option<String> {
    match (given, known) {
        (Value::Object(given), Value::Object(known)) => given.iter().find_map(|(name, value)| {
            let pointer = format!("{at}/{name}");
            match known.get(name) {
                Some(known) => unknown_member(value, known, &pointer),
                None => Some(pointer),
            }
        }),
        (Value::Array(given), Value::Array(known)) => given
            .iter()
            .zip(known)
            .enumerate()
            .find_map(|(n, (given, known))| unknown_member(given, known, &format!("{at}/{n}"))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_is_read_back_from_its_text() {
        for profile in Profile::built_in() {
            assert_eq!(Profile::from_text(&profile.to_text()), Ok(profile));
        }
    }

    #[test]
    fn what_is_no_profile_is_told_where() {
        let internal = Profile::built_in()
            .into_iter()
            .find(|profile| profile.id == "internal")
            .unwrap();
        let edited = |pointer: &str, value: Value| {
            let mut json = serde_json::to_value(&internal).unwrap();
            *json.pointer_mut(pointer).unwrap() = value;
            let error = Profile::from_text(&json.to_string()).unwrap_err();
            error.to_string()
        };
        for (pointer, value, why) in [
            ("/id", "A b".into(), "/id takes"),
            ("/name", " ".into(), "/name takes"),
            (
                "/rule/terms/0/term",
                serde_json::json!({"days": 99_999}),
                "ten years",
            ),
            (
                "/rule/terms/0/term",
                serde_json::json!({"weeks": 1}),
                "unknown variant",
            ),
            ("/waits_for_fix", "yes".into(), "line 1 column"),
        ] {
            let told = edited(pointer, value);
            assert!(told.contains(why), "{told}");
        }
        let mut json = serde_json::to_value(&internal).unwrap();
        json["rule"]["anchors"] = "published".into();
        let told = Profile::from_text(&json.to_string())
            .unwrap_err()
            .to_string();
        assert_eq!(told, "This is no profile: no profile has /rule/anchors.");
        json["rule"].as_object_mut().unwrap().remove("anchors");
        json["rule"]["terms"] = Value::Array(Vec::new());
        json["rule"]["others"] = Value::Null;
        let told = Profile::from_text(&json.to_string())
            .unwrap_err()
            .to_string();
        assert!(told.contains("no row"), "{told}");
    }
}
