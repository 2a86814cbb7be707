//! Of which registries, and of which repositories in them, somebody may know anything.
use crate::pattern::fits;
use std::fmt;
use std::str::FromStr;

/// The places that a caller reaches. None named means all of them.
///
/// Written as a list with commas: `prod` is a registry with everything in it, `prod/web/*` the
/// repositories of it that fit the pattern, `*/web/*` those of every registry. `*` stands for any
/// number of characters, slashes too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope(Vec<Place>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    /// In lower case, as registries' names know no case.
    registry: String,
    /// `None` for every repository.
    repositories: Option<String>,
}

/// How much of a registry a scope reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    Nothing,
    /// Some of its repositories.
    Part,
    Whole,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no place: write a registry's name, or a name, a slash and a pattern of repositories, \
     such as prod or prod/web/*"
)]
pub struct ParseScopeError(String);

impl Scope {
    pub fn everything() -> Self {
        Self::default()
    }

    pub fn is_everything(&self) -> bool {
        self.0.is_empty()
    }

    pub fn reach(&self, registry: &str) -> Reach {
        if self.is_everything() {
            return Reach::Whole;
        }
        let name = registry.to_ascii_lowercase();
        let places = self.0.iter().filter(|place| fits(&place.registry, &name));
        let reaches = places.map(|place| match place.repositories {
            Some(_) => Reach::Part,
            None => Reach::Whole,
        });
        reaches.max().unwrap_or(Reach::Nothing)
    }

    /// Patterns of the registry's repositories that it reaches; `None` for all of them.
    pub fn repositories(&self, registry: &str) -> Option<Vec<String>> {
        if self.reach(registry) == Reach::Whole {
            return None;
        }
        let name = registry.to_ascii_lowercase();
        let places = self.0.iter().filter(|place| fits(&place.registry, &name));
        Some(
            places
                .filter_map(|place| place.repositories.clone())
                .collect(),
        )
    }

    /// Why something that is about all of a registry is refused, in a sentence; `None` where the scope
    /// reaches all of it.
    pub fn why_short_of(&self, registry: &str) -> Option<String> {
        let is_short = self.reach(registry) < Reach::Whole;
        is_short.then(|| short_of(registry, &self.to_string()))
    }

    pub fn has_repository(&self, registry: &str, repository: &str) -> bool {
        let name = registry.to_ascii_lowercase();
        let reaches = |place: &Place| {
            let pattern = place.repositories.as_deref().unwrap_or("*");
            fits(&place.registry, &name) && fits(pattern, repository)
        };
        self.is_everything() || self.0.iter().any(reaches)
    }
}

/// The refusal of something that is about all of `object`, to whom `scope` alone is reached.
pub fn short_of(object: &str, scope: &str) -> String {
    format!(
        "this is about all of {object}, and this session reaches {scope} alone; ask an administrator"
    )
}

impl FromStr for Scope {
    type Err = ParseScopeError;

    /// An empty text is everything.
    fn from_str(text: &str) -> Result<Self, ParseScopeError> {
        if text.trim().is_empty() {
            return Ok(Self::everything());
        }
        let places: Result<_, _> = text.split(',').map(|place| place.trim().parse()).collect();
        Ok(Self(places?))
    }
}

impl FromStr for Place {
    type Err = ParseScopeError;

    fn from_str(text: &str) -> Result<Self, ParseScopeError> {
        let (registry, repositories) = match text.split_once('/') {
            Some((registry, pattern)) => (registry, Some(pattern)),
            None => (text, None),
        };
        let is_name = |text: &str, others: &[u8]| {
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || others.contains(&byte);
            !text.is_empty() && text.bytes().all(fits)
        };
        if !is_name(registry, b"-*") || !repositories.is_none_or(|it| is_name(it, b"-._/*")) {
            return Err(ParseScopeError(text.escape_debug().to_string()));
        }
        Ok(Self {
            registry: registry.to_ascii_lowercase(),
            repositories: repositories
                .filter(|pattern| *pattern != "*")
                .map(str::to_owned),
        })
    }
}

/// As it is parsed; nothing for everything.
impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, place) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(formatter, "{comma}{}", place.registry)?;
            if let Some(pattern) = &place.repositories {
                write!(formatter, "/{pattern}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_fits_the_whole_name() {
        let check = |pattern, text, expected| {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        };
        check("web/*", "web/shop", true);
        check("web/*", "web/shop/cart", true);
        check("web/*", "web", false);
        check("web/*", "my-web/shop", false);
        check("web", "web", true);
        check("web", "web/shop", false);
        check("*", "", true);
        check("*/shop", "web/shop", true);
        check("*/shop", "web/shops", false);
        check("a*a", "a", false);
        check("a*a", "aa", true);
        check("*b*c*", "abxcx", true);
        check("*b*c*", "acxbx", false);
        check("a*b*b", "ab", false);
    }

    #[test]
    fn a_scope_reaches_what_it_names_and_nothing_else() {
        let scope: Scope = "Prod, test/web/*".parse().unwrap();
        assert_eq!(scope.reach("PROD"), Reach::Whole);
        assert_eq!(scope.reach("test"), Reach::Part);
        assert_eq!(scope.reach("production"), Reach::Nothing);
        assert!(scope.has_repository("prod", "base/debian"));
        assert!(scope.has_repository("test", "web/shop"));
        assert!(!scope.has_repository("test", "base/debian"));
        assert!(!scope.has_repository("other", "web/shop"));
        assert_eq!(scope.repositories("prod"), None);
        assert_eq!(scope.repositories("Test"), Some(vec!["web/*".to_owned()]));
        assert_eq!(scope.repositories("other"), Some(Vec::new()));
        let everything = Scope::everything();
        assert_eq!(everything.reach("any"), Reach::Whole);
        assert!(everything.has_repository("any", "thing"));
    }

    #[test]
    fn a_scope_is_read_as_it_is_written() {
        for text in ["", "prod", "prod,test/web/*", "*/web/*"] {
            let scope: Scope = text.parse().unwrap();
            assert_eq!(scope.to_string(), text);
            assert_eq!(scope.is_everything(), text.is_empty());
        }
        let whole: Scope = "prod/*".parse().unwrap();
        assert_eq!(whole.to_string(), "prod");
        for text in ["prod,", "/web", "prod/", "prod web", "prod/Ünder"] {
            assert!(text.parse::<Scope>().is_err(), "{text}");
        }
    }
}
