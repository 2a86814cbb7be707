//! The log lines of the three tasks that other programs parse, and those of the runner.
//!
//! `Display` prints a line exactly as Azure's tasks do, [`LogLine::parse`] reads it back, older
//! wordings included. The links from a trigger to its scans and from a scan to its patch exist
//! only here: in [`LogLine::QueuedRun`].
use std::fmt;

mod list;
mod outcome;
mod parse;
mod runner;

pub use list::{ListedImage, list_images};
pub use outcome::{ImageOutcome, image_name, image_status};
pub use runner::{RunnerLine, Stamped};

/// One line of a task's log, borrowing from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLine<'a> {
    /// Trigger: what it asks a scan to do. `next` is the whole tag that a patch would get.
    SchedulingScan {
        registry: &'a str,
        repository: &'a str,
        scan: &'a str,
        original: &'a str,
        next: &'a str,
    },
    /// Trigger: the pause after every ten scans.
    BatchPause,
    /// Trigger: the policy's convention, as the dry run prints it: `Configured Tag Convention:
    /// incremental`.
    ConventionDetails {
        line: &'a str,
    },
    /// Trigger and dry run: more than 100 matches; only the trigger fails because of it.
    LimitExceeded {
        is_failure: bool,
    },
    /// Trigger and scan: the run that they have queued.
    QueuedRun {
        id: &'a str,
    },

    /// Scan: its first line.
    ScanningImage {
        repository: &'a str,
        scan: &'a str,
        original: &'a str,
    },
    /// Scan: its second line.
    ScanningRepository {
        repository: &'a str,
        scan: &'a str,
        original: &'a str,
    },
    /// Scan: vulnerabilities that have a fix.
    VulnerabilitiesFound {
        repository: &'a str,
        scan: &'a str,
        count: u32,
    },
    /// Scan: whether the image's distribution is past its end of life.
    EndOfLife {
        repository: &'a str,
        scan: &'a str,
        is_past: bool,
    },
    TotalVulnerabilities {
        count: u32,
    },
    /// Scan: it asks for a patch. `image` is the repository, with the login server before it
    /// since version 1.0.0b6 of the extension.
    PatchScheduled {
        image: &'a str,
        scan: &'a str,
        next: &'a str,
    },
    PatchSkipped {
        repository: &'a str,
        scan: &'a str,
        reason: SkipReason,
    },

    /// Patch: its first line.
    PatchingImage {
        repository: &'a str,
        original: &'a str,
    },
    /// Patch: its second line. `number` is `3`, or `patched`.
    PatchingRepository {
        repository: &'a str,
        original: &'a str,
        number: &'a str,
    },
    NewPatchTag {
        number: &'a str,
    },
    /// Patch: the number is above 999.
    NumbersUsedUp,
    Pushed {
        registry: &'a str,
        repository: &'a str,
        tag: &'a str,
    },

    /// A line of the runner itself.
    Runner(RunnerLine<'a>),
}

/// Why a scan asks for no patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SkipReason {
    EndOfLife,
    NoVulnerability,
}

impl fmt::Display for SkipReason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::EndOfLife => "EOSL is true for image",
            Self::NoVulnerability => "no vulnerability found in the image",
        })
    }
}

const LIMIT_EXCEEDED: &str = "You have exceeded the maximum limit of 100 images that can be \
    scheduled for continuous patching. Adjust the JSON filter to limit the number of images.";
const LIMIT_FAILURE: &str = " Failing the workflow.";
const BATCH_PAUSE: &str = "Waiting for 30 seconds before scheduling scans for next batch of images";
const NUMBERS_USED_UP: &str = "New Patch tag is greater than 999. No more than 1000 patches can \
    be created for a tag. Exiting the patching workflow.";

impl fmt::Display for LogLine<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::SchedulingScan {
                registry,
                repository,
                scan,
                original,
                next,
            } => write!(
                out,
                "Scheduling cssc-scan-image for {registry}/{repository}, Tag:{scan}, \
                 OriginalTag:{original}, PatchTag:{next}"
            ),
            Self::BatchPause => out.write_str(BATCH_PAUSE),
            Self::ConventionDetails { line } => write!(out, "Tag Convention details: {line}"),
            Self::LimitExceeded { is_failure: false } => out.write_str(LIMIT_EXCEEDED),
            Self::LimitExceeded { is_failure: true } => {
                write!(out, "{LIMIT_EXCEEDED}{LIMIT_FAILURE}")
            }
            Self::QueuedRun { id } => write!(out, "WARNING: Queued a run with ID: {id}"),
            Self::Runner(line) => line.fmt(out),
            Self::ScanningImage { .. }
            | Self::ScanningRepository { .. }
            | Self::VulnerabilitiesFound { .. }
            | Self::EndOfLife { .. }
            | Self::TotalVulnerabilities { .. }
            | Self::PatchScheduled { .. }
            | Self::PatchSkipped { .. } => self.fmt_scan(out),
            Self::PatchingImage { .. }
            | Self::PatchingRepository { .. }
            | Self::NewPatchTag { .. }
            | Self::NumbersUsedUp
            | Self::Pushed { .. } => self.fmt_patch(out),
        }
    }
}

impl LogLine<'_> {
    fn fmt_scan(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::ScanningImage {
                repository,
                scan,
                original,
            } => write!(
                out,
                "Scanning image for vulnerability {repository}:{scan} for tag {original}"
            ),
            Self::ScanningRepository {
                repository,
                scan,
                original,
            } => write!(
                out,
                "Scanning repo: {repository}, Tag:{scan}, OriginalTag:{original}"
            ),
            Self::VulnerabilitiesFound {
                repository,
                scan,
                count,
            } => write!(
                out,
                "Vulnerabilities found for image {repository}:{scan} -> {count}"
            ),
            Self::EndOfLife {
                repository,
                scan,
                is_past,
            } => write!(out, "EOSL for the image {repository}:{scan} -> {is_past}"),
            Self::TotalVulnerabilities { count } => {
                write!(out, "Total OS vulnerabilities found -> {count}")
            }
            Self::PatchScheduled { image, scan, next } => write!(
                out,
                "PATCHING task scheduled for image {image}:{scan}, new patch tag will be {next}"
            ),
            Self::PatchSkipped {
                repository,
                scan,
                reason,
            } => write!(
                out,
                "PATCHING will be skipped as {reason} {repository}:{scan}"
            ),
            _ => Ok(()),
        }
    }

    fn fmt_patch(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::PatchingImage {
                repository,
                original,
            } => write!(
                out,
                "Patching OS vulnerabilities for image {repository}:{original}"
            ),
            Self::PatchingRepository {
                repository,
                original,
                number,
            } => write!(
                out,
                "Patching repo: {repository}, Tag:{original}, NewPatchTag:{number}"
            ),
            Self::NewPatchTag { number } => write!(out, "New Patch tag is {number}"),
            Self::NumbersUsedUp => out.write_str(NUMBERS_USED_UP),
            Self::Pushed {
                registry,
                repository,
                tag,
            } => write!(out, "Patched image pushed to {registry}/{repository}:{tag}"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
