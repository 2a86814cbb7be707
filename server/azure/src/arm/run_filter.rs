use chrono::{DateTime, SecondsFormat, Utc};
use drydock_domain::run::{RunStatus, TaskName};

/// Which runs to list; empty means all.
#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    pub tasks: Vec<TaskName>,
    pub statuses: Vec<RunStatus>,
    pub created_since: Option<DateTime<Utc>>,
}

impl RunFilter {
    /// The `$filter` of the runs list; `None` where it would be empty.
    pub fn to_odata(&self) -> Option<String> {
        let one_of = |name: &str, values: Vec<&str>| {
            (!values.is_empty()).then(|| format!("{name} in ('{}')", values.join("', '")))
        };
        let tasks = self.tasks.iter().map(|task| task.as_str()).collect();
        let statuses = self.statuses.iter().map(|status| status.as_str()).collect();
        let since = self.created_since.map(|instant| {
            format!(
                "createTime ge {}",
                instant.to_rfc3339_opts(SecondsFormat::Secs, true)
            )
        });
        let parts: Vec<String> = [one_of("TaskName", tasks), one_of("Status", statuses), since]
            .into_iter()
            .flatten()
            .collect();
        (!parts.is_empty()).then(|| parts.join(" and "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_written_as_the_extension_writes_it() {
        let filter = RunFilter {
            tasks: vec![TaskName::Trigger, TaskName::Scan],
            statuses: vec![RunStatus::Running, RunStatus::Queued],
            created_since: Some("2025-04-15T21:55:13.5Z".parse().unwrap()),
        };
        assert_eq!(
            filter.to_odata().unwrap(),
            "TaskName in ('cssc-trigger-workflow', 'cssc-scan-image') \
             and Status in ('Running', 'Queued') and createTime ge 2025-04-15T21:55:13Z"
        );
        assert_eq!(RunFilter::default().to_odata(), None);
    }
}
