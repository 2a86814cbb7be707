//! The steps of a task, by the runner's own lines.
use crate::task_log::{RunnerLine, Stamped};
use chrono::{DateTime, Utc};

/// One step's lines, which a viewer can fold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogStep {
    /// `acb_step_0`, or what the task calls it.
    pub id: String,
    /// Numbers of the first and the last line, from 1.
    pub first_line: usize,
    pub last_line: usize,
    pub started_at: Option<DateTime<Utc>>,
    pub state: StepState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    /// No line says how it ended. The run may have ended all the same: it was cancelled then.
    Unfinished,
    Succeeded {
        elapsed_ms: u64,
    },
    Failed,
}

/// Takes a log's lines as they arrive and keeps the steps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepFolder {
    steps: Vec<LogStep>,
    n_lines: usize,
    is_open: bool,
}

impl StepFolder {
    /// Steps in the order in which they began. None of their lines overlap.
    pub fn steps(&self) -> &[LogStep] {
        &self.steps
    }

    /// Takes the next line. A step goes on until the next one begins or the runner sums up; what a
    /// task prints between is the step's, whatever it looks like without a time stamp.
    pub fn push(&mut self, line: &str) {
        self.n_lines += 1;
        let Stamped { at, line } = Stamped::parse(line.trim_end());
        match RunnerLine::parse(line) {
            Some(RunnerLine::ExecutingStep { step, .. }) => {
                self.is_open = true;
                self.steps.push(LogStep {
                    id: step.to_owned(),
                    first_line: self.n_lines,
                    last_line: self.n_lines,
                    started_at: at,
                    state: StepState::Unfinished,
                });
                return;
            }
            Some(RunnerLine::StepSucceeded { step, elapsed }) => {
                let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
                self.end(step, StepState::Succeeded { elapsed_ms });
            }
            Some(RunnerLine::StepFailed { step, .. }) => self.end(step, StepState::Failed),
            Some(RunnerLine::ContainerFailed { step }) => self.fail(step),
            Some(RunnerLine::RunSucceeded { .. } | RunnerLine::RunFailed { .. }) => {
                self.is_open = false;
            }
            Some(RunnerLine::LaunchingContainer { .. } | RunnerLine::ContainerSucceeded { .. })
            | None => {}
        }
        if let (true, Some(last)) = (self.is_open, self.steps.last_mut()) {
            last.last_line = self.n_lines;
        }
    }

    /// The step that a line of output belongs to.
    pub fn step_of(&self, line: usize) -> Option<&LogStep> {
        let index = self.steps.partition_point(|step| step.first_line <= line);
        let step = self.steps.get(index.checked_sub(1)?)?;
        (line <= step.last_line).then_some(step)
    }

    /// The runner may sum up several steps at the end: only the last one's lines end there.
    fn end(&mut self, id: &str, state: StepState) {
        self.is_open = false;
        if let Some(step) = self.find(id) {
            step.state = state;
        }
    }

    fn fail(&mut self, id: &str) {
        if let Some(step) = self.find(id) {
            step.state = StepState::Failed;
        }
    }

    fn find(&mut self, id: &str) -> Option<&mut LogStep> {
        self.steps.iter_mut().rfind(|step| step.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(log: &str) -> StepFolder {
        let mut folder = StepFolder::default();
        log.lines().for_each(|line| folder.push(line));
        folder
    }

    const LOG: &str = "\
2025/02/11 23:46:20 Downloading source code...
2025/02/11 23:46:22 Executing step ID: list. Timeout(sec): 600, Working directory: '', Network: 'acb_default_network'
2025/02/11 23:46:22 Launching container with name: list
DRY RUN mode enabled...
2025/02/11 23:46:23 Successfully executed container: list
2025/02/11 23:46:23 Executing step ID: patch. Timeout(sec): 1800, Working directory: '', Network: 'acb_default_network'
Error: unsupported osType
2025/02/11 23:46:59 Container failed during run: patch. No retries remaining.
failed to run step ID: patch: exit status 1
2025/02/11 23:46:59 Step ID: list marked as successful (elapsed time in seconds: 0.726135)

2025/02/11 23:47:00 Run ID: dt2rw failed after 37s. Error: failed during run, err: exit status 1
";

    #[test]
    fn steps_have_their_lines_and_their_end() {
        let folder = folded(LOG);
        let brief: Vec<_> = folder
            .steps()
            .iter()
            .map(|step| {
                (
                    step.id.as_str(),
                    step.first_line,
                    step.last_line,
                    step.state,
                )
            })
            .collect();
        let succeeded = StepState::Succeeded { elapsed_ms: 726 };
        let expected = [
            ("list", 2, 5, succeeded),
            ("patch", 6, 8, StepState::Failed),
        ];
        assert_eq!(brief, expected);
        let at = "2025-02-11T23:46:23Z".parse().ok();
        assert_eq!(folder.steps()[1].started_at, at);
        let step_of = |line| folder.step_of(line).map(|step| step.id.as_str());
        let found: Vec<_> = [1, 2, 5, 6, 8, 9, 12].map(step_of).to_vec();
        let (list, patch) = (Some("list"), Some("patch"));
        assert_eq!(found, [None, list, list, patch, patch, None, None]);
    }

    #[test]
    fn a_log_that_is_not_yet_whole_has_an_unfinished_step() {
        let begun: String = LOG
            .lines()
            .take(4)
            .map(|line| format!("{line}\n"))
            .collect();
        let folder = folded(&begun);
        assert_eq!(folder.steps().len(), 1);
        assert_eq!(folder.steps()[0].state, StepState::Unfinished);
        assert_eq!(folder.steps()[0].last_line, 4);
        assert!(folded("").steps().is_empty());
    }

    #[test]
    fn a_step_that_is_tried_again_keeps_its_last_word() {
        let twice = "Executing step ID: a. Timeout(sec): 6, Working directory: '', Network: 'n'\n\
            Container failed during run: a. No retries remaining.\n\
            Step ID: a marked as successful (elapsed time in seconds: 1.000000)\n";
        let state = folded(twice).steps()[0].state;
        assert_eq!(state, StepState::Succeeded { elapsed_ms: 1000 });
    }
}
