//! A change in the form, made in the text: only the place that it is about is written anew, so
//! that everything else stays as somebody wrote it, keys that nobody reads included.
use drydock_domain::json::{self, Member, Node, Value};
use drydock_domain::policy::{Policy, PolicyRepository, TagConvention};
use serde::de::IgnoredAny;

#[cfg(test)]
mod tests;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    Convention(TagConvention),
    Repository { row: usize, name: String },
    Tags { row: usize, tags: Vec<String> },
    Enabled { row: usize, enabled: bool },
    Remove { row: usize },
    Add(PolicyRepository),
}

/// The text after the edit; `None` where the text is not a document in which the place can be
/// found. An empty text begins a document.
pub fn apply(text: &str, edit: &Edit) -> Option<String> {
    if text.trim().is_empty() {
        return Some(begin(edit)?.to_json());
    }
    let root = json::read(text).ok()?;
    let document = Document { text };
    match edit {
        Edit::Convention(convention) => {
            let value = json::quote(convention.as_str());
            document.set(&root, "tag-convention", &value, Some("version"))
        }
        Edit::Repository { row, name } => {
            document.set(row_of(&root, *row)?, "repository", &json::quote(name), None)
        }
        Edit::Tags { row, tags } => {
            let after = Some("repository");
            document.set(row_of(&root, *row)?, "tags", &list(tags), after)
        }
        Edit::Enabled { row, enabled } => {
            document.set(row_of(&root, *row)?, "enabled", &enabled.to_string(), None)
        }
        Edit::Remove { row } => document.remove(&root, *row),
        Edit::Add(row) => document.add(&root, row),
    }
}

/// The policy that an edit of nothing makes.
fn begin(edit: &Edit) -> Option<Policy> {
    let (convention, repositories) = match edit {
        Edit::Convention(convention) => (*convention, Vec::new()),
        Edit::Add(row) => (TagConvention::default(), vec![row.clone()]),
        Edit::Repository { .. }
        | Edit::Tags { .. }
        | Edit::Enabled { .. }
        | Edit::Remove { .. } => return None,
    };
    Some(Policy {
        convention: Some(convention),
        repositories,
    })
}

/// The tags of a field in which a person wrote them, one after the other.
pub fn split_tags(field: &str) -> Vec<String> {
    let is_separator = |character: char| character.is_whitespace() || ",;".contains(character);
    let words = field.split(is_separator).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

fn list(tags: &[String]) -> String {
    let tags: Vec<String> = tags.iter().map(|tag| json::quote(tag)).collect();
    format!("[{}]", tags.join(", "))
}

/// The member that the service reads: keys in any case, the last of duplicates.
fn find<'n>(object: &'n Node, key: &str) -> Option<&'n Member> {
    let Value::Object(members) = &object.value else {
        return None;
    };
    let is_meant = |member: &&Member| member.key.eq_ignore_ascii_case(key);
    members.iter().rev().find(is_meant)
}

fn rows_of(root: &Node) -> Option<&[Node]> {
    match &find(root, "repositories")?.value.value {
        Value::Array(rows) => Some(rows),
        _ => None,
    }
}

fn row_of(root: &Node, row: usize) -> Option<&Node> {
    rows_of(root)?.get(row)
}

struct Document<'t> {
    text: &'t str,
}

impl Document<'_> {
    /// The byte after a value.
    fn end(&self, node: &Node) -> Option<usize> {
        let rest = self.text.get(node.offset..)?;
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<IgnoredAny>();
        values.next()?.ok()?;
        Some(node.offset + values.byte_offset())
    }

    fn replace(&self, from: usize, to: usize, by: &str) -> Option<String> {
        let (before, after) = (self.text.get(..from)?, self.text.get(to..)?);
        Some(format!("{before}{by}{after}"))
    }

    /// The blanks before a byte.
    fn blanks_before(&self, offset: usize) -> &str {
        let before = &self.text[..offset];
        &before[before.trim_end().len()..]
    }

    /// Writes the value of a member; one that is missing is put behind the member `after`, or at
    /// the end.
    fn set(&self, object: &Node, key: &str, value: &str, after: Option<&str>) -> Option<String> {
        if let Some(member) = find(object, key) {
            return self.replace(member.value.offset, self.end(&member.value)?, value);
        }
        let Value::Object(members) = &object.value else {
            return None;
        };
        let neighbour = after.and_then(|key| find(object, key)).or(members.last());
        let Some(neighbour) = neighbour else {
            let whole = format!("{{ {}: {value} }}", json::quote(key));
            return self.replace(object.offset, self.end(object)?, &whole);
        };
        let blanks = match self.blanks_before(neighbour.key_offset) {
            blanks if blanks.contains('\n') => blanks,
            _ => " ",
        };
        let place = self.end(&neighbour.value)?;
        let member = format!(",{blanks}{}: {value}", json::quote(key));
        self.replace(place, place, &member)
    }

    fn remove(&self, root: &Node, row: usize) -> Option<String> {
        let rows = rows_of(root)?;
        let removed = rows.get(row)?;
        match (rows.get(row + 1), row.checked_sub(1)) {
            (Some(next), _) => self.replace(removed.offset, next.offset, ""),
            (None, Some(previous)) => {
                self.replace(self.end(&rows[previous])?, self.end(removed)?, "")
            }
            (None, None) => {
                let all = &find(root, "repositories")?.value;
                self.replace(all.offset, self.end(all)?, "[]")
            }
        }
    }

    fn add(&self, root: &Node, row: &PolicyRepository) -> Option<String> {
        let Some(last) = rows_of(root).and_then(<[Node]>::last) else {
            let all = format!("[\n    {}\n  ]", row_text(row, "\n    "));
            return self.set(root, "repositories", &all, None);
        };
        let blanks = self.blanks_before(last.offset);
        let place = self.end(last)?;
        self.replace(place, place, &format!(",{blanks}{}", row_text(row, blanks)))
    }
}

/// A row that begins after `blanks`, over several lines where they hold a line break.
fn row_text(row: &PolicyRepository, blanks: &str) -> String {
    let members = [
        format!("\"repository\": {}", json::quote(&row.repository)),
        format!("\"tags\": {}", list(&row.tags)),
        format!("\"enabled\": {}", row.enabled),
    ];
    match blanks.rsplit_once('\n') {
        Some((_, indent)) => {
            let separator = format!(",\n{indent}  ");
            format!("{{\n{indent}  {}\n{indent}}}", members.join(&separator))
        }
        None => format!("{{ {} }}", members.join(", ")),
    }
}
