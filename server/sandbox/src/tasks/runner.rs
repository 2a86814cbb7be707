//! The agents: they take queued runs in order, carry them out, and see to it that each ends.
use super::run::{AGENT_LOST, Order, Outcome, Run, STEP_FAILED};
use super::workflow;
use crate::State;
use crate::logs::RunLog;
use chrono::{DateTime, TimeDelta, Utc};
use drydock_domain::login_server::cuts_domain_label;
use drydock_domain::task_log::{LogLine, RunnerLine};
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

/// One run in the hands of an agent.
pub struct Agent {
    pub state: Arc<State>,
    pub sequence: u64,
    /// The task's name; a quick run has none.
    pub task: Option<String>,
    pub queued_by: String,
    pub order: Order,
    pub log: Arc<RunLog>,
    /// Cancelled when the work is to stop, for whatever reason.
    pub stop: CancellationToken,
    /// Steps that succeeded, and how long each took.
    done: Mutex<Vec<(&'static str, Duration)>>,
}

/// Why a step does not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Halt {
    /// It failed, and the log says why.
    Failed,
    /// `Agent::stop` was cancelled.
    Stopped,
}

impl Agent {
    /// Whether the run's definition makes the registry's name out of a login server with a label.
    pub fn definition_cuts_domain_label(&self) -> bool {
        let content = self.order.encoded_content.as_deref().unwrap_or_default();
        workflow::decode_definition(content).is_ok_and(|text| cuts_domain_label(&text))
    }
}

/// Takes runs from the queue until the sandbox shuts down.
pub async fn serve(state: Arc<State>, mut queue: mpsc::UnboundedReceiver<u64>) {
    let agents = Arc::new(Semaphore::new(state.desk.settings.agents));
    loop {
        let next = async {
            let agent = agents.clone().acquire_owned().await.ok()?;
            Some((agent, queue.recv().await?))
        };
        let (agent, sequence) = tokio::select! {
            () = state.shutdown.cancelled() => return,
            next = next => match next {
                Some(next) => next,
                None => return,
            },
        };
        let run = carry_out(state.clone(), sequence);
        state.background.spawn(async move {
            run.await;
            drop(agent);
        });
    }
}

async fn carry_out(state: Arc<State>, sequence: u64) {
    let Some((run, stop)) = state.desk.claim(sequence, &state.shutdown) else {
        return;
    };
    let outcome = match Agent::new(&state, run, stop) {
        Ok(agent) => agent.work().await,
        Err(error) => Outcome::Failed(format!("the log cannot be written: {error}")),
    };
    state.desk.end(sequence, &outcome);
}

impl Agent {
    fn new(state: &Arc<State>, run: Run, stop: CancellationToken) -> std::io::Result<Self> {
        Ok(Self {
            log: Arc::new(state.desk.logs.append(&run.id())?),
            state: state.clone(),
            sequence: run.sequence,
            task: run.task,
            queued_by: run.queued_by,
            order: run.order.expect("a run that has not ended keeps its order"),
            stop,
            done: Mutex::default(),
        })
    }

    async fn work(self) -> Outcome {
        let timeout = TimeDelta::seconds(
            i64::try_from(self.order.timeout_seconds).unwrap_or(i64::MAX / 1000),
        );
        let deadline = self
            .state
            .clock
            .now()
            .checked_add_signed(timeout)
            .unwrap_or(DateTime::<Utc>::MAX_UTC);
        self.state.desk.begin_steps(self.sequence);
        let mut timed_out = false;
        let result = {
            let mut steps = std::pin::pin!(self.carry_out());
            tokio::select! {
                biased;
                () = self.state.clock.sleep_until(deadline) => {
                    timed_out = true;
                    self.stop.cancel();
                    // The work is told to stop and waited for: nothing of it goes on unseen.
                    steps.await
                }
                result = &mut steps => result,
            }
        };
        match result {
            Ok(()) => {
                self.report_steps();
                Outcome::Succeeded
            }
            Err(Halt::Failed) => Outcome::Failed(STEP_FAILED.to_owned()),
            Err(Halt::Stopped) if timed_out => Outcome::TimedOut,
            Err(Halt::Stopped) if self.state.shutdown.is_cancelled() => {
                Outcome::Failed(AGENT_LOST.to_owned())
            }
            Err(Halt::Stopped) => Outcome::Canceled,
        }
    }

