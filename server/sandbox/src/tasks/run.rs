//! One execution of a task: its record, its states, and how ARM shows it.
use super::instant;
use chrono::{DateTime, Utc};
use drydock_domain::run::RunStatus;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// What every record of a run holds; written to disk at each change of state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Counts the registry's runs from 1, in the order in which they were queued.
    pub sequence: u64,
    pub status: RunStatus,
    pub kind: RunKind,
    /// The task's name; a quick run has none.
    pub task: Option<String>,
    pub timer: Option<TimerTrigger>,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    pub updated_at: DateTime<Utc>,
    pub platform: Value,
    pub agent_configuration: Value,
    pub output_images: Vec<OutputImage>,
    pub is_archive_enabled: bool,
    pub error: Option<String>,
    pub queued_by: String,
    /// Gone when the run has finished: nothing carries it out again.
    pub order: Option<Order>,
}

/// `runType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RunKind {
    /// `scheduleRun`, by a person or by another run.
    QuickRun,
    /// A build that was scheduled so.
    QuickBuild,
    /// A trigger of the task.
    AutoRun,
}

/// The timer that started a run, and the instant of its schedule that the run stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimerTrigger {
    pub name: String,
    pub occurrence: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputImage {
    pub registry: String,
    pub repository: String,
    pub tag: String,
    pub digest: String,
}

/// What a run is to carry out, frozen when it was queued: a later change of the task does not
/// reach it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// `step.type`, and for an `EncodedTask` its content, in base64.
    pub step_type: String,
    pub encoded_content: Option<String>,
    /// For a `FileTask`, where in the archive the definition is.
    #[serde(default)]
    pub task_file: Option<String>,
    /// `tasks-source/…`, the archive that was uploaded for the run.
    #[serde(default)]
    pub source: Option<String>,
    /// The step's values with those of the request over them, by name.
    pub values: Vec<TaskValue>,
    pub timeout_seconds: u64,
    /// The task's system-assigned identity: who the run's own requests to ARM come from.
    pub principal_id: Option<Uuid>,
    /// `credentials.sourceRegistry.identity`: who the run signs in to the registry as, `[caller]`,
    /// `[system]` or the id of an identity. Without it, the registry lets the run in by itself,
    /// unless it is in ABAC mode.
    #[serde(default)]
    pub registry_identity: Option<String>,
}

/// A value that the definition reads as `{{.Values.NAME}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskValue {
    pub name: String,
    #[serde(default)]
    pub value: String,
    #[serde(default, rename = "isSecret")]
    pub is_secret: bool,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Succeeded,
    Failed(String),
    Canceled,
    TimedOut,
}

/// `runErrorMessage` of a run whose step exited with 1.
pub const STEP_FAILED: &str = "failed during run, err: exit status 1";
/// `runErrorMessage` of a run that took longer than its task allows.
pub const TIMED_OUT: &str = "the run timed out";
/// `runErrorMessage` of a run that was under way when the process ended.
pub const AGENT_LOST: &str =
    "interrupted: Drydock stopped while this run was under way; start it again";

impl Run {
    pub fn id(&self) -> String {
        format!("ca{}", self.sequence)
    }

    /// The number in a run's id; `None` for an id that this sandbox never gave.
    pub fn parse_id(id: &str) -> Option<u64> {
        let digits = id.strip_prefix("ca").or_else(|| id.strip_prefix("CA"))?;
        let sequence: u64 = digits.parse().ok()?;
        (sequence.to_string() == digits).then_some(sequence)
    }

    /// An agent has taken it.
    pub fn start(&mut self, at: DateTime<Utc>) {
        self.status = RunStatus::Started;
        self.started_at = Some(at);
        self.updated_at = at;
    }

    /// Its first step begins.
    pub fn begin_steps(&mut self, at: DateTime<Utc>) {
        self.status = RunStatus::Running;
        self.updated_at = at;
    }

