use super::model::{ManifestRecord, RepositoryRecord, TagRecord};
use super::{AcrClient, Scope};
use crate::AzureError;
use crate::wire::{Answer, Call};
use azure_core::http::Method;
use drydock_domain::tag::RepositoryName;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::HashSet;
use url::Url;

/// The most that every ACR accepts.
const PAGE_SIZE: &str = "100";
/// A listing longer than this is a loop.
const PAGE_LIMIT: usize = 20_000;

#[derive(Deserialize)]
struct Catalog {
    #[serde(default)]
    repositories: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Tags {
    #[serde(default)]
    tags: Option<Vec<TagRecord>>,
}

#[derive(Deserialize)]
struct Manifests {
    #[serde(default)]
    manifests: Option<Vec<ManifestRecord>>,
}

impl AcrClient {
    /// Every repository's name. A registry may hold names that older rules allowed; those are
    /// left out, as nothing can be asked about them.
    pub async fn list_repositories(&self) -> Result<Vec<RepositoryName>, AzureError> {
        let names = self
            .pages("acr/v1/_catalog", &Scope::Catalog, |page: Catalog| {
                page.repositories
            })
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
        self.pages(&path, &scope, |page: Tags| page.tags).await
    }

    pub async fn list_manifests(
        &self,
        repository: &RepositoryName,
    ) -> Result<Vec<ManifestRecord>, AzureError> {
        let path = format!("acr/v1/{repository}/_manifests");
        let scope = Scope::Repository(repository, "metadata_read");
        self.pages(&path, &scope, |page: Manifests| page.manifests)
            .await
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

    async fn pages<P: DeserializeOwned, T>(
        &self,
        path: &str,
        scope: &Scope<'_>,
        items: impl Fn(P) -> Option<Vec<T>>,
    ) -> Result<Vec<T>, AzureError> {
        let mut first = self.url(path);
        first.query_pairs_mut().append_pair("n", PAGE_SIZE);
        let mut all = Vec::new();
        let mut seen = HashSet::new();
        let mut next = Some(first);
        while let Some(url) = next.take() {
            if seen.len() == PAGE_LIMIT || !seen.insert(url.as_str().to_owned()) {
                return Err(AzureError::internal(format!(
                    "{path}: the pages of the list do not end"
                )));
            }
            let answer = self.get(url, path, scope).await?;
            next = self.next_page(&answer, path)?;
            all.extend(items(answer.json(path)?).unwrap_or_default());
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
