//! Changes of the text that mend a finding with one click.
use super::document::{self, Edit, find, node_at, rows_of};
use super::{Finding, FindingCode, TagConvention, VERSION};
use crate::json::{self, Member, Node, SyntaxProblem, Value, quote};
use crate::nearest::nearest;
use crate::splice::Splice;
use crate::tag;
use serde::{Deserialize, Serialize};

#[cfg(test)]
mod tests;

/// A change that mends a finding. It is made with the text that the finding was found in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// For a button: `Delete the comma`.
    pub label: String,
    pub splice: Splice,
}

impl Fix {
    fn new(label: impl Into<String>, splice: Splice) -> Self {
        let label = label.into();
        Self { label, splice }
    }

    /// The fix that an edit of the form is; nothing where the text cannot be edited so.
    pub(super) fn of_edit(text: &str, label: impl Into<String>, edit: &Edit) -> Option<Self> {
        let edited = document::apply(text, edit)?;
        Some(Self::new(label, Splice::between(text, &edited)))
    }

    fn rewrite(node: &Node, label: impl Into<String>, value: &str) -> Self {
        Self::new(label, Splice::new(node.offset, node.end, value))
    }
}

/// A text, read once, for the fixes of its findings.
pub struct Fixer<'t> {
    text: &'t str,
    root: Result<Node, json::SyntaxError>,
}

impl<'t> Fixer<'t> {
    pub fn new(text: &'t str) -> Self {
        Self {
            text,
            root: json::read(text),
        }
    }

    /// What can be done about a finding of [`super::check`] of the same text; the best first,
    /// nothing where a person has to decide.
    pub fn fixes(&self, finding: &Finding) -> Vec<Fix> {
        use FindingCode as Code;
        let node = || self.node(&finding.pointer);
        let fix = match finding.code {
            Code::TrailingComma => self.trailing_comma(),
            Code::ByteOrderMark => Some(Fix::new(
                "Delete the byte order mark",
                Splice::new(0, '\u{feff}'.len_utf8(), ""),
            )),
            Code::VersionUnknown => node().map(|node| {
                let label = format!("Write `{VERSION}`");
                Fix::rewrite(node, label, &quote(VERSION))
            }),
            Code::ConventionUnknown => node().and_then(|node| self.convention(node)),
            Code::KeyCase => self.key(&finding.pointer, |key, known| {
                known.iter().copied().find(|name| *name == key)
            }),
            Code::UnknownKey => self.key(&finding.pointer, |key, known| {
                nearest(key, known.iter().copied())
            }),
            Code::KeyMissing => self.version(finding),
            Code::WrongType => node().and_then(|node| wrong_type(node, &finding.pointer)),
            Code::DuplicateTag => self.remove_tag(finding),
            Code::TagReserved => self.reserved(finding),
            Code::WildcardMixed => return self.wildcard(finding),
            Code::DuplicateRepository => self.remove_row(finding),
            // A person has to say what was meant.
            Code::TooLarge
            | Code::Empty
            | Code::NotJson
            | Code::DuplicateKey
            | Code::NoRepositories
            | Code::RepositoryEmpty
            | Code::RepositoryName
            | Code::NoTags
            | Code::TagEmpty
            | Code::TagLooksReserved
            | Code::TagName
            | Code::ServiceRefusal
            // These carry their fixes with them.
            | Code::RegexLeak
            | Code::PhantomBase
            | Code::KeyCollision
            | Code::ConventionSwitch
            | Code::OverLimit
            | Code::RepositoryNotFound
            | Code::TagNotFound => None,
        };
        Vec::from_iter(fix)
    }

    fn node(&self, pointer: &str) -> Option<&Node> {
        node_at(self.root.as_ref().ok()?, pointer)
    }

    fn trailing_comma(&self) -> Option<Fix> {
        let error = self.root.as_ref().err()?;
        let is_it = matches!(error.problem, SyntaxProblem::TrailingComma(_));
        let splice = Splice::new(error.offset, error.offset + 1, "");
        is_it.then(|| Fix::new("Delete the comma", splice))
    }

    fn convention(&self, node: &Node) -> Option<Fix> {
        let word = node.value.as_str().unwrap_or_default().trim();
        let meant = TagConvention::ALL
            .into_iter()
            .find(|convention| convention.as_str().eq_ignore_ascii_case(word));
        match meant {
            Some(convention) => {
                let word = convention.as_str();
                Some(Fix::rewrite(node, format!("Write `{word}`"), &quote(word)))
            }
            None => Fix::of_edit(self.text, "Leave the key out", &Edit::Convention(None)),
        }
    }

