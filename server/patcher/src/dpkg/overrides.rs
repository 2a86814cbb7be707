//! Diversions (a package's file put elsewhere) and stat overrides (an owner and mode that the
//! administrator chose). <https://manpages.debian.org/dpkg-divert>,
//! <https://manpages.debian.org/dpkg-statoverride>
use crate::PatchError;
use crate::dpkg::accounts::Accounts;
use crate::image::ImageView;
use std::collections::HashMap;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diversions {
    /// Path → where it goes, and the package that keeps the path itself (`:` for nobody).
    by_path: HashMap<String, (String, String)>,
}

impl Diversions {
    pub fn read(view: &ImageView<'_>) -> Result<Self, PatchError> {
        Ok(Self::parse(
            &view
                .read_text("var/lib/dpkg/diversions")?
                .unwrap_or_default(),
        ))
    }

    fn parse(text: &str) -> Self {
        let lines: Vec<&str> = text.lines().collect();
        let bare = |path: &str| path.trim_start_matches('/').to_owned();
        let record = |record: &[&str]| (bare(record[0]), (bare(record[1]), record[2].to_owned()));
        Self {
            by_path: lines.chunks_exact(3).map(record).collect(),
        }
    }

    /// Where a package's file really goes.
    pub fn divert<'a>(&'a self, path: &'a str, package: &str) -> &'a str {
        match self.by_path.get(path) {
            Some((elsewhere, keeper)) if keeper != package => elsewhere,
            _ => path,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatOverrides {
    by_path: HashMap<String, Stat>,
}

/// Owner, group and permission bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    pub uid: u64,
    pub gid: u64,
    pub mode: u32,
}

impl StatOverrides {
    pub fn read(view: &ImageView<'_>, accounts: &Accounts) -> Result<Self, PatchError> {
        let text = view
            .read_text("var/lib/dpkg/statoverride")?
            .unwrap_or_default();
        let by_path = text
            .lines()
            .filter_map(|line| parse_override(line, accounts))
            .collect();
        Ok(Self { by_path })
    }

    pub fn get(&self, path: &str) -> Option<Stat> {
        self.by_path.get(path).copied()
    }
}

/// `root shadow 2755 /usr/bin/chage`; `#42` for an owner that has no name.
fn parse_override(line: &str, accounts: &Accounts) -> Option<(String, Stat)> {
    let mut words = line.splitn(4, ' ');
    let (user, group, mode, path) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let number = |name: &str| {
        name.strip_prefix('#')
            .and_then(|number| number.parse().ok())
    };
    let stat = Stat {
        uid: number(user).or_else(|| accounts.user(user))?,
        gid: number(group).or_else(|| accounts.group(group))?,
        mode: u32::from_str_radix(mode, 8).ok()?,
    };
    Some((path.trim_start_matches('/').to_owned(), stat))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diverted_file_goes_elsewhere_unless_its_package_is_the_keeper() {
        let diversions = Diversions::parse("/bin/sh\n/bin/sh.distrib\ndash\n/a\n/b\n:\n");
        assert_eq!(diversions.divert("bin/sh", "bash"), "bin/sh.distrib");
        assert_eq!(diversions.divert("bin/sh", "dash"), "bin/sh");
        assert_eq!(diversions.divert("a", "dash"), "b");
        assert_eq!(diversions.divert("c", "dash"), "c");
    }

    #[test]
    fn an_override_with_an_unknown_owner_is_passed_over() {
        let accounts = Accounts::default();
        let parsed = parse_override("#0 #42 2755 /usr/bin/chage", &accounts);
        assert_eq!(
            parsed,
            Some((
                "usr/bin/chage".into(),
                Stat {
                    uid: 0,
                    gid: 42,
                    mode: 0o2755
                }
            ))
        );
        assert_eq!(
            parse_override("root shadow 2755 /usr/bin/chage", &accounts),
            None
        );
    }
}
