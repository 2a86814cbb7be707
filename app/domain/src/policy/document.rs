//! A change in the form, made in the text: only the place that it is about is written anew, so
//! that everything else stays as somebody wrote it, keys that nobody reads included.
use super::decode::{self, is_field};
use super::{Policy, PolicyRepository, TagConvention};
use crate::json::{self, Member, Node, Value};
use crate::splice::Splice;

mod items;
#[cfg(test)]
mod tests;

use items::Items;

/// One change of a form that shows a policy. Rows are counted from 0, as the service reads them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// `None` takes the key out.
    Convention(Option<TagConvention>),
    Repository {
        row: usize,
        name: String,
    },
    /// The whole list; only the tags that differ are written anew.
    Tags {
        row: usize,
        tags: Vec<String>,
    },
    AddTag {
        row: usize,
        tag: String,
    },
    RemoveTag {
        row: usize,
        index: usize,
    },
    Enabled {
        row: usize,
        enabled: bool,
    },
    /// A row at the end.
    Add(PolicyRepository),
    Remove {
        row: usize,
    },
    /// Takes a row out and puts it where it is the `to`-th.
    Move {
        row: usize,
        to: usize,
    },
}

/// The text after the edit. An empty text begins a document. `None` where the text is not a
/// document in which the place can be found, and where keys that stand in it twice would make the
/// service read something else than the form shows afterwards.
pub fn apply(text: &str, edit: &Edit) -> Option<String> {
    if text.trim_ascii().is_empty() {
        let mut policy = Policy {
            convention: Some(TagConvention::default()),
            ..Policy::default()
        };
        return edit.change(&mut policy).then(|| policy.to_json());
    }
    let Ok(before) = decode::decode(text) else {
        // What the service cannot decode is shown as far as it can be read, and edited there.
        return write(text, edit);
    };
    let before = before.into_policy();
    let mut expected = before.clone();
    if !edit.change(&mut expected) {
        return None;
    }
    // An empty convention is none to the service; taking it out changes the text alone.
    if expected == before && *edit != Edit::Convention(None) {
        return Some(text.to_owned());
    }
    let edited = write(text, edit)?;
    let after = decode::decode(&edited).ok()?.into_policy();
    (after == expected).then_some(edited)
}

impl Edit {
    /// The same change to the policy itself; false where there is no such place.
    pub fn change(&self, policy: &mut Policy) -> bool {
        let rows = &mut policy.repositories;
        let n_rows = rows.len();
        match self {
            Self::Convention(convention) => policy.convention = *convention,
            Self::Add(row) => rows.push(row.clone()),
            Self::Remove { row } | Self::Move { row, .. } if *row >= n_rows => return false,
            Self::Remove { row } => {
                rows.remove(*row);
            }
            Self::Move { to, .. } if *to >= n_rows => return false,
            Self::Move { row, to } => {
                let moved = rows.remove(*row);
                rows.insert(*to, moved);
            }
            Self::Repository { row, .. }
            | Self::Tags { row, .. }
            | Self::AddTag { row, .. }
            | Self::RemoveTag { row, .. }
            | Self::Enabled { row, .. } => {
                return rows.get_mut(*row).is_some_and(|row| self.change_row(row));
            }
        }
        true
    }

    fn change_row(&self, row: &mut PolicyRepository) -> bool {
        match self {
            Self::Repository { name, .. } => row.repository.clone_from(name),
            Self::Tags { tags, .. } => row.tags.clone_from(tags),
            Self::AddTag { tag, .. } => row.tags.push(tag.clone()),
            Self::RemoveTag { index, .. } if *index >= row.tags.len() => return false,
            Self::RemoveTag { index, .. } => {
                row.tags.remove(*index);
            }
            Self::Enabled { enabled, .. } => row.enabled = *enabled,
            Self::Convention(_) | Self::Add(_) | Self::Remove { .. } | Self::Move { .. } => {
                return false;
            }
        }
        true
    }
}

/// The tags of a field in which a person wrote them, one after the other.
pub fn split_tags(field: &str) -> Vec<String> {
    let is_separator = |character: char| character.is_whitespace() || ",;".contains(character);
    let words = field.split(is_separator).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

/// The member that the service reads: keys in any case, the last of duplicates.
pub(super) fn find<'n>(object: &'n Node, key: &str) -> Option<&'n Member> {
    let Value::Object(members) = &object.value else {
        return None;
    };
    let is_meant = |member: &&Member| is_field(&member.key, key);
    members.iter().rev().find(is_meant)
}

pub(super) fn rows_of(root: &Node) -> Option<&[Node]> {
    list_of(&find(root, "repositories")?.value)
}

/// The value that a finding's pointer means: keys in any case, the last of duplicates.
pub(super) fn node_at<'n>(root: &'n Node, pointer: &str) -> Option<&'n Node> {
    let mut steps = pointer.split('/').skip(1);
    steps.try_fold(root, |node, step| match &node.value {
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        Value::Object(_) => Some(&find(node, step)?.value),
        _ => None,
    })
}

fn list_of(node: &Node) -> Option<&[Node]> {
    match &node.value {
        Value::Array(items) => Some(items),
        _ => None,
    }
}

