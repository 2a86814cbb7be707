use super::model::{CacheRule, Subscription};
use super::{ArmClient, REGISTRIES, RegistryId, RegistryResource, SUBSCRIPTIONS};
use crate::AzureError;
use futures::{StreamExt, stream};

/// Which registries the console offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistryScope {
    /// Those of every subscription that the credential sees.
    Visible,
    /// These and no others.
    Listed(Vec<RegistryId>),
}

/// The registries in scope.
#[derive(Debug, Default)]
pub struct RegistryList {
    pub registries: Vec<RegistryResource>,
    /// Subscriptions and registries that the credential may not read, by their ids.
    pub refused: Vec<(String, AzureError)>,
}

/// Subscriptions and registries that are asked at a time.
const READERS: usize = 4;

impl ArmClient {
    /// Every registry in scope that the credential may read, and what it may not. Where all of it
    /// is refused, that is the error.
    pub async fn list_registries(&self) -> Result<RegistryList, AzureError> {
        let listed: Vec<(String, Result<Vec<RegistryResource>, AzureError>)> = match &self.scope {
            RegistryScope::Visible => {
                let read: Vec<_> = self
                    .list_subscriptions()
                    .await?
                    .into_iter()
                    .map(async |subscription| {
                        let id = subscription.subscription_id;
                        (
                            format!("/subscriptions/{id}"),
                            self.list_registries_of(&id).await,
                        )
                    })
                    .collect();
                stream::iter(read).buffered(READERS).collect().await
            }
            RegistryScope::Listed(ids) => {
                let read: Vec<_> = ids
                    .iter()
                    .map(async |id| {
                        let found = self.get_registry(id).await;
                        (id.to_string(), found.map(|registry| vec![registry]))
                    })
                    .collect();
                stream::iter(read).buffered(READERS).collect().await
            }
        };
        let mut list = RegistryList::default();
        for (place, found) in listed {
            match found {
                Ok(found) => list.registries.extend(found),
                Err(error @ (AzureError::Forbidden(_) | AzureError::NotFound(_))) => {
                    tracing::warn!(place, %error, "left out of the list of registries");
                    list.refused.push((place, error));
                }
                Err(error) => return Err(error),
            }
        }
        if list.registries.is_empty() && !list.refused.is_empty() {
            return Err(list.refused.swap_remove(0).1);
        }
        Ok(list)
    }

    async fn list_registries_of(
        &self,
        subscription: &str,
    ) -> Result<Vec<RegistryResource>, AzureError> {
        let path = format!(
            "/subscriptions/{subscription}/providers/Microsoft.ContainerRegistry/registries"
        );
        let url = self.url(&path, REGISTRIES, &[]);
        self.list(url, "registries", usize::MAX).await
    }

    pub async fn list_subscriptions(&self) -> Result<Vec<Subscription>, AzureError> {
        let url = self.url("/subscriptions", SUBSCRIPTIONS, &[]);
        self.list(url, "subscriptions", usize::MAX).await
    }

    pub async fn get_registry(
        &self,
        registry: &RegistryId,
    ) -> Result<RegistryResource, AzureError> {
        let url = self.url(registry.as_str(), REGISTRIES, &[]);
        self.get(url, &format!("registries/{}", registry.name()))
            .await
    }

    /// Rules of the artifact cache, by which a repository fetches its images from elsewhere.
    pub async fn list_cache_rules(
        &self,
        registry: &RegistryId,
    ) -> Result<Vec<CacheRule>, AzureError> {
        let url = self.url(&format!("{registry}/cacheRules"), REGISTRIES, &[]);
        self.list(url, "cacheRules", usize::MAX).await
    }

    pub async fn get_subscription(&self, id: &str) -> Result<Subscription, AzureError> {
        let url = self.url(&format!("/subscriptions/{id}"), SUBSCRIPTIONS, &[]);
        self.get(url, "the subscription").await
    }
}
