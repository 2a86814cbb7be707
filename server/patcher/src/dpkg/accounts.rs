//! The image's users and groups: packages name owners, layers number them.
use crate::PatchError;
use crate::image::ImageView;
use std::collections::HashMap;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accounts {
    users: HashMap<String, u64>,
    groups: HashMap<String, u64>,
}

impl Accounts {
    pub fn read(view: &ImageView<'_>) -> Result<Self, PatchError> {
        let users = view.read_text("etc/passwd")?.unwrap_or_default();
        let groups = view.read_text("etc/group")?.unwrap_or_default();
        Ok(Self {
            users: parse(&users),
            groups: parse(&groups),
        })
    }

    pub fn user(&self, name: &str) -> Option<u64> {
        self.users.get(name).copied()
    }

    pub fn group(&self, name: &str) -> Option<u64> {
        self.groups.get(name).copied()
    }
}

fn parse(text: &str) -> HashMap<String, u64> {
    let line = |line: &str| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        Some((name.to_owned(), fields.nth(1)?.parse().ok()?))
    };
    text.lines().filter_map(line).collect()
}