    async fn carry_out(&self) -> Result<(), Halt> {
        if self.is_endless() {
            self.log.stamped("Waiting, as the sandbox was told to.");
            self.stop.cancelled().await;
            return Err(Halt::Stopped);
        }
        workflow::carry_out(self).await
    }

    /// Whether a fault on purpose keeps this run from ending.
    fn is_endless(&self) -> bool {
        let registry_id = self.state.endpoints.registry_id();
        let path = match &self.task {
            Some(task) => format!("{registry_id}/tasks/{task}"),
            None => format!("{registry_id}/scheduleRun"),
        };
        let faults = self.state.faults.as_ref();
        faults.is_some_and(|faults| faults.is_endless(&path))
    }

    /// Carries out one step in the runner's grammar.
    pub async fn step<T>(
        &self,
        id: &'static str,
        work: impl Future<Output = Result<T, Halt>>,
    ) -> Result<T, Halt> {
        let timeout_seconds = u32::try_from(self.order.timeout_seconds).unwrap_or(u32::MAX);
        self.stamp(RunnerLine::ExecutingStep {
            step: id,
            timeout_seconds,
        });
        self.stamp(RunnerLine::LaunchingContainer { step: id });
        let began_at = self.state.clock.now();
        let result = work.await;
        match &result {
            Ok(_) => {
                self.stamp(RunnerLine::ContainerSucceeded { step: id });
                let took = self.state.clock.now() - began_at;
                let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
                done.push((id, took.to_std().unwrap_or_default()));
            }
            Err(Halt::Failed) => {
                self.stamp(RunnerLine::ContainerFailed { step: id });
                self.say(LogLine::Runner(RunnerLine::StepFailed {
                    step: id,
                    exit_status: 1,
                }));
            }
            Err(Halt::Stopped) => self.log.stamped(&format!("Container stopped: {id}")),
        }
        result
    }

    fn report_steps(&self) {
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        for (step, elapsed) in done.iter() {
            self.stamp(RunnerLine::StepSucceeded {
                step,
                elapsed: *elapsed,
            });
        }
    }

    /// Writes a line of a task.
    pub fn say(&self, line: LogLine) {
        self.log.line(&line.to_string());
    }

    fn stamp(&self, line: RunnerLine) {
        self.log.stamped(&line.to_string());
    }

    /// A value of the run; a definition cannot do without those that it names.
    pub fn value(&self, name: &str) -> Result<&str, Halt> {
        let value = self.order.values.iter().find(|value| value.name == name);
        match value {
            Some(value) if !value.value.is_empty() => Ok(&value.value),
            _ => {
                let hint = "start the run with --set, as the task that schedules it does";
                Err(self.fail(&format!("the value {name} is missing; {hint}")))
            }
        }
    }

    /// Says in the log why the step fails, in the words that other tools look for.
    pub fn fail(&self, why: &str) -> Halt {
        self.log.line(&format!("Error: {why}"));
        Halt::Failed
    }

    /// Waits on the sandbox's clock, unless the run is to stop.
    pub async fn sleep_until(&self, instant: DateTime<Utc>) -> Result<(), Halt> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(Halt::Stopped),
            () = self.state.clock.sleep_until(instant) => Ok(()),
        }
    }

    pub fn check_stopped(&self) -> Result<(), Halt> {
        if self.stop.is_cancelled() {
            Err(Halt::Stopped)
        } else {
            Ok(())
        }
    }
}
