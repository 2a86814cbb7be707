//! What is wrong with a text that is not JSON, in words for a person and in the service's.
use std::fmt;

/// Where a text stops being JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    pub offset: usize,
    /// The innermost value that was being read.
    pub pointer: String,
    pub problem: SyntaxProblem,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyntaxProblem {
    /// The text ends inside a value, or is empty.
    UnexpectedEnd,
    /// A comma after the last item; the error's offset is the comma's.
    TrailingComma(Container),
    /// A character where the grammar wants something else.
    Unexpected {
        character: char,
        expected: Expected,
    },
    TooDeep,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    Array,
    Object,
}

/// What the grammar wants at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    Value,
    Key,
    Colon,
    CommaOrBrace,
    CommaOrBracket,
    EndOfText,
    /// A string's next character: not a line break or another control character.
    StringCharacter,
    Escape,
    HexDigit,
    DigitAfterMinus,
    DigitAfterPoint,
    DigitInExponent,
    /// The rest of `true`, `false` or `null`.
    Literal {
        literal: &'static str,
        next: char,
    },
}

impl SyntaxError {
    /// The message of the service's JSON decoder for this error.
    pub fn service_message(&self) -> String {
        let invalid = |character: char, context: &dyn fmt::Display| {
            format!("invalid character {} {context}", quote_character(character))
        };
        match self.problem {
            SyntaxProblem::UnexpectedEnd => "unexpected end of JSON input".to_owned(),
            SyntaxProblem::TrailingComma(Container::Array) => {
                invalid(']', &"looking for beginning of value")
            }
            SyntaxProblem::TrailingComma(Container::Object) => {
                invalid('}', &"looking for beginning of object key string")
            }
            SyntaxProblem::Unexpected {
                character,
                expected,
            } => invalid(character, &expected.service_context()),
            SyntaxProblem::TooDeep => "exceeded max depth".to_owned(),
        }
    }
}

impl Expected {
    fn service_context(self) -> String {
        match self {
            Self::Value => "looking for beginning of value".into(),
            Self::Key => "looking for beginning of object key string".into(),
            Self::Colon => "after object key".into(),
            Self::CommaOrBrace => "after object key:value pair".into(),
            Self::CommaOrBracket => "after array element".into(),
            Self::EndOfText => "after top-level value".into(),
            Self::StringCharacter => "in string literal".into(),
            Self::Escape => "in string escape code".into(),
            Self::HexDigit => "in \\u hexadecimal character escape".into(),
            Self::DigitAfterMinus => "in numeric literal".into(),
            Self::DigitAfterPoint => "after decimal point in numeric literal".into(),
            Self::DigitInExponent => "in exponent of numeric literal".into(),
            Self::Literal { literal, next } => {
                format!("in literal {literal} (expecting {})", quote_character(next))
            }
        }
    }
}

/// The decoder quotes the first byte of a character as if it were one.
fn quote_character(character: char) -> String {
    let mut buffer = [0; 4];
    let byte = character.encode_utf8(&mut buffer).as_bytes()[0];
    match byte {
        b'\'' => r"'\''".to_owned(),
        b'\\' => r"'\\'".to_owned(),
        7 => r"'\a'".to_owned(),
        8 => r"'\b'".to_owned(),
        b'\t' => r"'\t'".to_owned(),
        b'\n' => r"'\n'".to_owned(),
        11 => r"'\v'".to_owned(),
        12 => r"'\f'".to_owned(),
        b'\r' => r"'\r'".to_owned(),
        0..=31 | 127 => format!("'\\x{byte:02x}'"),
        other => format!("'{}'", char::from(other)),
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value => formatter.write_str("a value"),
            Self::Key => formatter.write_str("a key in double quotes"),
            Self::Colon => formatter.write_str("a colon after the key"),
            Self::CommaOrBrace => formatter.write_str("a comma or `}` after the value"),
            Self::CommaOrBracket => formatter.write_str("a comma or `]` after the item"),
            Self::EndOfText => formatter.write_str("nothing more after the document"),
            Self::StringCharacter => formatter.write_str("the string to go on, or its end quote"),
            Self::Escape => formatter.write_str("an escape such as `\\n` or `\\\"`"),
            Self::HexDigit => formatter.write_str("four hexadecimal digits after `\\u`"),
            Self::DigitAfterMinus | Self::DigitAfterPoint | Self::DigitInExponent => {
                formatter.write_str("a digit")
            }
            Self::Literal { literal, .. } => write!(formatter, "the word `{literal}`"),
        }
    }
}
