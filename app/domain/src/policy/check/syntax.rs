//! A text that is not JSON.
use super::{BOTH, Checker, Place};
use crate::json::{self, Container, Expected, Node, SyntaxError, SyntaxProblem};
use crate::policy::finding::FindingCode;

impl Checker<'_> {
    pub(super) fn read(&mut self) -> Option<Node> {
        let start = || Place {
            pointer: String::new(),
            offset: 0,
        };
        if self.text.trim_ascii().is_empty() {
            self.add(
                FindingCode::Empty,
                BOTH,
                start(),
                "The document is empty.",
                "Write a policy: `{ \"version\": \"v1\", \"repositories\": [ … ] }`.",
            );
            return None;
        }
        if self.text.starts_with('\u{feff}') {
            self.add(
                FindingCode::ByteOrderMark,
                BOTH,
                start(),
                "The document begins with a byte order mark, which no JSON reader of Azure's \
                 accepts.",
                "Save the file as UTF-8 without it.",
            );
            return None;
        }
        match json::read(self.text) {
            Ok(root) => Some(root),
            Err(error) => {
                self.not_json(error);
                None
            }
        }
    }

    fn not_json(&mut self, error: SyntaxError) {
        let (code, message, remedy) = explain(&error);
        let place = Place {
            pointer: error.pointer,
            offset: error.offset,
        };
        self.add(code, BOTH, place, message, remedy);
    }
}

fn explain(error: &SyntaxError) -> (FindingCode, String, String) {
    match error.problem {
        SyntaxProblem::TrailingComma(container) => {
            let (item, close) = match container {
                Container::Array => ("item", ']'),
                Container::Object => ("member", '}'),
            };
            (
                FindingCode::TrailingComma,
                format!(
                    "There is a comma after the last {item}, before `{close}`. JSON allows none \
                     there. Microsoft's own sample of a policy has this comma, and both of \
                     Microsoft's validators refuse it."
                ),
                "Delete the comma.".to_owned(),
            )
        }
        SyntaxProblem::UnexpectedEnd => (
            FindingCode::NotJson,
            "The document ends too early: a string, a list or an object is still open.".to_owned(),
            "Close what is open, or look for a piece that was cut off.".to_owned(),
        ),
        SyntaxProblem::TooDeep => (
            FindingCode::NotJson,
            format!(
                "Values are nested more than {} levels deep.",
                json::MAX_DEPTH
            ),
            "Leave out what is nested so deep: a policy needs four levels.".to_owned(),
        ),
        SyntaxProblem::Unexpected {
            character,
            expected,
        } => (
            FindingCode::NotJson,
            format!(
                "Here stands `{}`, where JSON wants {expected}.",
                character.escape_debug()
            ),
            remedy(character, expected),
        ),
    }
}

fn remedy(character: char, expected: Expected) -> String {
    match (character, expected) {
        ('/', Expected::Value | Expected::Key | Expected::CommaOrBrace) => {
            "JSON has no comments: delete it.".to_owned()
        }
        ('\'', _) => "Use double quotes.".to_owned(),
        ('“' | '”' | '„', _) => "Use plain double quotes: \".".to_owned(),
        ('T' | 'F' | 'N', Expected::Value) => {
            "Write `true`, `false` and `null` in lower case.".to_owned()
        }
        ('\n' | '\r', Expected::StringCharacter) => {
            "Close the string on the line where it begins.".to_owned()
        }
        (_, Expected::CommaOrBrace | Expected::CommaOrBracket) => {
            "Put a comma between two items, or close the one before.".to_owned()
        }
        (_, Expected::Key) => "Put keys in double quotes.".to_owned(),
        (_, Expected::EndOfText) => "Delete what follows the document's last `}`.".to_owned(),
        (_, expected) => format!("Write {expected}."),
    }
}
