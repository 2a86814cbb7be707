//! Names in a registry, and what continuous patching reads into a tag's ending.
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The highest patch number: the patch task refuses 1000.
pub const MAX_PATCH_NUMBER: u16 = 999;

const FLOATING_SUFFIX: &str = "-patched";

/// What a tag is, judged by its ending alone, as Azure judges it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TagKind<'a> {
    Original,
    /// `base-1` to `base-999`, without leading zero; split at the last `-`.
    Incremental {
        base: &'a str,
        number: u16,
    },
    /// `base-patched`.
    Floating {
        base: &'a str,
    },
}

impl<'a> TagKind<'a> {
    /// The tag that this one would be a patch of, whether or not that tag exists.
    pub fn base(self) -> Option<&'a str> {
        match self {
            Self::Original => None,
            Self::Incremental { base, .. } | Self::Floating { base } => Some(base),
        }
    }
}

/// Reads a tag's ending. `1.0-1` is a patch tag whether or not `1.0` exists.
///
/// ```
/// use drydock_domain::tag::{kind, TagKind};
/// assert_eq!(kind("9.2-717"), TagKind::Incremental { base: "9.2", number: 717 });
/// assert_eq!(kind("1.0-1000"), TagKind::Original);
/// ```
pub fn kind(tag: &str) -> TagKind<'_> {
    match split_reserved_suffix(tag) {
        Some((base, suffix)) if !base.is_empty() => match suffix {
            ReservedSuffix::Number(number) => TagKind::Incremental { base, number },
            ReservedSuffix::Patched => TagKind::Floating { base },
        },
        _ => TagKind::Original,
    }
}

/// Whether a tag ends in `-1` … `-999` or `-patched`: the service refuses it in a policy.
pub fn has_reserved_suffix(tag: &str) -> bool {
    split_reserved_suffix(tag).is_some()
}

/// Whether the patch task refuses a `SOURCE_IMAGE_NEWPATCH_TAG`: a number above 999. The floating
/// convention's `patched` is not a number.
pub fn is_patch_number_used_up(number: &str) -> bool {
    number
        .parse()
        .is_ok_and(|number: u64| number > MAX_PATCH_NUMBER.into())
}

enum ReservedSuffix {
    Number(u16),
    Patched,
}

fn split_reserved_suffix(tag: &str) -> Option<(&str, ReservedSuffix)> {
    if let Some(base) = tag.strip_suffix(FLOATING_SUFFIX) {
        return Some((base, ReservedSuffix::Patched));
    }
    // Only the last four bytes can hold the hyphen of a number below 1000.
    let bytes = tag.as_bytes();
    let digits = bytes
        .iter()
        .rev()
        .take(4)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    if digits == 0 || digits > 3 || digits == bytes.len() {
        return None;
    }
    let hyphen = bytes.len() - digits - 1;
    if bytes[hyphen] != b'-' || bytes[hyphen + 1] == b'0' {
        return None;
    }
    let number = bytes[hyphen + 1..]
        .iter()
        .fold(0, |number, digit| number * 10 + u16::from(digit - b'0'));
    Some((&tag[..hyphen], ReservedSuffix::Number(number)))
}

/// A name that breaks the OCI distribution grammar.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    #[error(
        "`{0}` is not a repository name: lower-case letters and digits, joined by `.`, `_`, `__`, \
         `-` or `/`, at most 255 characters"
    )]
    Repository(String),
    #[error(
        "`{0}` is not a tag: letters, digits, `_`, `.` and `-`, not beginning with `.` or `-`, \
         at most 128 characters"
    )]
    Tag(String),
    #[error(
        "`{0}` is not a digest: `sha256:` and 64, or `sha512:` and 128, lower-case hexadecimal \
         digits"
    )]
    Digest(String),
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $invalid:ident, $is_valid:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            pub fn parse(name: &str) -> Result<Self, InvalidName> {
                if $is_valid(name) {
                    Ok(Self(name.to_owned()))
                } else {
                    Err(InvalidName::$invalid(name.to_owned()))
                }
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidName;

            fn from_str(name: &str) -> Result<Self, InvalidName> {
                Self::parse(name)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidName;

            fn try_from(name: String) -> Result<Self, InvalidName> {
                if $is_valid(&name) {
                    Ok(Self(name))
                } else {
                    Err(InvalidName::$invalid(name))
                }
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }
    };
}

name!(
    /// A repository's name: `team/web-api`.
    RepositoryName,
    Repository,
    is_repository
);
name!(
    /// A tag: `3.11-slim`.
    Tag,
    Tag,
    is_tag
);
name!(
    /// A content digest: `sha256:` and 64 hexadecimal digits.
    Digest,
    Digest,
    is_digest
);

