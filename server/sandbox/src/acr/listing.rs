//! `_tags` and `_manifests`: paged and ordered.
use super::{attributes, envelope};
use crate::{
    State,
    registry::{authorise::Caller, error::RegistryError, paging::Page},
    store::StoreError,
    tokens::scope::Need,
};
use axum::{
    Json,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use drydock_domain::tag::RepositoryName;
use http::request::Parts;
use serde_json::Value;

/// `GET /acr/v1/{repository}/_tags?n=&last=&orderby=&digest=`.
pub(super) fn tags(
    state: &State,
    caller: &Caller,
    parts: &Parts,
    name: &RepositoryName,
) -> Result<Response, RegistryError> {
    caller.require(&Need::metadata(name))?;
    let page = Page::parse(parts)?;
    let tags = state.registry.tags(name);
    let mut tags = tags.ok_or_else(|| StoreError::RepositoryUnknown(name.clone()))?;
    if let Some(digest) = &page.digest {
        tags.retain(|tag| tag.digest.as_str() == digest);
    }
    let tags = take_page(&page, tags, |tag| tag.name.as_str(), |tag| tag.updated_at);
    let rows = tags.rows.iter().map(attributes::tag).collect();
    let last = tags.rows.last().map(|tag| tag.name.as_str());
    Ok(answer(
        state,
        name,
        parts,
        &page,
        "tags",
        rows,
        last.filter(|_| tags.more),
    ))
}

/// `GET /acr/v1/{repository}/_manifests?n=&last=&orderby=`.
pub(super) fn manifests(
    state: &State,
    caller: &Caller,
    parts: &Parts,
    name: &RepositoryName,
) -> Result<Response, RegistryError> {
    caller.require(&Need::metadata(name))?;
    let page = Page::parse(parts)?;
    let manifests = state.registry.manifests(name);
    let manifests = manifests.ok_or_else(|| StoreError::RepositoryUnknown(name.clone()))?;
    let manifests = take_page(
        &page,
        manifests,
        |(record, _)| record.digest.as_str(),
        |(record, _)| record.updated_at,
    );
    let rows = &manifests.rows;
    let last = rows.last().map(|(record, _)| record.digest.as_str());
    let rows = rows
        .iter()
        .map(|(record, tags)| attributes::manifest(record, tags))
        .collect();
    Ok(answer(
        state,
        name,
        parts,
        &page,
        "manifests",
        rows,
        last.filter(|_| manifests.more),
    ))
}

/// An empty page has no list at all: ACR's own client goes on until there is none, and takes an
/// empty one for a page with a last row.
fn answer(
    state: &State,
    name: &RepositoryName,
    parts: &Parts,
    page: &Page,
    member: &str,
    rows: Vec<Value>,
    next: Option<&str>,
) -> Response {
    let mut body = envelope(state, name);
    if !rows.is_empty() {
        body[member] = rows.into();
    }
    (page.headers(parts.uri.path(), next), Json(body)).into_response()
}

struct Rows<T> {
    rows: Vec<T>,
    more: bool,
}

/// Orders the rows and takes the page after `last`. When `last` is gone, the place in an order by
/// name is still known; in an order by time it is not, and the listing ends.
fn take_page<T>(
    page: &Page,
    mut rows: Vec<T>,
    key: impl Fn(&T) -> &str,
    time: impl Fn(&T) -> DateTime<Utc>,
) -> Rows<T> {
    let by_time = |a: &T, b: &T| time(a).cmp(&time(b)).then_with(|| key(a).cmp(key(b)));
    let ordered_by_time = match page.order_by.as_deref() {
        Some("timeasc" | "time_asc") => {
            rows.sort_by(by_time);
            true
        }
        Some("timedesc" | "time_desc") => {
            rows.sort_by(|a, b| by_time(b, a));
            true
        }
        _ => false,
    };
    let start = match page.last.as_deref() {
        None => 0,
        Some(last) if ordered_by_time => {
            let found = rows.iter().position(|row| key(row) == last);
            found.map_or(rows.len(), |position| position + 1)
        }
        Some(last) => rows.partition_point(|row| key(row) <= last),
    };
    rows.drain(..start);
    let more = page.cut(&mut rows);
    Rows { rows, more }
}
