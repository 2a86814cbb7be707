//! Text from an image, made fit for a terminal and a log.
use std::fmt::{self, Write};

/// Shows bytes as text: control characters, those that turn the direction of writing, and bytes
/// that are not UTF-8 as `\xNN` or `\u{NNNN}`, all others as they are.
pub fn printable<T: AsRef<[u8]> + ?Sized>(bytes: &T) -> Printable<'_> {
    Printable(bytes.as_ref())
}

/// See [`printable`].
#[derive(Clone, Copy, Debug)]
pub struct Printable<'a>(&'a [u8]);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            for character in chunk.valid().chars() {
                match character {
                    _ if character.is_ascii_control() => {
                        write!(formatter, "\\x{:02x}", u32::from(character))?;
                    }
                    '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                        write!(formatter, "{}", character.escape_unicode())?;
                    }
                    _ if character.is_control() => {
                        write!(formatter, "{}", character.escape_unicode())?;
                    }
                    _ => formatter.write_char(character)?,
                }
            }
            for byte in chunk.invalid() {
                write!(formatter, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_it_moves_a_terminal() {
        let hostile = b"a\x1b[2J\r\n\x9b\xff \xc2\x9b \xe2\x80\xae \xc3\xa9\\";
        assert_eq!(
            printable(hostile).to_string(),
            "a\\x1b[2J\\x0d\\x0a\\x9b\\xff \\u{9b} \\u{202e} é\\"
        );
        assert_eq!(printable("plain: é").to_string(), "plain: é");
    }
}
