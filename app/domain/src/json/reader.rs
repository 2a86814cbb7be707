//! The grammar of RFC 8259, nothing more lenient.
use super::syntax_error::{Container, Expected, SyntaxError, SyntaxProblem};
use super::{Member, Node, Value, push_pointer};

/// Deeper nesting is refused. A policy needs 4 levels; what is deeper could only stand in keys
/// that nobody reads.
pub const MAX_DEPTH: usize = 256;

/// Reads a whole document.
pub fn read(text: &str) -> Result<Node, SyntaxError> {
    let mut reader = Reader {
        text,
        offset: 0,
        path: Vec::new(),
    };
    let node = reader.read_value()?;
    reader.skip_space();
    match reader.peek() {
        None => Ok(node),
        Some(_) => Err(reader.unexpected(Expected::EndOfText)),
    }
}

struct Reader<'t> {
    text: &'t str,
    offset: usize,
    path: Vec<Step>,
}

enum Step {
    Key(String),
    Index(usize),
}

type Read<T> = Result<T, SyntaxError>;

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.offset).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.offset += 1;
        }
    }

    fn read_value(&mut self) -> Read<Node> {
        self.skip_space();
        let offset = self.offset;
        let value = match self.peek() {
            Some(b'{') => self.read_object()?,
            Some(b'[') => self.read_array()?,
            Some(b'"') => Value::String(self.read_string()?),
            Some(b'-' | b'0'..=b'9') => self.read_number()?,
            Some(b't') => self.read_literal("true", Value::Bool(true))?,
            Some(b'f') => self.read_literal("false", Value::Bool(false))?,
            Some(b'n') => self.read_literal("null", Value::Null)?,
            _ => return Err(self.unexpected(Expected::Value)),
        };
        let end = self.offset;
        Ok(Node { value, offset, end })
    }

    fn read_array(&mut self) -> Read<Value> {
        self.enter()?;
        let mut items = Vec::new();
        loop {
            self.skip_space();
            if self.peek() == Some(b']') && items.is_empty() {
                break;
            }
            self.path.push(Step::Index(items.len()));
            items.push(self.read_value()?);
            self.path.pop();
            self.skip_space();
            match self.peek() {
                Some(b']') => break,
                Some(b',') => self.skip_comma(b']', Container::Array)?,
                _ => return Err(self.unexpected(Expected::CommaOrBracket)),
            }
        }
        self.offset += 1;
        Ok(Value::Array(items))
    }

    fn read_object(&mut self) -> Read<Value> {
        self.enter()?;
        let mut members = Vec::new();
        loop {
            self.skip_space();
            match self.peek() {
                Some(b'}') if members.is_empty() => break,
                Some(b'"') => {}
                _ => return Err(self.unexpected(Expected::Key)),
            }
            members.push(self.read_member()?);
            self.skip_space();
            match self.peek() {
                Some(b'}') => break,
                Some(b',') => self.skip_comma(b'}', Container::Object)?,
                _ => return Err(self.unexpected(Expected::CommaOrBrace)),
            }
        }
        self.offset += 1;
        Ok(Value::Object(members))
    }

    fn read_member(&mut self) -> Read<Member> {
        let key_offset = self.offset;
        let key = self.read_string()?;
        self.skip_space();
        if self.peek() != Some(b':') {
            return Err(self.unexpected(Expected::Colon));
        }
        self.offset += 1;
        self.path.push(Step::Key(key.clone()));
        let value = self.read_value()?;
        self.path.pop();
        Ok(Member {
            key,
            key_offset,
            value,
        })
    }

    /// Steps into `[` or `{`. The path holds one step for each level that is open.
    fn enter(&mut self) -> Read<()> {
        if self.path.len() >= MAX_DEPTH {
            return Err(self.error(self.offset, SyntaxProblem::TooDeep));
        }
        self.offset += 1;
        Ok(())
    }

    fn skip_comma(&mut self, close: u8, container: Container) -> Read<()> {
        let comma = self.offset;
        self.offset += 1;
        self.skip_space();
        if self.peek() == Some(close) {
            return Err(self.error(comma, SyntaxProblem::TrailingComma(container)));
        }
        Ok(())
    }

    fn read_literal(&mut self, literal: &'static str, value: Value) -> Read<Value> {
        for next in literal.chars() {
            if self.peek() != Some(next as u8) {
                return Err(self.unexpected(Expected::Literal { literal, next }));
            }
            self.offset += 1;
        }
        Ok(value)
    }

    fn read_number(&mut self) -> Read<Value> {
        let start = self.offset;
        if self.peek() == Some(b'-') {
            self.offset += 1;
        }
        // A leading zero ends the whole part: what follows it is judged as what follows a value.
        if self.peek() == Some(b'0') {
            self.offset += 1;
        } else {
            self.read_digits(Expected::DigitAfterMinus)?;
        }
        if self.peek() == Some(b'.') {
            self.offset += 1;
            self.read_digits(Expected::DigitAfterPoint)?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.offset += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.offset += 1;
            }
            self.read_digits(Expected::DigitInExponent)?;
        }
        Ok(Value::Number(self.text[start..self.offset].to_owned()))
    }

    fn read_digits(&mut self, expected: Expected) -> Read<()> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(self.unexpected(expected));
        }
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.offset += 1;
        }
        Ok(())
    }

    fn read_string(&mut self) -> Read<String> {
        self.offset += 1;
        let mut string = String::new();
        loop {
            let start = self.offset;
            while self
                .peek()
                .is_some_and(|byte| byte >= b' ' && byte != b'"' && byte != b'\\')
            {
                self.offset += 1;
            }
            string.push_str(&self.text[start..self.offset]);
            match self.peek() {
                Some(b'"') => {
                    self.offset += 1;
                    return Ok(string);
                }
                Some(b'\\') => self.read_escape(&mut string)?,
                _ => return Err(self.unexpected(Expected::StringCharacter)),
            }
        }
    }

    fn read_escape(&mut self, string: &mut String) -> Read<()> {
        self.offset += 1;
        let character = match self.peek() {
            Some(quoted @ (b'"' | b'\\' | b'/')) => char::from(quoted),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.offset += 1;
                let unit = self.read_hex()?;
                string.push(self.complete_surrogate(unit)?);
                return Ok(());
            }
            _ => return Err(self.unexpected(Expected::Escape)),
        };
        self.offset += 1;
        string.push(character);
        Ok(())
    }

    /// A high surrogate takes the low one that follows it; half a pair becomes U+FFFD, as the
    /// service reads it.
    fn complete_surrogate(&mut self, unit: u32) -> Read<char> {
        if (0xD800..0xDC00).contains(&unit) && self.text[self.offset..].starts_with("\\u") {
            let resume = self.offset;
            self.offset += 2;
            let low = self.read_hex()?;
            if (0xDC00..0xE000).contains(&low) {
                let code = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.offset = resume;
        }
        Ok(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn read_hex(&mut self) -> Read<u32> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit else {
                return Err(self.unexpected(Expected::HexDigit));
            };
            unit = unit * 16 + digit;
            self.offset += 1;
        }
        Ok(unit)
    }

    fn unexpected(&self, expected: Expected) -> SyntaxError {
        let problem = match self.text[self.offset..].chars().next() {
            None => SyntaxProblem::UnexpectedEnd,
            Some(character) => SyntaxProblem::Unexpected {
                character,
                expected,
            },
        };
        self.error(self.offset, problem)
    }

    fn error(&self, offset: usize, problem: SyntaxProblem) -> SyntaxError {
        let mut pointer = String::new();
        for step in &self.path {
            match step {
                Step::Key(key) => push_pointer(&mut pointer, key),
                Step::Index(index) => push_pointer(&mut pointer, &index.to_string()),
            }
        }
        SyntaxError {
            offset,
            pointer,
            problem,
        }
    }
}
