//! Which resource a path under `/v2` names.
use super::error::RegistryError;
use crate::store::Reference;
use drydock_domain::tag::{Digest, RepositoryName, Tag};
use http::StatusCode;
use percent_encoding::percent_decode_str;
use uuid::Uuid;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Route {
    Base,
    Catalog,
    Tags(RepositoryName),
    Manifest(RepositoryName, Reference),
    Blob(RepositoryName, Digest),
    Uploads(RepositoryName),
    Upload(RepositoryName, Uuid),
    Referrers(RepositoryName, Digest),
}

impl Route {
    /// Repository names hold slashes, so a path is read from its end.
    pub fn parse(path: &str) -> Result<Self, RegistryError> {
        let path = percent_decode_str(path).decode_utf8_lossy();
        let path = path.strip_prefix("/v2").unwrap_or(&path);
        let segments: Vec<_> = path.trim_matches('/').split('/').collect();
        Ok(match segments.as_slice() {
            [""] => Self::Base,
            ["_catalog"] => Self::Catalog,
            [name @ .., "tags", "list"] => Self::Tags(parse_repository(name)?),
            [name @ .., "blobs", "uploads"] => Self::Uploads(parse_repository(name)?),
            [name @ .., "blobs", "uploads", id] => {
                Self::Upload(parse_repository(name)?, upload(id)?)
            }
            [name @ .., "blobs", digest] => {
                Self::Blob(parse_repository(name)?, parse_digest(digest)?)
            }
            [name @ .., "referrers", digest] => {
                Self::Referrers(parse_repository(name)?, parse_digest(digest)?)
            }
            [name @ .., "manifests", reference] => {
                Self::Manifest(parse_repository(name)?, parse_reference(reference)?)
            }
            _ => {
                return Err(RegistryError::new(
                    StatusCode::NOT_FOUND,
                    "UNSUPPORTED",
                    "there is no such endpoint in the distribution API",
                ));
            }
        })
    }
}

/// # Errors
/// `NAME_INVALID`.
pub(crate) fn parse_repository(segments: &[&str]) -> Result<RepositoryName, RegistryError> {
    let name = segments.join("/");
    RepositoryName::parse(&name).map_err(|error| {
        RegistryError::new(StatusCode::BAD_REQUEST, "NAME_INVALID", error.to_string())
            .with_detail(serde_json::json!({ "name": name }))
    })
}

/// # Errors
/// `DIGEST_INVALID`.
pub(crate) fn parse_digest(text: &str) -> Result<Digest, RegistryError> {
    Digest::parse(text).map_err(|error| {
        RegistryError::new(StatusCode::BAD_REQUEST, "DIGEST_INVALID", error.to_string())
    })
}

fn parse_reference(text: &str) -> Result<Reference, RegistryError> {
    if text.contains(':') {
        parse_digest(text).map(Reference::Digest)
    } else {
        parse_tag(text).map(Reference::Tag)
    }
}

/// # Errors
/// `TAG_INVALID`.
pub(crate) fn parse_tag(text: &str) -> Result<Tag, RegistryError> {
    Tag::parse(text).map_err(|error| {
        RegistryError::new(StatusCode::BAD_REQUEST, "TAG_INVALID", error.to_string())
    })
}

fn upload(text: &str) -> Result<Uuid, RegistryError> {
    Uuid::parse_str(text).map_err(|_| {
        RegistryError::new(
            StatusCode::NOT_FOUND,
            "BLOB_UPLOAD_UNKNOWN",
            format!("'{text}' is not the id of an upload"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> RepositoryName {
        RepositoryName::parse(text).unwrap()
    }

    #[test]
    fn a_path_is_read_from_its_end() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let check = |path: &str, expected: Route| {
            assert_eq!(Route::parse(path).unwrap(), expected, "{path}");
        };
        let blob = || Route::Blob(name("a/b"), Digest::parse(&digest).unwrap());
        let manifest = |name_: &str, reference: &str| {
            Route::Manifest(name(name_), Reference::parse(reference).unwrap())
        };
        check("/v2", Route::Base);
        check("/v2/", Route::Base);
        check("/v2/_catalog", Route::Catalog);
        check("/v2/a/tags/list", Route::Tags(name("a")));
        check(
            "/v2/manifests/manifests/list",
            manifest("manifests", "list"),
        );
        check("/v2/a/b/manifests/v1", manifest("a/b", "v1"));
        check(&format!("/v2/a/b/blobs/{digest}"), blob());
        check(
            &format!("/v2/a/b/blobs/{}", digest.replace(':', "%3A")),
            blob(),
        );
        check("/v2/a/b/blobs/uploads/", Route::Uploads(name("a/b")));
        check("/v2/a/blobs/uploads", Route::Uploads(name("a")));
        let id = Uuid::new_v4();
        check(
            &format!("/v2/a/blobs/uploads/{id}"),
            Route::Upload(name("a"), id),
        );
    }

    #[test]
    fn each_wrong_name_has_its_code() {
        let check = |path: &str, code: &str| {
            assert_eq!(Route::parse(path).unwrap_err().code(), code, "{path}");
        };
        check("/v2/A/manifests/v1", "NAME_INVALID");
        check("/v2/../manifests/v1", "NAME_INVALID");
        check("/v2/a%2f..%2fb/manifests/v1", "NAME_INVALID");
        check("/v2/a//b/manifests/v1", "NAME_INVALID");
        check("/v2/tags/list", "NAME_INVALID");
        check("/v2/a/manifests/.v1", "TAG_INVALID");
        check("/v2/a/manifests/sha256:12", "DIGEST_INVALID");
        check("/v2/a/blobs/sha256:zz", "DIGEST_INVALID");
        check("/v2/a/blobs/uploads/1", "BLOB_UPLOAD_UNKNOWN");
        check("/v2/a/layers/v1", "UNSUPPORTED");
    }
}
