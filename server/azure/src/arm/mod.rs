//! Azure Resource Manager: registries, tasks, runs and role assignments.
mod model;
mod registries;
mod resource_id;
mod roles;
mod run_filter;
mod runs;
mod tasks;

pub use model::{
    CacheRule, CacheRuleProperties, NetworkRuleSet, Permission, RegistryProperties,
    RegistryResource, RoleAssignment, RoleAssignmentProperties, Subscription, SubscriptionPolicies,
    Task, TaskDefinition, TimerTrigger,
};
pub use registries::{RegistryList, RegistryScope};
pub use resource_id::RegistryId;
pub use roles::{extension_assignment_name, role_assignment_name};
pub use run_filter::RunFilter;

use crate::AzureError;
use crate::wire::{Answer, Call, Wire};
use azure_core::http::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::HashSet;
use url::Url;

const REGISTRIES: &str = "2025-11-01";
const TASKS: &str = "2025-03-01-preview";
const AUTHORIZATION: &str = "2022-04-01";
const SUBSCRIPTIONS: &str = "2022-12-01";
/// A list longer than this is a loop.
const PAGE_LIMIT: usize = 500;

/// The management plane. Reads are repeated on a transient failure, changes never are.
#[derive(Clone)]
pub struct ArmClient {
    wire: Wire,
    endpoint: Url,
    scope: RegistryScope,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page<T> {
    #[serde(default = "Vec::new")]
    value: Vec<T>,
    #[serde(default)]
    next_link: Option<String>,
}

impl ArmClient {
    pub(crate) fn new(wire: Wire, endpoint: Url, scope: RegistryScope) -> Self {
        Self {
            wire,
            endpoint,
            scope,
        }
    }

    /// `path` begins with `/`; segments in it are already names that ARM gave or that were parsed.
    fn url(&self, path: &str, api_version: &str, query: &[(&str, &str)]) -> Url {
        let mut url = self.endpoint.clone();
        url.set_path(path);
        let mut pairs = url.query_pairs_mut();
        pairs.clear().append_pair("api-version", api_version);
        for (name, value) in query {
            pairs.append_pair(name, value);
        }
        drop(pairs);
        // Form encoding writes a space as `+`, which OData filters do not read back as a space.
        let query = url.query().map(|query| query.replace('+', "%20"));
        url.set_query(query.as_deref());
        url
    }

    async fn get<T: DeserializeOwned>(&self, url: Url, what: &str) -> Result<T, AzureError> {
        let answer = self.wire.send(Call::new(Method::Get, url, what)).await?;
        answer.json(what)
    }

    /// `None` where ARM says that there is no such resource.
    async fn find<T: DeserializeOwned>(
        &self,
        url: Url,
        what: &str,
    ) -> Result<Option<T>, AzureError> {
        match self.get(url, what).await {
            Ok(found) => Ok(Some(found)),
            Err(AzureError::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether there was something to delete.
    async fn delete(&self, url: Url, what: &str) -> Result<bool, AzureError> {
        match self.wire.send(Call::new(Method::Delete, url, what)).await {
            Ok(Answer { status: 204, .. }) | Err(AzureError::NotFound(_)) => Ok(false),
            Ok(_) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// All pages, or the first `limit` items of them.
    async fn list<T: DeserializeOwned>(
        &self,
        first: Url,
        what: &str,
        limit: usize,
    ) -> Result<Vec<T>, AzureError> {
        let mut items = Vec::new();
        let mut seen = HashSet::new();
        let mut empty = 0;
        let mut next = Some(first);
        while let Some(url) = next.take() {
            if seen.len() + empty >= PAGE_LIMIT || !seen.insert(url.as_str().to_owned()) {
                return Err(AzureError::internal(format!(
                    "{what}: the pages of the list do not end"
                )));
            }
            let page: Page<T> = self.get(url.clone(), what).await?;
            if page.value.is_empty() {
                // Nothing was read, so the same link is no loop yet; the limit on pages stands.
                empty += 1;
                seen.remove(url.as_str());
            }
            items.extend(page.value);
            if items.len() >= limit {
                items.truncate(limit);
                break;
            }
            if let Some(link) = page.next_link.filter(|link| !link.is_empty()) {
                next = Some(self.guarded(&link, what)?);
            }
        }
        Ok(items)
    }

    /// The token goes where the link points, so it may only point back to where it came from.
    fn guarded(&self, link: &str, what: &str) -> Result<Url, AzureError> {
        Url::parse(link)
            .ok()
            .filter(|url| url.origin() == self.endpoint.origin())
            .ok_or_else(|| {
                AzureError::internal(format!(
                    "{what}: the next page's address is not one of {}",
                    self.endpoint.host_str().unwrap_or_default()
                ))
            })
    }
}
