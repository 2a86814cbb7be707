use super::model::{ManifestRecord, RepositoryRecord, TagRecord};
use super::{AcrClient, Scope};
use crate::AzureError;
use crate::wire::{Answer, Call};
use azure_core::http::Method;
use drydock_domain::tag::RepositoryName;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::HashSet;
use url::Url;

/// The most that every ACR accepts.
const PAGE_SIZE: &str = "100";
/// A listing longer than this is a loop.
const PAGE_LIMIT: usize = 20_000;

impl AcrClient {
    /// Every repository's name. A registry may hold names that older rules allowed; those are
    /// left out, as nothing can be asked about them.
    pub async fn list_repositories(&self) -> Result<Vec<RepositoryName>, AzureError> {
        let names: Vec<String> = self
            .pages("acr/v1/_catalog", &Scope::Catalog, "repositories")
            .await?;
        Ok(names
            .iter()
            .filter_map(|name| RepositoryName::parse(name).ok())
            .collect())
    }

    /// `None` where there is no such repository.
    pub async fn find_repository(
        &self,
        repository: &RepositoryName,
    ) -> Result<Option<RepositoryRecord>, AzureError> {
        let path = format!("acr/v1/{repository}");
        let scope = Scope::Repository(repository, "metadata_read");
        match self.get(self.url(&path), &path, &scope).await {
            Ok(answer) => answer.json(&path).map(Some),
            Err(AzureError::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub async fn list_tags(
        &self,
        repository: &RepositoryName,
    ) -> Result<Vec<TagRecord>, AzureError> {
        let path = format!("acr/v1/{repository}/_tags");
        let scope = Scope::Repository(repository, "metadata_read");
        self.pages(&path, &scope, "tags").await
    }

    pub async fn list_manifests(
        &self,
        repository: &RepositoryName,
    ) -> Result<Vec<ManifestRecord>, AzureError> {
        let path = format!("acr/v1/{repository}/_manifests");
        let scope = Scope::Repository(repository, "metadata_read");
        self.pages(&path, &scope, "manifests").await
    }

    /// Deletes the repository with everything in it; whether there was one.
    pub async fn delete_repository(&self, repository: &RepositoryName) -> Result<bool, AzureError> {
        let path = format!("acr/v1/{repository}");
        let call = Call::new(Method::Delete, self.url(&path), &path);
        let scope = Scope::Repository(repository, "delete");
        match self.send(call, &scope).await {
            Ok(_) => Ok(true),
            Err(AzureError::NotFound(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Every item of every page's `field`.
    async fn pages<T: DeserializeOwned>(
        &self,
        path: &str,
        scope: &Scope<'_>,
        field: &str,
    ) -> Result<Vec<T>, AzureError> {
        let mut first = self.url(path);
        first.query_pairs_mut().append_pair("n", PAGE_SIZE);
        let mut all = Vec::new();
        let mut seen = HashSet::new();
        let mut empty = 0;
        let mut next = Some(first);
        while let Some(url) = next.take() {
            if seen.len() + empty >= PAGE_LIMIT || !seen.insert(url.as_str().to_owned()) {
                return Err(AzureError::internal(format!(
                    "{path}: the pages of the list do not end"
                )));
            }
            let answer = self.get(url.clone(), path, scope).await?;
            next = self.next_page(&answer, path)?;
            let rows = rows(answer.json(path)?, path, field)?;
            if rows.is_empty() {
                // Nothing was read, so the same link is no loop yet; the limit on pages stands.
                empty += 1;
                seen.remove(url.as_str());
            }
            all.extend(rows);
        }
        Ok(all)
    }

    /// `Link: </acr/v1/_catalog?last=b&n=2>; rel="next"`.
    fn next_page(&self, answer: &Answer, path: &str) -> Result<Option<Url>, AzureError> {
        let Some(link) = answer.header("link").and_then(next_of) else {
            return Ok(None);
        };
        self.own_url(link).map(Some).ok_or_else(|| {
            AzureError::internal(format!("{path}: the next page is not at this registry"))
        })
    }
}

/// A page's rows. The registry leaves the list out where it has no rows of a repository, which the
/// page then still names; without either the page is something else, and no empty list.
fn rows<T: DeserializeOwned>(
    mut page: Map<String, Value>,
    path: &str,
    field: &str,
) -> Result<Vec<T>, AzureError> {
    match page.remove(field) {
        Some(rows) => {
            let rows: Result<Option<Vec<T>>, _> = serde_json::from_value(rows);
            rows.map(Option::unwrap_or_default)
                .map_err(|source| AzureError::decode(format!("{path}: `{field}`"), source))
        }
        None if page.contains_key("imageName") => Ok(Vec::new()),
        None => Err(AzureError::internal(format!(
            "{path}: the answer has no `{field}`, so the list could not be read; see whether something \
             between Drydock and the registry answers in its place"
        ))),
    }
}

fn next_of(link: &str) -> Option<&str> {
    let (target, attributes) = link.trim().strip_prefix('<')?.split_once('>')?;
    let next = attributes
        .split(';')
        .any(|attribute| matches!(attribute.trim(), "rel=\"next\"" | "rel=next"));
    next.then_some(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_link_to_the_next_page_is_followed() {
        let check = |link, expected| assert_eq!(next_of(link), expected, "{link}");
        check(
            r#"</v2/_catalog?last=b&n=2&orderby=>; rel="next""#,
            Some("/v2/_catalog?last=b&n=2&orderby="),
        );
        check(r#"</x>; rel="previous""#, None);
        check("nonsense", None);
    }
}
