//! `$filter` of the runs list: comparisons joined by `and`, over the properties that ACR can
//! filter by, with names compared without case.
use chrono::{DateTime, Utc};
use std::cmp::Ordering;

/// A parsed filter; every comparison must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter(Vec<Comparison>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Comparison {
    property: Property,
    test: Test,
}

/// The properties of a run that a filter may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Property {
    RunId,
    RunType,
    Status,
    CreateTime,
    FinishTime,
    OutputImageManifests,
    IsArchiveEnabled,
    TaskName,
}

/// What a run has for a property. A list matches when one of its members does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Text(String),
    Instant(DateTime<Utc>),
    Boolean(bool),
    List(Vec<String>),
    Absent,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    Compare(Operator, String),
    In(Vec<String>),
    Contains(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// Why a filter is refused, with the place in it, counted in characters from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} at position {position} of the filter")]
pub struct ParseFilterError {
    pub what: String,
    pub position: usize,
}

impl Filter {
    pub fn parse(text: &str) -> Result<Self, ParseFilterError> {
        let mut reader = Reader { text, at: 0 };
        let mut comparisons = vec![reader.comparison()?];
        while reader.skip_spaces() {
            if !reader.take_word("and") {
                return Err(reader.error("expected 'and' or the end"));
            }
            comparisons.push(reader.comparison()?);
        }
        Ok(Self(comparisons))
    }

    pub fn matches(&self, value_of: impl Fn(Property) -> Value) -> bool {
        self.0
            .iter()
            .all(|comparison| comparison.test.holds(&value_of(comparison.property)))
    }
}

impl Property {
    const ALL: [(&'static str, Self); 8] = [
        ("runId", Self::RunId),
        ("runType", Self::RunType),
        ("status", Self::Status),
        ("createTime", Self::CreateTime),
        ("finishTime", Self::FinishTime),
        ("outputImageManifests", Self::OutputImageManifests),
        ("isArchiveEnabled", Self::IsArchiveEnabled),
        ("taskName", Self::TaskName),
    ];

    fn find(name: &str) -> Option<Self> {
        let named = Self::ALL
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        named.map(|(_, property)| *property)
    }

    fn is_instant(self) -> bool {
        matches!(self, Self::CreateTime | Self::FinishTime)
    }
}

impl Test {
    fn holds(&self, value: &Value) -> bool {
        match self {
            Self::Compare(operator, literal) => {
                compare(value, literal).is_some_and(|order| operator.accepts(order))
                    || (*operator == Operator::NotEqual && *value == Value::Absent)
            }
            Self::In(literals) => literals
                .iter()
                .any(|literal| compare(value, literal) == Some(Ordering::Equal)),
            Self::Contains(part) => match value {
                Value::Text(text) => text.contains(part),
                Value::List(members) => members.iter().any(|member| member.contains(part)),
                Value::Instant(_) | Value::Boolean(_) | Value::Absent => false,
            },
        }
    }
}

fn compare(value: &Value, literal: &str) -> Option<Ordering> {
    match value {
        Value::Text(text) => Some(text.to_ascii_lowercase().cmp(&literal.to_ascii_lowercase())),
        Value::Instant(instant) => literal.parse().ok().map(|other| instant.cmp(&other)),
        Value::Boolean(flag) => {
            let other = literal.to_ascii_lowercase().parse().ok()?;
            Some(flag.cmp(&other))
        }
        Value::List(members) => {
            let found = members.iter().any(|member| member == literal);
            Some(if found {
                Ordering::Equal
            } else {
                Ordering::Less
            })
        }
        Value::Absent => None,
    }
}

impl Operator {
    fn find(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "eq" => Self::Equal,
            "ne" => Self::NotEqual,
            "gt" => Self::Greater,
            "ge" => Self::GreaterOrEqual,
            "lt" => Self::Less,
            "le" => Self::LessOrEqual,
            _ => return None,
        })
    }

    fn accepts(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order == Ordering::Equal,
            Self::NotEqual => order != Ordering::Equal,
            Self::Greater => order == Ordering::Greater,
            Self::GreaterOrEqual => order != Ordering::Less,
            Self::Less => order == Ordering::Less,
            Self::LessOrEqual => order != Ordering::Greater,
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn comparison(&mut self) -> Result<Comparison, ParseFilterError> {
        self.skip_spaces();
        if self.take_word("contains") {
            self.expect("(")?;
            let property = self.property()?;
            self.expect(",")?;
            let part = self.literal(property)?;
            self.expect(")")?;
            return Ok(Comparison {
                property,
                test: Test::Contains(part),
            });
        }
        let property = self.property()?;
        let at = self.at;
        let word = self.word();
        if word.eq_ignore_ascii_case("in") {
            let test = Test::In(self.list(property)?);
            return Ok(Comparison { property, test });
        }
        let Some(operator) = Operator::find(word) else {
            self.at = at;
            return Err(self.error(&format!(
                "'{word}' is not an operator (eq, ne, gt, ge, lt, le, in)"
            )));
        };
        let test = Test::Compare(operator, self.literal(property)?);
        Ok(Comparison { property, test })
    }

    fn property(&mut self) -> Result<Property, ParseFilterError> {
        self.skip_spaces();
        let at = self.at;
        let name = self.word();
        Property::find(name).ok_or_else(|| {
            let known: Vec<&str> = Property::ALL.iter().map(|(name, _)| *name).collect();
            ParseFilterError {
                what: format!("'{name}' cannot be filtered by ({})", known.join(", ")),
                position: self.text[..at].chars().count() + 1,
            }
        })
    }

    fn list(&mut self, property: Property) -> Result<Vec<String>, ParseFilterError> {
        self.expect("(")?;
        let mut literals = vec![self.literal(property)?];
        loop {
            self.skip_spaces();
            if self.take(")") {
                return Ok(literals);
            }
            self.expect(",")?;
            literals.push(self.literal(property)?);
        }
    }

    /// `'text'` with `''` for a quote, or a bare word, as dates and booleans are written.
    fn literal(&mut self, property: Property) -> Result<String, ParseFilterError> {
        self.skip_spaces();
        let at = self.at;
        let literal = if self.take("'") {
            self.quoted()?
        } else {
            self.bare().to_owned()
        };
        if property.is_instant() && literal.parse::<DateTime<Utc>>().is_err() {
            self.at = at;
            return Err(self.error(&format!("'{literal}' is not a date and time")));
        }
        if literal.is_empty() && self.at == at {
            return Err(self.error("a value is missing"));
        }
        Ok(literal)
    }

    fn quoted(&mut self) -> Result<String, ParseFilterError> {
        let mut literal = String::new();
        loop {
            let Some(end) = self.rest().find('\'') else {
                return Err(self.error("a quote that is never closed"));
            };
            literal.push_str(&self.rest()[..end]);
            self.at += end + 1;
            if !self.take("'") {
                return Ok(literal);
            }
            literal.push('\'');
        }
    }

    fn bare(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest.find([' ', ',', ')', '\'']).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn word(&mut self) -> &'a str {
        self.skip_spaces();
        let rest = self.rest();
        let end = rest
            .find(|character: char| !character.is_ascii_alphanumeric())
            .unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn take_word(&mut self, word: &str) -> bool {
        let at = self.at;
        let taken = self.word().eq_ignore_ascii_case(word);
        if !taken {
            self.at = at;
        }
        taken
    }

    fn take(&mut self, mark: &str) -> bool {
        let taken = self.rest().starts_with(mark);
        if taken {
            self.at += mark.len();
        }
        taken
    }

    fn expect(&mut self, mark: &str) -> Result<(), ParseFilterError> {
        self.skip_spaces();
        if self.take(mark) {
            return Ok(());
        }
        Err(self.error(&format!("expected '{mark}'")))
    }

    /// Whether anything follows.
    fn skip_spaces(&mut self) -> bool {
        self.at += self.rest().len() - self.rest().trim_start().len();
        !self.rest().is_empty()
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn error(&self, what: &str) -> ParseFilterError {
        ParseFilterError {
            what: what.to_owned(),
            position: self.text[..self.at].chars().count() + 1,
        }
    }
}

#[cfg(test)]
#[path = "filter_tests.rs"]
mod tests;
