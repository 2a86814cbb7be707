//! Times in which nothing should change. Azure knows nothing of them: its timer runs all the
//! same, and a person has to move it or cancel the run.
use crate::instant::Minute;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// From an instant on and before another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Fields")]
pub struct Freeze {
    name: String,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
}

#[derive(Deserialize)]
struct Fields {
    name: String,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the freeze `{name}` begins at {} and ends at {}: its end must come after its beginning",
    Minute(*from),
    Minute(*to)
)]
pub struct InvalidFreeze {
    pub name: String,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
}

impl Freeze {
    pub fn new(
        name: impl Into<String>,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Self, InvalidFreeze> {
        let name = name.into();
        match from < to {
            true => Ok(Self { name, from, to }),
            false => Err(InvalidFreeze { name, from, to }),
        }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn from(&self) -> DateTime<Utc> {
        self.from
    }

    pub fn to(&self) -> DateTime<Utc> {
        self.to
    }

    pub fn contains(&self, instant: DateTime<Utc>) -> bool {
        (self.from..self.to).contains(&instant)
    }
}

impl TryFrom<Fields> for Freeze {
    type Error = InvalidFreeze;

    fn try_from(fields: Fields) -> Result<Self, InvalidFreeze> {
        Self::new(fields.name, fields.from, fields.to)
    }
}

/// The freeze that an occurrence falls into; of several the one that ends last.
pub fn find_freeze(freezes: &[Freeze], occurrence: DateTime<Utc>) -> Option<&Freeze> {
    let fallen_into = freezes.iter().filter(|freeze| freeze.contains(occurrence));
    fallen_into.max_by_key(|freeze| freeze.to)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: u32) -> DateTime<Utc> {
        format!("2026-12-{day:02}T00:00:00Z").parse().unwrap()
    }

    #[test]
    fn an_occurrence_falls_into_the_freeze_that_ends_last() {
        let freezes = [
            Freeze::new("holidays", at(20), at(28)).unwrap(),
            Freeze::new("audit", at(18), at(22)).unwrap(),
        ];
        let name = |day| find_freeze(&freezes, at(day)).map(Freeze::name);
        assert_eq!(name(17), None);
        assert_eq!(name(18), Some("audit"));
        assert_eq!(name(20), Some("holidays"));
        assert_eq!(name(28), None, "its end is not part of it");
    }

    #[test]
    fn a_freeze_ends_after_it_begins() {
        assert!(Freeze::new("x", at(2), at(2)).is_err());
        let json = r#"{"name":"x","from":"2026-12-02T00:00:00Z","to":"2026-12-01T00:00:00Z"}"#;
        let error = serde_json::from_str::<Freeze>(json)
            .unwrap_err()
            .to_string();
        assert!(error.contains("must come after"), "{error}");
        let freeze = Freeze::new("x", at(1), at(2)).unwrap();
        let json = serde_json::to_string(&freeze).unwrap();
        assert_eq!(serde_json::from_str::<Freeze>(&json).unwrap(), freeze);
    }
}