    /// Writes a key as it should be written, where that is known and not there already.
    fn key<'k>(
        &self,
        pointer: &str,
        meant: impl Fn(&str, &[&'k str]) -> Option<&'k str>,
    ) -> Option<Fix> {
        let (owner, key) = pointer.rsplit_once('/')?;
        let known: &[&'k str] = match owner {
            "" => &["version", "tag-convention", "repositories"],
            _ => &["repository", "tags", "enabled"],
        };
        let owner = self.node(owner)?;
        let Value::Object(members) = &owner.value else {
            return None;
        };
        let key = key.replace("~1", "/").replace("~0", "~");
        let member = json::find_last(members, &key)?;
        let meant = meant(&key.to_ascii_lowercase(), known)?;
        let is_other = |other: &&Member| other.key_offset != member.key_offset;
        if members.iter().filter(is_other).any(|m| m.key == meant) {
            return None;
        }
        let rest = &self.text[..member.value.offset];
        let end = rest.rfind(':')?;
        let end = member.key_offset + self.text[member.key_offset..end].trim_ascii_end().len();
        let splice = Splice::new(member.key_offset, end, quote(meant));
        Some(Fix::new(format!("Write `{meant}`"), splice))
    }

    fn version(&self, finding: &Finding) -> Option<Fix> {
        let root = self.root.as_ref().ok()?;
        let Value::Object(members) = &root.value else {
            return None;
        };
        let is_version = finding.pointer.is_empty() && finding.remedy.contains("`\"version\"`");
        if !is_version || find(root, "version").is_some() {
            return None;
        }
        let place = root.offset + 1;
        let rest = match members.first() {
            // In the style of the first member: the blanks before it stand before this one.
            Some(first) => format!(",{}", &self.text[place..first.key_offset]),
            None => String::new(),
        };
        let place = members.first().map_or(place, |first| first.key_offset);
        let written = format!("\"version\": {}{rest}", quote(VERSION));
        let label = format!("Add `\"version\": \"{VERSION}\"`");
        Some(Fix::new(label, Splice::new(place, place, written)))
    }

    fn remove_tag(&self, finding: &Finding) -> Option<Fix> {
        let (row, index) = tag_place(&finding.pointer)?;
        Fix::of_edit(
            self.text,
            "Leave it out here",
            &Edit::RemoveTag { row, index },
        )
    }

    /// The tag that a reserved one would be a patch of, where it is not named already.
    fn reserved(&self, finding: &Finding) -> Option<Fix> {
        let (row, index) = tag_place(&finding.pointer)?;
        let node = self.node(&finding.pointer)?;
        let name = node.value.as_str()?;
        let tags = self.node(&format!("/repositories/{row}/tags"))?;
        let Value::Array(tags) = &tags.value else {
            return None;
        };
        match tag::kind(name).base() {
            Some(base) if tags.iter().all(|tag| tag.value.as_str() != Some(base)) => {
                let label = format!("Name `{base}` instead");
                Some(Fix::rewrite(node, label, &quote(base)))
            }
            _ => {
                let label = format!("Leave `{name}` out");
                Fix::of_edit(self.text, label, &Edit::RemoveTag { row, index })
            }
        }
    }

    /// The named tags alone, which is what ACR works with now; or `*` alone.
    fn wildcard(&self, finding: &Finding) -> Vec<Fix> {
        let Some((row, index)) = tag_place(&finding.pointer) else {
            return Vec::new();
        };
        let tags = vec!["*".to_owned()];
        let choices = [
            (
                "Leave `*` out, keep the others",
                Edit::RemoveTag { row, index },
            ),
            ("Keep `*` alone, for all tags", Edit::Tags { row, tags }),
        ];
        let fixes = choices
            .into_iter()
            .filter_map(|(label, edit)| Fix::of_edit(self.text, label, &edit));
        fixes.collect()
    }

    /// Only a row that stands there twice: two rows with other tags may be meant so.
    fn remove_row(&self, finding: &Finding) -> Option<Fix> {
        let row: usize = finding.pointer.rsplit_once('/')?.1.parse().ok()?;
        let rows = rows_of(self.root.as_ref().ok()?)?;
        let value = &rows.get(row)?.value;
        let is_same = rows[..row].iter().any(|other| other.value.is_same(value));
        is_same
            .then(|| Fix::of_edit(self.text, "Remove this row", &Edit::Remove { row }))
            .flatten()
    }
}

/// Row and index of `/repositories/ROW/tags/INDEX`.
fn tag_place(pointer: &str) -> Option<(usize, usize)> {
    let rest = pointer.strip_prefix("/repositories/")?;
    let (row, index) = rest.split_once("/tags/")?;
    Some((row.parse().ok()?, index.parse().ok()?))
}

/// `"tags": "1.0"` becomes a list, `"enabled": "true"` loses its quotes.
fn wrong_type(node: &Node, pointer: &str) -> Option<Fix> {
    match &node.value {
        Value::String(tag) if pointer.ends_with("/tags") => {
            let list = format!("[{}]", quote(tag));
            Some(Fix::rewrite(node, "Put it into a list", &list))
        }
        Value::String(word) if pointer.ends_with("/enabled") => {
            let word = word.trim().to_ascii_lowercase();
            let label = format!("Write `{word}` without quotes");
            matches!(word.as_str(), "true" | "false").then(|| Fix::rewrite(node, label, &word))
        }
        // What ACR takes `null` for.
        Value::Null if pointer.ends_with("/enabled") => {
            Some(Fix::rewrite(node, "Write `true`", "true"))
        }
        _ => None,
    }
}
