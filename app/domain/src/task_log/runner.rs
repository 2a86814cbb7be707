//! What the runner itself writes between the steps' output.
use super::parse::word;
use chrono::{DateTime, NaiveDateTime, Utc};
use std::fmt;
use std::time::Duration;

const STAMP: &str = "%Y/%m/%d %H:%M:%S";
/// `2025/02/11 23:46:22 `
const STAMP_LENGTH: usize = 20;

/// A line of the runner, without its time stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunnerLine<'a> {
    ExecutingStep {
        step: &'a str,
        timeout_seconds: u32,
    },
    LaunchingContainer {
        step: &'a str,
    },
    ContainerSucceeded {
        step: &'a str,
    },
    ContainerFailed {
        step: &'a str,
    },
    StepFailed {
        step: &'a str,
        exit_status: i32,
    },
    StepSucceeded {
        step: &'a str,
        elapsed: Duration,
    },
    /// The last line of a run that succeeded. The time is in whole seconds.
    RunSucceeded {
        id: &'a str,
        elapsed: Duration,
    },
    /// The last line of a run that failed.
    RunFailed {
        id: &'a str,
        elapsed: Duration,
        /// `failed during run, err: exit status 1`
        error: &'a str,
    },
}

impl fmt::Display for RunnerLine<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::ExecutingStep {
                step,
                timeout_seconds,
            } => write!(
                out,
                "Executing step ID: {step}. Timeout(sec): {timeout_seconds}, Working directory: \
                 '', Network: 'acb_default_network'"
            ),
            Self::LaunchingContainer { step } => {
                write!(out, "Launching container with name: {step}")
            }
            Self::ContainerSucceeded { step } => {
                write!(out, "Successfully executed container: {step}")
            }
            Self::ContainerFailed { step } => write!(
                out,
                "Container failed during run: {step}. No retries remaining."
            ),
            Self::StepFailed { step, exit_status } => {
                write!(
                    out,
                    "failed to run step ID: {step}: exit status {exit_status}"
                )
            }
            Self::StepSucceeded { step, elapsed } => write!(
                out,
                "Step ID: {step} marked as successful (elapsed time in seconds: {}.{:06})",
                elapsed.as_secs(),
                elapsed.subsec_micros()
            ),
            Self::RunSucceeded { id, elapsed } => {
                write!(out, "Run ID: {id} was successful after {}", Clock(elapsed))
            }
            Self::RunFailed { id, elapsed, error } => {
                write!(
                    out,
                    "Run ID: {id} failed after {}. Error: {error}",
                    Clock(elapsed)
                )
            }
        }
    }
}

impl<'a> RunnerLine<'a> {
    /// Reads a line without its time stamp: see [`Stamped`].
    pub fn parse(line: &'a str) -> Option<Self> {
        if let Some(rest) = line.strip_prefix("Executing step ID: ") {
            let (step, rest) = rest.split_once(". Timeout(sec): ")?;
            let (timeout, _) = rest.split_once(',')?;
            return Some(Self::ExecutingStep {
                step: word(step)?,
                timeout_seconds: timeout.parse().ok()?,
            });
        }
        if let Some(step) = line.strip_prefix("Launching container with name: ") {
            return word(step).map(|step| Self::LaunchingContainer { step });
        }
        if let Some(step) = line.strip_prefix("Successfully executed container: ") {
            return word(step).map(|step| Self::ContainerSucceeded { step });
        }
        if let Some(rest) = line.strip_prefix("Container failed during run: ") {
            let step = rest.strip_suffix(". No retries remaining.")?;
            return word(step).map(|step| Self::ContainerFailed { step });
        }
        if let Some(rest) = line.strip_prefix("failed to run step ID: ") {
            let (step, status) = rest.rsplit_once(": exit status ")?;
            return Some(Self::StepFailed {
                step: word(step)?,
                exit_status: status.parse().ok()?,
            });
        }
        if let Some(rest) = line.strip_prefix("Step ID: ") {
            let rest = rest.strip_suffix(')')?;
            let (step, seconds) =
                rest.split_once(" marked as successful (elapsed time in seconds: ")?;
            return Some(Self::StepSucceeded {
                step: word(step)?,
                elapsed: read_seconds(seconds)?,
            });
        }
        let rest = line.strip_prefix("Run ID: ")?;
        if let Some((id, elapsed)) = rest.split_once(" was successful after ") {
            return Some(Self::RunSucceeded {
                id: word(id)?,
                elapsed: Clock::parse(elapsed)?.0,
            });
        }
        let (id, rest) = rest.split_once(" failed after ")?;
        let (elapsed, error) = rest.split_once(". Error: ")?;
        Some(Self::RunFailed {
            id: word(id)?,
            elapsed: Clock::parse(elapsed)?.0,
            error,
        })
    }
}

/// `1.234567`: seconds, to the microsecond.
fn read_seconds(text: &str) -> Option<Duration> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let micros = format!("{:0<6}", fraction.get(..6).unwrap_or(fraction));
    let whole = Duration::from_secs(whole.parse().ok()?);
    whole.checked_add(Duration::from_micros(micros.parse().ok()?))
}

/// A duration in whole seconds as the runner writes it: `4s`, `1m37s`, `1h0m5s`.
struct Clock(Duration);

impl fmt::Display for Clock {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        if hours > 0 {
            write!(out, "{hours}h")?;
        }
        if hours > 0 || minutes > 0 {
            write!(out, "{minutes}m")?;
        }
        write!(out, "{}s", seconds % 60)
    }
}

impl Clock {
    fn parse(text: &str) -> Option<Self> {
        let (mut seconds, mut number) = (0_u64, None);
        for character in text.chars() {
            if let Some(digit) = character.to_digit(10) {
                let digits: u64 = number.unwrap_or(0);
                number = Some(digits.checked_mul(10)?.checked_add(digit.into())?);
                continue;
            }
            let unit = match character {
                'h' => 3600,
                'm' => 60,
                's' => 1,
                _ => return None,
            };
            seconds = number.take()?.checked_mul(unit)?.checked_add(seconds)?;
        }
        (number.is_none() && text.ends_with('s')).then(|| Self(Duration::from_secs(seconds)))
    }
}

/// A line with the time stamp that the runner puts before most of its own: UTC, to the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamped<'a> {
    pub at: Option<DateTime<Utc>>,
    pub line: &'a str,
}

impl<'a> Stamped<'a> {
    pub fn parse(line: &'a str) -> Self {
        let stamp = line
            .get(..STAMP_LENGTH)
            .and_then(|stamp| stamp.strip_suffix(' '))
            .and_then(|stamp| NaiveDateTime::parse_from_str(stamp, STAMP).ok());
        match stamp {
            Some(at) => Self {
                at: Some(at.and_utc()),
                line: &line[STAMP_LENGTH..],
            },
            None => Self { at: None, line },
        }
    }
}

impl fmt::Display for Stamped<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(at) = self.at {
            write!(out, "{} ", at.format(STAMP))?;
        }
        out.write_str(self.line)
    }
}
