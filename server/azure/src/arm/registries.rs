use super::model::{CacheRule, Subscription};
use super::{ArmClient, REGISTRIES, RegistryId, RegistryResource, SUBSCRIPTIONS};
use crate::AzureError;

impl ArmClient {
    /// Every registry of the subscription that the credential may read.
    pub async fn list_registries(&self) -> Result<Vec<RegistryResource>, AzureError> {
        let path = format!(
            "/subscriptions/{}/providers/Microsoft.ContainerRegistry/registries",
            self.subscription
        );
        let url = self.url(&path, REGISTRIES, &[]);
        self.list(url, "registries", usize::MAX).await
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
