//! Keys: case, duplicates, unknown ones, missing ones, and values of another type.
use super::{BOTH, Checker, Extension, Place, Validator, describe};
use crate::json::{self, Member, Node, Value, push_pointer};
use crate::policy::decode::is_field;
use crate::policy::finding::FindingCode;

impl Checker<'_> {
    /// The member that counts for each of the keys: the last, in any case.
    pub(super) fn fields<'n, const N: usize>(
        &mut self,
        members: &'n [Member],
        pointer: &str,
        keys: [&str; N],
    ) -> [Option<&'n Member>; N] {
        for (index, member) in members.iter().enumerate() {
            match keys.iter().find(|key| is_field(&member.key, key)) {
                None => self.unknown_key(member, pointer, &keys),
                Some(key) => {
                    let is_again = |earlier: &Member| is_field(&earlier.key, key);
                    if members[..index].iter().any(is_again) {
                        self.duplicate_key(member, pointer, key);
                    }
                    if json::find_last(members, key).is_none() {
                        self.key_case(member, pointer, key);
                    }
                }
            }
        }
        keys.map(|key| {
            members
                .iter()
                .rev()
                .find(|member| is_field(&member.key, key))
        })
    }

    fn unknown_key(&mut self, member: &Member, pointer: &str, keys: &[&str]) {
        let key = &member.key;
        let message = format!("`{key}` is not a key that Azure reads; it is passed over.");
        let remedy = match crate::nearest::nearest(key, keys.iter().copied()) {
            Some(near) => format!("Write `{near}` if that is what you mean, else leave it out."),
            None => format!("Leave it out, or write one of: {}.", keys.join(", ")),
        };
        self.add(
            FindingCode::UnknownKey,
            &[],
            key_place(member, pointer),
            message,
            remedy,
        );
    }

    fn duplicate_key(&mut self, member: &Member, pointer: &str, key: &str) {
        self.add(
            FindingCode::DuplicateKey,
            &[],
            key_place(member, pointer),
            format!("`{key}` stands here a second time. The last one counts."),
            "Keep one of them.",
        );
    }

    fn key_case(&mut self, member: &Member, pointer: &str, key: &str) {
        let found = &member.key;
        self.add(
            FindingCode::KeyCase,
            &[Extension],
            key_place(member, pointer),
            format!("`{found}` is `{key}` to ACR's own check, but not to the az extension."),
            format!("Write the key in lower case: `{key}`."),
        );
    }

    pub(super) fn missing(&mut self, owner: &Node, pointer: &str, key: &str, value: &str) {
        self.add(
            FindingCode::KeyMissing,
            BOTH,
            Place::of(pointer, owner),
            format!("The key `{key}` is missing."),
            format!("Add `\"{key}\"` with {value}."),
        );
    }

    pub(super) fn wrong_type(
        &mut self,
        refused_by: &[Validator],
        place: Place,
        what: &str,
        found: &Value,
        wanted: &str,
    ) {
        let found = describe(found);
        self.add(
            FindingCode::WrongType,
            refused_by,
            place,
            format!("`{what}` is {found}, and must be {wanted}."),
            format!("Replace it by {wanted}."),
        );
    }
}

fn key_place(member: &Member, pointer: &str) -> Place {
    let mut pointer = pointer.to_owned();
    push_pointer(&mut pointer, &member.key);
    Place {
        pointer,
        offset: member.key_offset,
    }
}
