//! Which resource a path under `/acr/v1` names.
use crate::registry::{error::RegistryError, parse_digest, parse_repository, parse_tag};
use drydock_domain::tag::{Digest, RepositoryName, Tag};
use http::StatusCode;
use percent_encoding::percent_decode_str;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Route {
    Catalog,
    Repository(RepositoryName),
    Tags(RepositoryName),
    Tag(RepositoryName, Tag),
    Manifests(RepositoryName),
    Manifest(RepositoryName, Digest),
}

impl Route {
    /// Repository names hold slashes and never an underscore at the beginning of a component, so
    /// the path is read from its end.
    pub fn parse(path: &str) -> Result<Self, RegistryError> {
        let path = percent_decode_str(path).decode_utf8_lossy();
        let segments: Vec<_> = path.trim_matches('/').split('/').collect();
        let [acr, version, rest @ ..] = segments.as_slice() else {
            return Err(unknown());
        };
        if !acr.eq_ignore_ascii_case("acr") || !version.eq_ignore_ascii_case("v1") {
            return Err(unknown());
        }
        Ok(match rest {
            ["_catalog"] => Self::Catalog,
            [name @ .., "_tags"] => Self::Tags(parse_repository(name)?),
            [name @ .., "_tags", tag] => Self::Tag(parse_repository(name)?, parse_tag(tag)?),
            [name @ .., "_manifests"] => Self::Manifests(parse_repository(name)?),
            [name @ .., "_manifests", digest] => {
                Self::Manifest(parse_repository(name)?, parse_digest(digest)?)
            }
            [] => return Err(unknown()),
            name => Self::Repository(parse_repository(name)?),
        })
    }
}

fn unknown() -> RegistryError {
    RegistryError::new(
        StatusCode::NOT_FOUND,
        "UNSUPPORTED",
        "there is no such endpoint in the registry's API",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_from_its_end() {
        let name = || RepositoryName::parse("a/b").unwrap();
        let digest = format!("sha256:{}", "a".repeat(64));
        let check = |path: &str, expected: Route| {
            assert_eq!(Route::parse(path).unwrap(), expected, "{path}");
        };
        check("/acr/v1/_catalog", Route::Catalog);
        check("/acr/v1/a/b", Route::Repository(name()));
        check("/acr/v1/a%2Fb", Route::Repository(name()));
        check("/acr/v1/a/b/_tags", Route::Tags(name()));
        check(
            "/acr/v1/a/b/_tags/v1",
            Route::Tag(name(), Tag::parse("v1").unwrap()),
        );
        check("/acr/v1/a/b/_manifests/", Route::Manifests(name()));
        let manifest = Route::Manifest(name(), Digest::parse(&digest).unwrap());
        check(&format!("/acr/v1/a/b/_manifests/{digest}"), manifest);
        for (path, code) in [
            ("/acr/v1", "UNSUPPORTED"),
            ("/acr/v2/a", "UNSUPPORTED"),
            ("/acr/v1/A", "NAME_INVALID"),
            ("/acr/v1/_tags", "NAME_INVALID"),
            ("/acr/v1/a/_tags/-v", "TAG_INVALID"),
        ] {
            assert_eq!(Route::parse(path).unwrap_err().code(), code, "{path}");
        }
    }
}
