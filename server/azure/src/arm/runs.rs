use super::model::RunResource;
use super::{ArmClient, RegistryId, RunFilter, TASKS};
use crate::wire::Call;
use crate::{AzureError, Secret};
use azure_core::http::Method;
use drydock_domain::run::Run;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogLinks {
    log_link: Option<String>,
    log_artifact_link: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UploadPlace {
    upload_url: String,
    relative_path: String,
}

impl ArmClient {
    /// A signed link to put an archive to, good for about an hour, and how a run names it.
    pub(crate) async fn get_upload_link(
        &self,
        registry: &RegistryId,
    ) -> Result<(Secret, String), AzureError> {
        let what = "listBuildSourceUploadUrl";
        let url = self.url(&format!("{registry}/{what}"), TASKS, &[]);
        let answer = self.wire.send(Call::new(Method::Post, url, what)).await?;
        let place: UploadPlace = answer.json(what)?;
        Ok((Secret::new(place.upload_url), place.relative_path))
    }

    /// Starts a run of an uploaded definition that belongs to no task. Never asked twice, as
    /// [`Self::start_task`].
    pub async fn start_quick_run(
        &self,
        registry: &RegistryId,
        source: &str,
        definition: &str,
        values: &[(&str, &str)],
    ) -> Result<Run, AzureError> {
        let url = self.url(&format!("{registry}/scheduleRun"), TASKS, &[]);
        let body = json!({
            "type": "FileTaskRunRequest",
            "isArchiveEnabled": false,
            "taskFilePath": definition,
            "values": plain_values(values),
            "platform": {"os": "Linux", "architecture": "amd64"},
            "sourceLocation": source,
            "credentials": {},
        });
        let what = "scheduleRun of a quick run";
        let call = Call::new(Method::Post, url, what).json(&body);
        let answer = self.wire.send(call).await?;
        answer.json::<RunResource>(what)?.into_run()
    }

    /// Starts a task at once. There is no idempotency key, so a lost reply is never answered by
    /// asking again: look for the run first.
    pub async fn start_task(&self, registry: &RegistryId, task: &str) -> Result<Run, AzureError> {
        self.start_task_with(registry, task, &[]).await
    }

    /// The same with values in the place of the task's own, as `az acr task run --set` gives them.
    pub async fn start_task_with(
        &self,
        registry: &RegistryId,
        task: &str,
        values: &[(&str, &str)],
    ) -> Result<Run, AzureError> {
        let url = self.url(&format!("{registry}/scheduleRun"), TASKS, &[]);
        let mut body = json!({
            "type": "TaskRunRequest",
            "isArchiveEnabled": false,
            "taskId": format!("{registry}/tasks/{task}"),
        });
        if !values.is_empty() {
            body["overrideTaskStepProperties"] = json!({"values": plain_values(values)});
        }
        let what = format!("scheduleRun of {task}");
        let answer = self
            .wire
            .send(Call::new(Method::Post, url, &what).json(&body))
            .await?;
        answer.json::<RunResource>(&what)?.into_run()
    }

    /// Newest first, at most `limit`.
    pub async fn list_runs(
        &self,
        registry: &RegistryId,
        filter: &RunFilter,
        limit: u32,
    ) -> Result<Vec<Run>, AzureError> {
        let top = limit.to_string();
        let filter = filter.to_odata();
        let mut query = vec![("$top", top.as_str())];
        if let Some(filter) = &filter {
            query.push(("$filter", filter));
        }
        let url = self.url(&format!("{registry}/runs"), TASKS, &query);
        let runs: Vec<RunResource> = self.list(url, "runs", limit as usize).await?;
        let mut runs = runs
            .into_iter()
            .map(RunResource::into_run)
            .collect::<Result<Vec<Run>, AzureError>>()?;
        // The order is not documented; a stable sort keeps ARM's among equals.
        runs.sort_by_key(|run| std::cmp::Reverse(run.created_at));
        Ok(runs)
    }

    pub async fn find_run(
        &self,
        registry: &RegistryId,
        run_id: &str,
    ) -> Result<Option<Run>, AzureError> {
        let Some(path) = run_path(registry, run_id) else {
            return Ok(None);
        };
        let found: Option<RunResource> = self
            .find(self.url(&path, TASKS, &[]), &format!("runs/{run_id}"))
            .await?;
        found.map(RunResource::into_run).transpose()
    }

    /// Asks for the run's end. A run that has ended is a refusal.
    pub async fn cancel_run(&self, registry: &RegistryId, run_id: &str) -> Result<(), AzureError> {
        let path = run_path(registry, run_id).ok_or_else(|| no_run(run_id))?;
        let url = self.url(&format!("{path}/cancel"), TASKS, &[]);
        let call = Call::new(Method::Post, url, format!("runs/{run_id}/cancel"));
        self.wire.send(call).await.map(drop)
    }

    /// A signed link to the run's log, good for about an hour. The log itself is not there before
    /// the run's agent wrote its first line.
    pub async fn get_log_link(
        &self,
        registry: &RegistryId,
        run_id: &str,
    ) -> Result<Secret, AzureError> {
        let path = run_path(registry, run_id).ok_or_else(|| no_run(run_id))?;
        let url = self.url(&format!("{path}/listLogSasUrl"), TASKS, &[]);
        let what = format!("runs/{run_id}/listLogSasUrl");
        let answer = self.wire.send(Call::new(Method::Post, url, &what)).await?;
        let links: LogLinks = answer.json(&what)?;
        links
            .log_link
            .or(links.log_artifact_link)
            .filter(|link| !link.is_empty())
            .map(Secret::new)
            .ok_or_else(|| AzureError::internal(format!("{what}: the answer holds no link")))
    }
}

fn plain_values(values: &[(&str, &str)]) -> Vec<Value> {
    values
        .iter()
        .map(|(name, value)| json!({"name": name, "value": value, "isSecret": false}))
        .collect()
}

/// A run id is a word of letters and digits; anything else would be another path.
fn run_path(registry: &RegistryId, run_id: &str) -> Option<String> {
    let word = !run_id.is_empty()
        && run_id.len() <= 64
        && run_id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    word.then(|| format!("{registry}/runs/{run_id}"))
}

fn no_run(run_id: &str) -> AzureError {
    AzureError::Invalid {
        field: "run".into(),
        why: format!("`{}` is not the id of a run", run_id.escape_debug()),
    }
}
