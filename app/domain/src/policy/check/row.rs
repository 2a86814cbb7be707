//! One repository of the policy and its tags.
use super::{BOTH, Checker, Extension, Place, Service};
use crate::hash::{HashMap, HashSet};
use crate::json::{self, Member, Node, Value};
use crate::policy::finding::FindingCode;
use crate::tag::{self, InvalidName, RepositoryName, TagKind};

impl Checker<'_> {
    pub(super) fn check_row(&mut self, row: &Node, index: usize) {
        let pointer = format!("/repositories/{index}");
        let Value::Object(members) = &row.value else {
            let place = Place::of(&pointer, row);
            let wanted = "an object with `repository` and `tags`";
            self.wrong_type(BOTH, place, "repositories", &row.value, wanted);
            return;
        };
        let keys = ["repository", "tags", "enabled"];
        let [repository, tags, enabled] = self.fields(members, &pointer, keys);
        match repository {
            None => self.missing(row, &pointer, "repository", "the repository's name"),
            Some(member) => self.check_repository(member, &pointer),
        }
        match tags {
            None => self.missing(row, &pointer, "tags", "a list of tags, or `[\"*\"]`"),
            Some(member) => self.check_tags(member, &pointer),
        }
        if let Some(member) = enabled {
            let place = Place::of(&format!("{pointer}/enabled"), &member.value);
            let wanted = "`true` or `false`, without quotes";
            match &member.value.value {
                Value::Bool(_) => {}
                Value::Null => {
                    self.wrong_type(&[Extension], place, "enabled", &Value::Null, wanted);
                }
                other => self.wrong_type(BOTH, place, "enabled", other, wanted),
            }
        }
    }

    fn check_repository(&mut self, member: &Member, row: &str) {
        let place = Place::of(&format!("{row}/repository"), &member.value);
        match &member.value.value {
            Value::String(name) if name.is_empty() => self.add(
                FindingCode::RepositoryEmpty,
                &[Service],
                place,
                "The repository's name is empty. ACR's own check refuses the whole policy; the \
                 az extension does not notice.",
                "Write the repository's name without the registry, such as `team/web`.",
            ),
            Value::String(name) => {
                if let Err(error) = RepositoryName::parse(name) {
                    let message = format!("{error}. No registry can hold it.");
                    let remedy = "Write the name without the registry and without a tag, in \
                                  lower case.";
                    self.add(FindingCode::RepositoryName, &[], place, message, remedy);
                }
            }
            other => self.wrong_type(BOTH, place, "repository", other, "a string"),
        }
    }

    fn check_tags(&mut self, member: &Member, row: &str) {
        let pointer = format!("{row}/tags");
        let place = Place::of(&pointer, &member.value);
        let Value::Array(tags) = &member.value.value else {
            let wanted = "a list of strings, such as `[\"*\"]`";
            self.wrong_type(BOTH, place, "tags", &member.value.value, wanted);
            return;
        };
        if tags.is_empty() {
            self.add(
                FindingCode::NoTags,
                BOTH,
                place,
                "`tags` is empty. A repository is covered by naming tags, or all of them.",
                "Name at least one tag, or write `[\"*\"]`.",
            );
        }
        let mut seen = HashSet::default();
        for (index, node) in tags.iter().enumerate() {
            // Few tags have a finding: only those are worth a pointer.
            let place = || Place::of(&format!("{pointer}/{index}"), node);
            match &node.value {
                Value::String(tag) => {
                    if !seen.insert(tag.as_str()) {
                        self.duplicate_tag(tag, place());
                    }
                    self.check_tag(tag, tags.len(), place);
                }
                other => self.wrong_type(BOTH, place(), "tags", other, "a string"),
            }
        }
    }

    fn duplicate_tag(&mut self, tag: &str, place: Place) {
        self.add(
            FindingCode::DuplicateTag,
            &[Extension],
            place,
            format!(
                "The tag {} stands twice in this list. ACR takes it once; the az extension \
                 refuses the policy.",
                json::quote(tag)
            ),
            "Keep one of them.",
        );
    }

    fn check_tag(&mut self, tag: &str, n_tags: usize, place: impl Fn() -> Place) {
        if tag.is_empty() {
            self.add(
                FindingCode::TagEmpty,
                &[Service],
                place(),
                "The tag is empty. ACR's own check refuses the whole policy; the az extension \
                 does not notice.",
                "Write a tag, or leave the item out.",
            );
        } else if tag == "*" {
            if n_tags > 1 {
                self.wildcard_mixed(place());
            }
        } else if tag::has_reserved_suffix(tag) {
            self.reserved(tag, place());
        } else if looks_reserved(tag) {
            self.looks_reserved(tag, place());
        } else if !tag::is_tag(tag) {
            let error = InvalidName::Tag(tag.to_owned());
            let message = format!("{error}. No registry can hold it, so it will not be found.");
            let remedy = if tag.contains('*') {
                "There are no patterns: write each tag in full, or `[\"*\"]` for all of them."
            } else {
                "Write the tag alone, as the registry lists it."
            };
            self.add(FindingCode::TagName, &[], place(), message, remedy);
        }
    }

    fn wildcard_mixed(&mut self, place: Place) {
        self.add(
            FindingCode::WildcardMixed,
            &[Extension],
            place,
            "`*` stands beside other tags. The az extension refuses that; ACR accepts it, looks \
             for a tag that is called `*`, and does not find one.",
            "Leave the other tags out, or leave `*` out.",
        );
    }

    fn reserved(&mut self, tag: &str, place: Place) {
        let message = match tag::kind(tag) {
            TagKind::Incremental { base, number } => format!(
                "The tag `{tag}` ends in -{number}. Azure takes -1 to -999 for its own patch \
                 numbers: this would be patch {number} of `{base}`."
            ),
            TagKind::Floating { base } => format!(
                "The tag `{tag}` ends in -patched. Azure writes that ending itself: this would \
                 be the patch of `{base}`."
            ),
            TagKind::Original => format!("The tag `{tag}` is an ending that Azure writes itself."),
        };
        let remedy = match tag::kind(tag).base() {
            Some(base) => format!(
                "If it is a patch, name `{base}`. If it is an image of yours, push it under a \
                 tag with another ending and name that."
            ),
            None => "Name the tag that is to be patched.".to_owned(),
        };
        self.add(FindingCode::TagReserved, BOTH, place, message, remedy);
    }

    fn looks_reserved(&mut self, tag: &str, place: Place) {
        self.add(
            FindingCode::TagLooksReserved,
            &[Extension],
            place,
            format!(
                "The tag `{tag}` ends in a hyphen and up to three digits. ACR patches it like \
                 any other, because its number begins with 0; the az extension refuses it all \
                 the same."
            ),
            "Keep it if the policy is saved here. If the az extension must save it too, push the \
             image under a tag with another ending.",
        );
    }

    pub(super) fn check_duplicate_rows(&mut self, rows: &[Node]) {
        let mut rows_of: HashMap<&str, Vec<usize>> = HashMap::default();
        for (index, row) in rows.iter().enumerate() {
            let Some(name) = name_of(row) else { continue };
            let earlier = rows_of.entry(name).or_default();
            if let Some(first) = earlier.first() {
                let place = Place::of(&format!("/repositories/{index}"), row);
                let is_same = |other: &usize| rows[*other].value.is_same(&row.value);
                if earlier.iter().any(is_same) {
                    self.same_row(name, place);
                } else {
                    self.another_row(name, *first, place);
                }
            }
            earlier.push(index);
        }
    }

    fn same_row(&mut self, name: &str, place: Place) {
        self.add(
            FindingCode::DuplicateRepository,
            &[Extension],
            place,
            format!(
                "The row for `{name}` stands twice. ACR takes it once; the az extension refuses \
                 the policy."
            ),
            "Keep one of them.",
        );
    }

    fn another_row(&mut self, name: &str, first: usize, place: Place) {
        self.add(
            FindingCode::DuplicateRepository,
            &[],
            place,
            format!("`{name}` has a row already, `/repositories/{first}`. Azure goes by both."),
            "Put their tags into one row, unless one of them is to be disabled.",
        );
    }
}

/// The extension's rule: a hyphen and one to three digits at the end, leading zeros included.
fn looks_reserved(tag: &str) -> bool {
    tag.rsplit_once('-').is_some_and(|(_, number)| {
        (1..=3).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

fn name_of(row: &Node) -> Option<&str> {
    let Value::Object(members) = &row.value else {
        return None;
    };
    json::find_last(members, "repository")?.value.value.as_str()
}
