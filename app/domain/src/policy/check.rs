//! Both validators' rules at once, each finding at its place in the document.
use super::finding::{Finding, FindingCode, PolicyCheck, Severity, Validator};
use super::{MAX_SIZE_BYTES, TagConvention, VERSION, decode};
use crate::json::{self, Member, Node, Value};
use Validator::{Extension, Service};

mod fields;
mod row;
mod syntax;

const BOTH: &[Validator] = &[Service, Extension];

/// Reads a document as both validators do and reports everything that either would refuse,
/// not just the first, with advice. The service refuses if and only if [`super::parse`] fails.
pub fn check(text: &str) -> PolicyCheck {
    let mut checker = Checker {
        text,
        positions: json::Positions::new(text),
        findings: Vec::new(),
    };
    checker.check_size();
    let Some(root) = checker.read() else {
        return PolicyCheck {
            policy: None,
            findings: checker.findings,
        };
    };
    checker.check_document(&root);
    let decoded = decode::decode_node(text, &root);
    let refusal = match &decoded {
        Ok(document) => decode::refusal(document),
        Err(error) => Some(error.to_string()),
    };
    checker.agree_with_the_service(refusal);
    PolicyCheck {
        policy: decoded.ok().map(decode::Document::into_policy),
        findings: checker.findings,
    }
}

struct Checker<'t> {
    text: &'t str,
    positions: json::Positions<'t>,
    findings: Vec<Finding>,
}

/// A place in the document.
struct Place {
    pointer: String,
    offset: usize,
}

impl Place {
    fn of(pointer: &str, node: &Node) -> Self {
        Self {
            pointer: pointer.to_owned(),
            offset: node.offset,
        }
    }
}

impl Checker<'_> {
    fn add(
        &mut self,
        code: FindingCode,
        refused_by: &[Validator],
        place: Place,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let (line, column) = self.positions.at(place.offset);
        self.findings.push(Finding {
            code,
            severity: if refused_by.is_empty() {
                Severity::Warning
            } else {
                Severity::Error
            },
            refused_by: refused_by.to_vec(),
            pointer: place.pointer,
            line,
            column,
            message: message.into(),
            remedy: remedy.into(),
        });
    }

    fn check_size(&mut self) {
        let size = self.text.len();
        if size > MAX_SIZE_BYTES {
            self.add(
                FindingCode::TooLarge,
                &[Extension],
                Place {
                    pointer: String::new(),
                    offset: 0,
                },
                format!(
                    "The document has {size} bytes. The az extension reads at most \
                     {MAX_SIZE_BYTES} (10 MiB)."
                ),
                "Name fewer tags, or let `*` stand for all tags of a repository.",
            );
        }
    }

    fn check_document(&mut self, root: &Node) {
        let Value::Object(members) = &root.value else {
            let found = describe(&root.value);
            self.add(
                FindingCode::WrongType,
                BOTH,
                Place::of("", root),
                format!("The document is {found}, and must be an object."),
                "Begin it with `{` and give it the keys `version` and `repositories`.",
            );
            return;
        };
        let keys = ["version", "tag-convention", "repositories"];
        let [version, convention, repositories] = self.fields(members, "", keys);
        match version {
            None => self.missing(root, "", "version", "\"v1\""),
            Some(member) => self.check_version(member),
        }
        if let Some(member) = convention {
            self.check_convention(member);
        }
        match repositories {
            None => self.missing(root, "", "repositories", "a list of repositories"),
            Some(member) => self.check_repositories(member),
        }
    }

    fn check_version(&mut self, member: &Member) {
        let place = Place::of("/version", &member.value);
        match &member.value.value {
            Value::String(version) if version == VERSION => {}
            Value::String(version) => {
                // The extension's pattern lets a last line break pass.
                let by: &[_] = if version == "v1\n" { &[Service] } else { BOTH };
                let message = format!(
                    "`version` is {}. There is one version, `v1`, in lower case.",
                    json::quote(version)
                );
                self.add(
                    FindingCode::VersionUnknown,
                    by,
                    place,
                    message,
                    "Write `\"v1\"`.",
                );
            }
            other => self.wrong_type(BOTH, place, "version", other, "a string, `\"v1\"`"),
        }
    }

    fn check_convention(&mut self, member: &Member) {
        let place = Place::of("/tag-convention", &member.value);
        let remedy = "Write `\"incremental\"` or `\"floating\"`, or leave the key out.";
        match &member.value.value {
            Value::String(word) if TagConvention::find(word).is_some() => {}
            Value::String(word) if word.is_empty() => self.add(
                FindingCode::ConventionUnknown,
                &[Extension],
                place,
                "`tag-convention` is empty. ACR's own check takes that for incremental; the az \
                 extension refuses it.",
                remedy,
            ),
            Value::String(word) => {
                let message = format!(
                    "`tag-convention` is {}. There are two, in lower case.",
                    json::quote(word)
                );
                self.add(FindingCode::ConventionUnknown, BOTH, place, message, remedy);
            }
            Value::Null => {
                let wanted = "`\"incremental\"` or `\"floating\"`";
                self.wrong_type(&[Extension], place, "tag-convention", &Value::Null, wanted);
            }
            other => {
                let wanted = "`\"incremental\"` or `\"floating\"`";
                self.wrong_type(BOTH, place, "tag-convention", other, wanted);
            }
        }
    }

    fn check_repositories(&mut self, member: &Member) {
        let place = Place::of("/repositories", &member.value);
        let Value::Array(rows) = &member.value.value else {
            self.wrong_type(BOTH, place, "repositories", &member.value.value, "a list");
            return;
        };
        if rows.is_empty() {
            self.add(
                FindingCode::NoRepositories,
                BOTH,
                place,
                "`repositories` is empty. A policy covers at least one repository.",
                "Add `{ \"repository\": \"NAME\", \"tags\": [\"*\"] }`.",
            );
        }
        for (index, row) in rows.iter().enumerate() {
            self.check_row(row, index);
        }
        self.check_duplicate_rows(rows);
    }

    /// The rules above are written for a person, rule by rule; the service's own reading has the
    /// last word on what the service refuses.
    fn agree_with_the_service(&mut self, refusal: Option<String>) {
        let Some(refusal) = refusal else {
            for finding in &mut self.findings {
                finding.refused_by.retain(|validator| *validator != Service);
                if finding.refused_by.is_empty() {
                    finding.severity = Severity::Warning;
                }
            }
            return;
        };
        let is_said = |finding: &Finding| finding.refused_by.contains(&Service);
        if !self.findings.iter().any(is_said) {
            let place = Place {
                pointer: String::new(),
                offset: 0,
            };
            self.add(
                FindingCode::ServiceRefusal,
                &[Service],
                place,
                format!("ACR's own check refuses the document: {refusal}."),
                "Look for keys that stand in it twice, and keep one of each.",
            );
        }
    }
}

/// The value with its article: `a number`, `null`.
fn describe(value: &Value) -> &'static str {
    match value {
        Value::Null => "`null`",
        Value::Bool(_) => "`true` or `false`",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