    pub fn finish(&mut self, outcome: &Outcome, at: DateTime<Utc>) {
        (self.status, self.error) = match outcome {
            Outcome::Succeeded => (RunStatus::Succeeded, None),
            Outcome::Failed(why) => (RunStatus::Failed, Some(why.clone())),
            Outcome::Canceled => (RunStatus::Canceled, None),
            Outcome::TimedOut => (RunStatus::Timeout, Some(TIMED_OUT.to_owned())),
        };
        self.finished_at = Some(at);
        self.updated_at = at;
        self.order = None;
    }

    /// `x-ms-meta-complete` of the log: absent while lines may still come.
    pub fn log_completion(&self) -> Option<&'static str> {
        match self.status {
            RunStatus::Queued | RunStatus::Started | RunStatus::Running | RunStatus::Unknown => {
                None
            }
            RunStatus::Succeeded => Some("successful"),
            RunStatus::Failed => Some("failed"),
            RunStatus::Error => Some("internalerror"),
            RunStatus::Timeout => Some("timedout"),
            RunStatus::Canceled => Some("canceled"),
        }
    }

    /// The resource as ARM shows it, below the registry `registry_id`.
    pub fn to_arm(&self, registry_id: &str) -> Value {
        let mut properties = self.head();
        properties.insert("runType".into(), format!("{:?}", self.kind).into());
        properties.insert(
            "createTime".into(),
            instant::precise(self.created_at).into(),
        );
        for (member, at) in [
            ("startTime", self.started_at),
            ("finishTime", self.finished_at),
        ] {
            if let Some(at) = at {
                properties.insert(member.into(), instant::precise(at).into());
            }
        }
        if !self.output_images.is_empty() {
            properties.insert("outputImages".into(), json!(self.output_images));
        }
        if let Some(task) = &self.task {
            properties.insert("task".into(), task.clone().into());
        }
        if let Some(timer) = &self.timer {
            let occurrence = instant::zulu(timer.occurrence);
            let trigger = json!({"timerTriggerName": timer.name, "scheduleOccurrence": occurrence});
            properties.insert("timerTrigger".into(), trigger);
        }
        properties.insert("platform".into(), self.platform.clone());
        properties.insert(
            "agentConfiguration".into(),
            self.agent_configuration.clone(),
        );
        if let Some(error) = &self.error {
            properties.insert("runErrorMessage".into(), error.clone().into());
        }
        self.resource(registry_id, properties)
    }

    /// The short form that `scheduleRun` answers with.
    pub fn to_arm_queued(&self, registry_id: &str) -> Value {
        self.resource(registry_id, self.head())
    }

    fn head(&self) -> Map<String, Value> {
        let mut head = Map::new();
        head.insert("runId".into(), self.id().into());
        head.insert("status".into(), self.status.as_str().into());
        head.insert(
            "lastUpdatedTime".into(),
            instant::seconds(self.updated_at).into(),
        );
        head
    }

    fn resource(&self, registry_id: &str, mut properties: Map<String, Value>) -> Value {
        // The run as a resource has been made: this says nothing about how it goes.
        properties.insert("provisioningState".into(), "Succeeded".into());
        properties.insert("isArchiveEnabled".into(), self.is_archive_enabled.into());
        json!({
            "type": "Microsoft.ContainerRegistry/registries/runs",
            "properties": properties,
            "id": format!("{registry_id}/runs/{}", self.id()),
            "name": self.id(),
            "systemData": {
                "lastModifiedBy": self.queued_by,
                "lastModifiedByType": "Application",
                "lastModifiedAt": instant::precise(self.created_at),
            },
        })
    }
}

