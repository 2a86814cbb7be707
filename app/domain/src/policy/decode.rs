//! The service's reading of a document, by the rules of Go's `encoding/json`.
use super::{ParsePolicyError, Policy, PolicyRepository, TagConvention, VERSION};
use crate::json::{self, Member, Node, Value, push_pointer};

/// The decoded document before its check.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub version: String,
    pub convention: String,
    pub repositories: Vec<Row>,
}

#[derive(Debug, Default, Clone)]
pub(super) struct Row {
    pub repository: String,
    pub tags: Vec<String>,
    pub enabled: Option<bool>,
}

impl Document {
    /// An unknown convention is dropped: the check has refused it, or a finding names it.
    pub fn into_policy(self) -> Policy {
        Policy {
            convention: TagConvention::find(&self.convention),
            repositories: self
                .repositories
                .into_iter()
                .map(Row::into_policy)
                .collect(),
        }
    }
}

impl Row {
    fn into_policy(self) -> PolicyRepository {
        PolicyRepository {
            repository: self.repository,
            tags: self.tags,
            enabled: self.enabled.unwrap_or(true),
        }
    }
}

pub(super) fn refusal(document: &Document) -> Option<String> {
    if document.version != VERSION {
        return Some(format!(
            "Version is required in the filter and should be {VERSION}"
        ));
    }
    let convention = &document.convention;
    let is_unknown = !convention.is_empty() && TagConvention::find(convention).is_none();
    if is_unknown && !document.repositories.is_empty() {
        return Some("tag-convention should be either incremental or floating".to_owned());
    }
    super::refuse_repositories(
        document
            .repositories
            .iter()
            .map(|row| (&row.repository, &row.tags)),
    )
}

pub(super) fn decode(text: &str) -> Result<Document, ParsePolicyError> {
    let root = json::read(text).map_err(|error| {
        let (line, column) = json::position(text, error.offset);
        ParsePolicyError::NotDecoded {
            message: error.service_message(),
            pointer: error.pointer,
            line,
            column,
        }
    })?;
    decode_node(text, &root)
}

pub(super) fn decode_node(text: &str, root: &Node) -> Result<Document, ParsePolicyError> {
    let mut decoder = Decoder::default();
    let mut document = Document::default();
    decoder.read_document(root, &mut document);
    match decoder.mismatch {
        None => Ok(document),
        Some(mismatch) => {
            let (line, column) = json::position(text, mismatch.offset);
            Err(ParsePolicyError::NotDecoded {
                message: mismatch.message,
                pointer: mismatch.pointer,
                line,
                column,
            })
        }
    }
}

/// Whether the decoder takes a key for a field: letters in any case, and the two characters
/// outside ASCII that fold to one.
pub(super) fn is_field(key: &str, field: &str) -> bool {
    let fold = |character: char| match character {
        'ſ' => 's',
        '\u{212A}' => 'k',
        other => other.to_ascii_lowercase(),
    };
    key.chars().map(fold).eq(field.chars())
}

/// A wrong type does not stop the decoder: it goes on, and the first one is the error.
#[derive(Default)]
struct Decoder {
    mismatch: Option<Mismatch>,
    pointer: String,
    /// The path in the decoder's own words: `repositories.0.tags`.
    path: String,
}

struct Mismatch {
    message: String,
    pointer: String,
    offset: usize,
}

impl Decoder {
    fn read_document(&mut self, root: &Node, document: &mut Document) {
        let Some(members) = self.object(root, "cssc.Filter") else {
            return;
        };
        for member in members {
            self.member(member, "version", |decoder, node| {
                decoder.read_string(node, &mut document.version, "string");
            });
            self.member(member, "tag-convention", |decoder, node| {
                decoder.read_string(node, &mut document.convention, "cssc.TagConvention");
            });
            self.member(member, "repositories", |decoder, node| {
                let read = |decoder: &mut Self, node: &Node, row: &mut Row| {
                    decoder.read_row(node, row);
                };
                decoder.read_list(node, &mut document.repositories, "[]cssc.Repository", read);
            });
        }
    }

    fn read_row(&mut self, node: &Node, row: &mut Row) {
        let Some(members) = self.object(node, "cssc.Repository") else {
            return;
        };
        for member in members {
            self.member(member, "repository", |decoder, node| {
                decoder.read_string(node, &mut row.repository, "string");
            });
            self.member(member, "tags", |decoder, node| {
                let read = |decoder: &mut Self, node: &Node, tag: &mut String| {
                    decoder.read_string(node, tag, "string");
                };
                decoder.read_list(node, &mut row.tags, "[]string", read);
            });
            self.member(member, "enabled", |decoder, node| match &node.value {
                Value::Null => row.enabled = None,
                Value::Bool(enabled) => row.enabled = Some(*enabled),
                _ => decoder.refuse(node, "bool"),
            });
        }
    }

    fn object<'n>(&mut self, node: &'n Node, wanted: &str) -> Option<&'n [Member]> {
        match &node.value {
            Value::Object(members) => return Some(members),
            Value::Null => {}
            _ => self.refuse(node, wanted),
        }
        None
    }

    fn member(&mut self, member: &Member, field: &str, read: impl FnOnce(&mut Self, &Node)) {
        if is_field(&member.key, field) {
            self.within(&member.key, field, |decoder| read(decoder, &member.value));
        }
    }

    /// A `null` leaves what an earlier duplicate of the key has put there.
    fn read_string(&mut self, node: &Node, target: &mut String, wanted: &str) {
        match &node.value {
            Value::String(text) => target.clone_from(text),
            Value::Null => {}
            _ => self.refuse(node, wanted),
        }
    }

    /// A second list under the same key is read over the first, item into item.
    fn read_list<T: Default + Clone>(
        &mut self,
        node: &Node,
        target: &mut Vec<T>,
        wanted: &str,
        read: impl Fn(&mut Self, &Node, &mut T),
    ) {
        match &node.value {
            Value::Null => target.clear(),
            Value::Array(items) => {
                target.resize(items.len(), T::default());
                for (index, (item, target)) in items.iter().zip(target).enumerate() {
                    let step = index.to_string();
                    self.within(&step, &step, |decoder| read(decoder, item, target));
                }
            }
            _ => self.refuse(node, wanted),
        }
    }

    fn within(&mut self, key: &str, field: &str, read: impl FnOnce(&mut Self)) {
        let (pointer, path) = (self.pointer.len(), self.path.len());
        push_pointer(&mut self.pointer, key);
        if !self.path.is_empty() {
            self.path.push('.');
        }
        self.path.push_str(field);
        read(self);
        self.pointer.truncate(pointer);
        self.path.truncate(path);
    }

    fn refuse(&mut self, node: &Node, wanted: &str) {
        if self.mismatch.is_some() {
            return;
        }
        let found = node.value.type_name();
        let message = if self.path.is_empty() {
            format!("json: cannot unmarshal {found} into Go value of type {wanted}")
        } else {
            let path = &self.path;
            format!(
                "json: cannot unmarshal {found} into Go struct field Filter.{path} of type {wanted}"
            )
        };
        self.mismatch = Some(Mismatch {
            message,
            pointer: self.pointer.clone(),
            offset: node.offset,
        });
    }
}
