use super::{ArmClient, REGISTRIES, RegistryResource};
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
}