/// The step's values with those of a request over them, by name.
pub fn override_values(step: &[TaskValue], request: &[TaskValue]) -> Vec<TaskValue> {
    let mut values = step.to_vec();
    for over in request {
        match values.iter_mut().find(|value| value.name == over.name) {
            Some(value) => *value = over.clone(),
            None => values.push(over.clone()),
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queued() -> Run {
        let created_at = "2025-04-22T21:54:16.501468600Z".parse().unwrap();
        Run {
            sequence: 1,
            status: RunStatus::Queued,
            kind: RunKind::AutoRun,
            task: Some("cssc-trigger-workflow".to_owned()),
            timer: Some(TimerTrigger {
                name: "azcli_defined_schedule".to_owned(),
                occurrence: "2025-04-22T21:54:00Z".parse().unwrap(),
            }),
            created_at,
            started_at: None,
            finished_at: None,
            updated_at: created_at,
            platform: json!({"os": "linux", "architecture": "amd64"}),
            agent_configuration: json!({"cpu": 2}),
            output_images: Vec::new(),
            is_archive_enabled: false,
            error: None,
            queued_by: "somebody".to_owned(),
            order: None,
        }
    }

    #[test]
    fn a_run_is_shown_as_acr_shows_it() {
        let mut run = queued();
        run.start("2025-04-22T21:54:16.8311152Z".parse().unwrap());
        run.begin_steps("2025-04-22T21:54:17Z".parse().unwrap());
        run.finish(
            &Outcome::Failed(STEP_FAILED.to_owned()),
            "2025-04-22T21:54:23.506053Z".parse().unwrap(),
        );
        assert_eq!(
            run.to_arm("/r"),
            json!({
                "type": "Microsoft.ContainerRegistry/registries/runs",
                "properties": {
                    "runId": "ca1",
                    "status": "Failed",
                    "lastUpdatedTime": "2025-04-22T21:54:23+00:00",
                    "runType": "AutoRun",
                    "createTime": "2025-04-22T21:54:16.5014686+00:00",
                    "startTime": "2025-04-22T21:54:16.8311152+00:00",
                    "finishTime": "2025-04-22T21:54:23.506053+00:00",
                    "task": "cssc-trigger-workflow",
                    "timerTrigger": {
                        "timerTriggerName": "azcli_defined_schedule",
                        "scheduleOccurrence": "2025-04-22T21:54:00Z",
                    },
                    "platform": {"os": "linux", "architecture": "amd64"},
                    "agentConfiguration": {"cpu": 2},
                    "runErrorMessage": "failed during run, err: exit status 1",
                    "provisioningState": "Succeeded",
                    "isArchiveEnabled": false,
                },
                "id": "/r/runs/ca1",
                "name": "ca1",
                "systemData": {
                    "lastModifiedBy": "somebody",
                    "lastModifiedByType": "Application",
                    "lastModifiedAt": "2025-04-22T21:54:16.5014686+00:00",
                },
            })
        );
    }

    #[test]
    fn the_answer_of_schedule_run_is_the_short_form() {
        let shown = queued().to_arm_queued("/r");
        assert_eq!(
            shown["properties"],
            json!({
                "runId": "ca1",
                "status": "Queued",
                "lastUpdatedTime": "2025-04-22T21:54:16+00:00",
                "provisioningState": "Succeeded",
                "isArchiveEnabled": false,
            })
        );
    }

    #[test]
    fn only_ids_that_were_given_are_understood() {
        for (id, expected) in [
            ("ca1", Some(1)),
            ("CA12", Some(12)),
            ("ca01", None),
            ("ca+1", None),
            ("ca", None),
            ("cf1", None),
        ] {
            assert_eq!(Run::parse_id(id), expected, "{id}");
        }
    }

    #[test]
    fn values_of_the_request_go_over_those_of_the_step() {
        let value = |name: &str, value: &str| TaskValue {
            name: name.to_owned(),
            value: value.to_owned(),
            is_secret: false,
        };
        let values = override_values(
            &[value("A", "1"), value("B", "2")],
            &[value("B", "3"), value("C", "4")],
        );
        assert_eq!(values, [value("A", "1"), value("B", "3"), value("C", "4")]);
    }
}