fn write(text: &str, edit: &Edit) -> Option<String> {
    let root = json::read(text).ok()?;
    let document = Document { text };
    let row_at = |row: usize| rows_of(&root)?.get(row);
    let splice = match edit {
        Edit::Convention(Some(convention)) => {
            let value = Value::String(convention.as_str().to_owned());
            document.set(&root, "tag-convention", &value, Some("version"))
        }
        Edit::Convention(None) => return without(text, "tag-convention"),
        Edit::Repository { row, name } => {
            let value = Value::String(name.clone());
            document.set(row_at(*row)?, "repository", &value, None)
        }
        Edit::Enabled { row, enabled } => {
            document.set(row_at(*row)?, "enabled", &Value::Bool(*enabled), None)
        }
        Edit::Tags { row, tags } => document.set_tags(row_at(*row)?, tags),
        Edit::AddTag { row, tag } => {
            let row = row_at(*row)?;
            let mut tags = tags_of(row).unwrap_or_default();
            tags.push(tag.clone());
            document.set_tags(row, &tags)
        }
        Edit::RemoveTag { row, index } => {
            let tags = &find(row_at(*row)?, "tags")?.value;
            list_of(tags)?.get(*index)?;
            Items::of_list(text, tags)?.replace(*index..*index + 1, &[])
        }
        Edit::Remove { row } => {
            row_at(*row)?;
            let rows = &find(&root, "repositories")?.value;
            Items::of_list(text, rows)?.replace(*row..*row + 1, &[])
        }
        Edit::Move { row, to } => {
            Items::of_list(text, &find(&root, "repositories")?.value)?.rotate(*row, *to)
        }
        Edit::Add(row) => document.add(&root, row),
    };
    splice?.apply(text)
}

/// The tags that a row names, where they are strings.
fn tags_of(row: &Node) -> Option<Vec<String>> {
    let tags = list_of(&find(row, "tags")?.value)?;
    tags.iter()
        .map(|tag| tag.value.as_str().map(str::to_owned))
        .collect()
}

/// The text without a key of the document, however often it stands there.
fn without(text: &str, key: &str) -> Option<String> {
    let mut text = text.to_owned();
    loop {
        let root = json::read(&text).ok()?;
        let Value::Object(members) = &root.value else {
            return None;
        };
        let is_it = |member: &Member| is_field(&member.key, key);
        let Some(index) = members.iter().position(is_it) else {
            return Some(text);
        };
        let splice = Items::of_object(&text, &root)?.replace(index..index + 1, &[])?;
        text = splice.apply(&text)?;
    }
}

struct Document<'t> {
    text: &'t str,
}

impl Document<'_> {
    /// Writes the value of a member; one that has it already stays as it is written, and one
    /// that is missing is put behind the member `after`, or at the end.
    fn set(&self, object: &Node, key: &str, value: &Value, after: Option<&str>) -> Option<Splice> {
        let written = match value {
            Value::Bool(value) => value.to_string(),
            Value::String(text) => json::quote(text),
            _ => return None,
        };
        match find(object, key) {
            Some(member) if member.value.value == *value => Some(Splice::new(0, 0, "")),
            Some(member) => Some(Splice::new(member.value.offset, member.value.end, written)),
            None => self.insert(object, key, &written, after),
        }
    }

    fn insert(&self, object: &Node, key: &str, value: &str, after: Option<&str>) -> Option<Splice> {
        let Value::Object(members) = &object.value else {
            return None;
        };
        let member = format!("{}: {value}", json::quote(key));
        let neighbour = after.and_then(|key| find(object, key)).or(members.last());
        let Some(neighbour) = neighbour else {
            let whole = format!("{{ {member} }}");
            return Some(Splice::new(object.offset, object.end, whole));
        };
        let blanks = match self.blanks_before(neighbour.key_offset) {
            blanks if blanks.contains('\n') => blanks,
            _ => " ",
        };
        let place = neighbour.value.end;
        Some(Splice::new(place, place, format!(",{blanks}{member}")))
    }

    /// Writes the tags that differ, so that the others keep their lines.
    fn set_tags(&self, row: &Node, tags: &[String]) -> Option<Splice> {
        let quoted: Vec<String> = tags.iter().map(|tag| json::quote(tag)).collect();
        let whole = || format!("[{}]", quoted.join(", "));
        let Some(member) = find(row, "tags") else {
            return self.insert(row, "tags", &whole(), Some("repository"));
        };
        let Some(nodes) = list_of(&member.value) else {
            let Node { offset, end, .. } = member.value;
            return Some(Splice::new(offset, end, whole()));
        };
        let is_same = |(node, tag): &(&Node, &String)| node.value.as_str() == Some(tag.as_str());
        let head = nodes.iter().zip(tags).take_while(is_same).count();
        let rest = nodes[head..].iter().rev().zip(tags[head..].iter().rev());
        let tail = rest.take_while(is_same).count();
        let range = head..nodes.len() - tail;
        Items::of_list(self.text, &member.value)?.replace(range, &quoted[head..tags.len() - tail])
    }

    fn add(&self, root: &Node, row: &PolicyRepository) -> Option<Splice> {
        let member = find(root, "repositories");
        let Some(last) = member.and_then(|member| list_of(&member.value)?.last()) else {
            let all = format!("[\n    {}\n  ]", row_text(row, "\n    "));
            return match member {
                Some(member) => Some(Splice::new(member.value.offset, member.value.end, all)),
                None => self.insert(root, "repositories", &all, None),
            };
        };
        let blanks = self.blanks_before(last.offset);
        let written = format!(",{blanks}{}", row_text(row, blanks));
        Some(Splice::new(last.end, last.end, written))
    }

    /// The blanks before a byte.
    fn blanks_before(&self, offset: usize) -> &str {
        let before = &self.text[..offset];
        &before[before.trim_ascii_end().len()..]
    }
}

/// A row that begins after `blanks`, over several lines where they hold a line break.
fn row_text(row: &PolicyRepository, blanks: &str) -> String {
    let tags: Vec<String> = row.tags.iter().map(|tag| json::quote(tag)).collect();
    let members = [
        format!("\"repository\": {}", json::quote(&row.repository)),
        format!("\"tags\": [{}]", tags.join(", ")),
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
