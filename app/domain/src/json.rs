//! A JSON reader that remembers where everything stands, for a document that a person wrote.
//! It keeps every member of an object, duplicates included, and their order.
mod reader;
mod syntax_error;

pub use reader::{MAX_DEPTH, read};
pub use syntax_error::{Container, Expected, SyntaxError, SyntaxProblem};

/// A value, the byte at which it begins and the one after it.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub value: Value,
    pub offset: usize,
    pub end: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    /// As written.
    Number(String),
    String(String),
    Array(Vec<Node>),
    Object(Vec<Member>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    pub key: String,
    /// The byte at which the key's opening quote stands.
    pub key_offset: usize,
    pub value: Node,
}

impl Value {
    /// The word for the value's type, as JSON has it: `string`, `array`, …
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// Equal as JSON values: members in any order, the last of duplicates; positions aside.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Number(a), Self::Number(b)) => a == b || Decimal::of(a) == Decimal::of(b),
            (Self::String(a), Self::String(b)) => a == b,
            (Self::Array(a), Self::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.value.is_same(&b.value))
            }
            (Self::Object(a), Self::Object(b)) => is_part(a, b) && is_part(b, a),
            _ => false,
        }
    }
}

/// A JSON number as digits times a power of ten. Not an `f64`: reading one brings tables of 10 kB
/// into the browser, and would call two long numbers the same that are not.
#[derive(PartialEq)]
struct Decimal {
    is_negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    /// `text` is a number as JSON writes it; an exponent beyond an `i64` is held at its ends.
    fn of(text: &str) -> Self {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let out_of_range = if exponent.starts_with('-') {
            i64::MIN
        } else {
            i64::MAX
        };
        let exponent = exponent.parse().unwrap_or(out_of_range);
        let unsigned = mantissa.trim_start_matches('-');
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let written = format!("{whole}{fraction}");
        let digits = written.trim_end_matches('0');
        let trailing = written.len() - digits.len();
        let digits = digits.trim_start_matches('0').to_owned();
        let shift = trailing as i64 - fraction.len() as i64;
        Self {
            is_negative: mantissa.starts_with('-') && !digits.is_empty(),
            exponent: if digits.is_empty() {
                0
            } else {
                exponent.saturating_add(shift)
            },
            digits,
        }
    }
}

fn is_part(part: &[Member], whole: &[Member]) -> bool {
    part.iter().all(|member| {
        let mine = find_last(part, &member.key);
        let theirs = find_last(whole, &member.key);
        matches!((mine, theirs), (Some(a), Some(b)) if a.value.value.is_same(&b.value.value))
    })
}

/// The last member of that exact name: the one that counts.
pub fn find_last<'a>(members: &'a [Member], key: &str) -> Option<&'a Member> {
    members.iter().rev().find(|member| member.key == key)
}

/// Line and column of a byte, both from 1; columns count characters.
pub fn position(text: &str, offset: usize) -> (u32, u32) {
    Positions::new(text).at(offset)
}

/// Lines and columns of many bytes: quick where they are asked for in ascending order.
#[derive(Clone, Debug)]
pub struct Positions<'t> {
    text: &'t str,
    offset: usize,
    line: u32,
    column: u32,
}

impl<'t> Positions<'t> {
    pub fn new(text: &'t str) -> Self {
        Self {
            text,
            offset: 0,
            line: 1,
            column: 1,
        }
    }

    /// Line and column, both from 1; those of the text's end for a byte past it.
    pub fn at(&mut self, offset: usize) -> (u32, u32) {
        if offset < self.offset {
            *self = Self::new(self.text);
        }
        let offset = offset.min(self.text.len());
        for byte in &self.text.as_bytes()[self.offset..offset] {
            match byte {
                b'\n' => (self.line, self.column) = (self.line.saturating_add(1), 1),
                // A UTF-8 continuation byte begins no character.
                0x80..=0xBF => {}
                _ => self.column = self.column.saturating_add(1),
            }
        }
        self.offset = offset;
        (self.line, self.column)
    }
}

/// Adds a key or an index to a JSON pointer (RFC 6901).
pub fn push_pointer(pointer: &mut String, token: &str) {
    pointer.push('/');
    pointer.push_str(&token.replace('~', "~0").replace('/', "~1"));
}

/// Writes a string as JSON, quotes included.
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            control if control < ' ' => {
                quoted.push_str(&format!("\\u{:04x}", u32::from(control)));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests;