impl Digest {
    /// `sha256` or `sha512`.
    pub fn algorithm(&self) -> &str {
        self.0
            .split_once(':')
            .map_or("", |(algorithm, _)| algorithm)
    }

    /// The hexadecimal digits.
    pub fn hex(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, hex)| hex)
    }
}

fn is_repository(name: &str) -> bool {
    name.len() <= 255 && name.split('/').all(is_path_component)
}

/// Runs of `[a-z0-9]` with one separator between two: `.`, `_`, `__` or any number of `-`.
fn is_path_component(component: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = component.as_bytes();
    if !(bytes.first().copied().is_some_and(is_word) && bytes.last().copied().is_some_and(is_word))
    {
        return false;
    }
    component
        .split(|character: char| character.is_ascii() && is_word(character as u8))
        .filter(|separator| !separator.is_empty())
        .all(|separator| {
            matches!(separator, "." | "_" | "__") || separator.bytes().all(|byte| byte == b'-')
        })
}

/// Whether a [`Tag`] can be made of it.
pub fn is_tag(name: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    name.len() <= 128
        && name.bytes().next().is_some_and(is_word)
        && name
            .bytes()
            .all(|byte| is_word(byte) || matches!(byte, b'.' | b'-'))
}

fn is_digest(name: &str) -> bool {
    let Some((algorithm, hex)) = name.split_once(':') else {
        return false;
    };
    let expected = match algorithm {
        "sha256" => 64,
        "sha512" => 128,
        _ => return false,
    };
    hex.len() == expected
        && hex
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_alone_decides_what_a_tag_is() {
        let incremental = |base, number| TagKind::Incremental { base, number };
        let floating = |base| TagKind::Floating { base };
        for (tag, expected) in [
            ("3.11", TagKind::Original),
            ("1.0-1", incremental("1.0", 1)),
            ("1.0-999", incremental("1.0", 999)),
            ("1.0-1000", TagKind::Original),
            ("1.0-0", TagKind::Original),
            ("1.0-01", TagKind::Original),
            ("1.0-007", TagKind::Original),
            ("7.2.4-debian-12", incremental("7.2.4-debian", 12)),
            ("2024-10-31", incremental("2024-10", 31)),
            ("1.0-1-2", incremental("1.0-1", 2)),
            ("1.0-patched", floating("1.0")),
            ("1.0-patched-1", incremental("1.0-patched", 1)),
            ("1.0-patched2", TagKind::Original),
            ("patched", TagKind::Original),
            ("717", TagKind::Original),
            ("-1", TagKind::Original),
            ("-patched", TagKind::Original),
            ("", TagKind::Original),
            ("é-7", incremental("é", 7)),
        ] {
            assert_eq!(kind(tag), expected, "{tag}");
        }
    }

    #[test]
    fn a_bare_suffix_is_reserved_although_it_patches_nothing() {
        for (tag, expected) in [
            ("-1", true),
            ("-patched", true),
            ("10.1.1-1", true),
            ("10.1.1-999", true),
            ("10.1.1-patched", true),
            ("10.1.1-1000", false),
            ("10.1.1", false),
            ("", false),
        ] {
            assert_eq!(has_reserved_suffix(tag), expected, "{tag}");
        }
    }

    #[test]
    fn names_follow_the_distribution_grammar() {
        for name in ["a", "team/web-api", "a.b_c__d---e/0", "localhost/x"] {
            assert_eq!(
                RepositoryName::parse(name).map(String::from),
                Ok(name.to_owned())
            );
        }
        for name in [
            "", "A", "a//b", "/a", "a/", "a..b", "a___b", "-a", "a-", "a b", "é",
        ] {
            assert!(RepositoryName::parse(name).is_err(), "{name}");
        }
        for name in ["3.11", "_x", "A-b.c_d", &"a".repeat(128)] {
            assert!(Tag::parse(name).is_ok(), "{name}");
        }
        for name in ["", ".a", "-a", "a b", "a:b", "a/b", "é", &"a".repeat(129)] {
            assert!(Tag::parse(name).is_err(), "{name}");
        }
        let sha256 = format!("sha256:{}", "0f".repeat(32));
        assert_eq!(
            Digest::parse(&sha256).map(|digest| digest.hex().len()),
            Ok(64)
        );
        for name in ["sha256:00", "md5:00", &sha256.to_uppercase(), "sha256"] {
            assert!(Digest::parse(name).is_err(), "{name}");
        }
    }
}
