use super::model::encoded_step;
use super::{ArmClient, RegistryId, TASKS, Task, TaskDefinition, TimerTrigger};
use crate::AzureError;
use crate::wire::Call;
use azure_core::http::Method;
use serde_json::{Value, json};
use url::Url;

impl ArmClient {
    fn task_url(&self, registry: &RegistryId, task: &str) -> Url {
        self.url(&format!("{registry}/tasks/{task}"), TASKS, &[])
    }

    pub async fn list_tasks(&self, registry: &RegistryId) -> Result<Vec<Task>, AzureError> {
        let url = self.url(&format!("{registry}/tasks"), TASKS, &[]);
        self.list(url, "tasks", usize::MAX).await
    }

    pub async fn find_task(
        &self,
        registry: &RegistryId,
        task: &str,
    ) -> Result<Option<Task>, AzureError> {
        self.find(self.task_url(registry, task), &format!("tasks/{task}"))
            .await
    }

    /// Creates or replaces; the answer carries the identity's principal id.
    pub async fn put_task(
        &self,
        registry: &RegistryId,
        task: &str,
        definition: &TaskDefinition,
    ) -> Result<Task, AzureError> {
        self.write_task(Method::Put, registry, task, &definition.body())
            .await
    }

    /// ARM merges timers by name, so this one alone changes, and is enabled.
    pub async fn set_timer(
        &self,
        registry: &RegistryId,
        task: &str,
        timer: &TimerTrigger,
    ) -> Result<Task, AzureError> {
        let body = json!({"properties": {"trigger": {"timerTriggers": [timer]}}});
        self.write_task(Method::Patch, registry, task, &body).await
    }

    pub async fn set_definition(
        &self,
        registry: &RegistryId,
        task: &str,
        yaml: &str,
    ) -> Result<Task, AzureError> {
        let body = json!({"properties": {"step": encoded_step(yaml)}});
        self.write_task(Method::Patch, registry, task, &body).await
    }

    /// Lets a task that was switched off be started again.
    pub async fn enable_task(&self, registry: &RegistryId, task: &str) -> Result<Task, AzureError> {
        let body = json!({"properties": {"status": "Enabled"}});
        self.write_task(Method::Patch, registry, task, &body).await
    }

    /// Whether there was such a task.
    pub async fn delete_task(&self, registry: &RegistryId, task: &str) -> Result<bool, AzureError> {
        self.delete(self.task_url(registry, task), &format!("tasks/{task}"))
            .await
    }

    async fn write_task(
        &self,
        method: Method,
        registry: &RegistryId,
        task: &str,
        body: &Value,
    ) -> Result<Task, AzureError> {
        let what = format!("tasks/{task}");
        let call = Call::new(method, self.task_url(registry, task), &what).json(body);
        self.wire.send(call).await?.json(&what)
    }
}
