//! What refers to a manifest.
use super::{authorise::Caller, error::RegistryError, paging};
use crate::{
    State,
    store::{ManifestRecord, OCI_INDEX},
    tokens::scope::Need,
};
use axum::response::{IntoResponse, Response};
use drydock_domain::tag::{Digest, RepositoryName};
use http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts};
use serde_json::{Value, json};

const FILTERS_APPLIED: HeaderName = HeaderName::from_static("oci-filters-applied");

/// `GET /v2/{repository}/referrers/{digest}`: an index, empty where nothing refers to the digest,
/// or the digest or the repository is not there.
pub(super) fn list(
    state: &State,
    caller: &Caller,
    parts: &Parts,
    repository: &RepositoryName,
    digest: &Digest,
) -> Result<Response, RegistryError> {
    caller.require(&Need::pull(repository))?;
    let mut query = paging::query(parts);
    let wanted = query
        .find(|(key, _)| key == "artifactType")
        .map(|(_, value)| value);
    let referrers = state.registry.referrers(repository, digest);
    let manifests: Vec<_> = referrers
        .iter()
        .filter(|record| {
            let artifact_type = record.summary.artifact_type.as_deref();
            wanted
                .as_deref()
                .is_none_or(|wanted| artifact_type == Some(wanted))
        })
        .map(descriptor)
        .collect();
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(OCI_INDEX));
    if wanted.is_some() {
        headers.insert(FILTERS_APPLIED, HeaderValue::from_static("artifactType"));
    }
    let index = json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests});
    Ok((headers, index.to_string()).into_response())
}

fn descriptor(record: &ManifestRecord) -> Value {
    let mut descriptor = json!({
        "mediaType": record.media_type,
        "digest": record.digest,
        "size": record.size_bytes,
    });
    if let Some(artifact_type) = &record.summary.artifact_type {
        descriptor["artifactType"] = artifact_type.as_str().into();
    }
    if !record.summary.annotations.is_empty() {
        descriptor["annotations"] = json!(record.summary.annotations);
    }
    descriptor
}
