//! What the lines of one run's log say.
use drydock_domain::task_log::{LogLine, SkipReason};

/// An image that a trigger asked to be scanned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scheduled {
    pub repository: String,
    pub original: String,
    /// The tag to scan.
    pub scan: String,
    pub next: String,
    /// The run that was queued for it; absent between the two lines, and where queuing failed.
    pub scan_id: Option<String>,
}

/// A trigger's images, in its order.
pub(crate) fn scheduled(log: &str) -> Vec<Scheduled> {
    let mut rows: Vec<Scheduled> = Vec::new();
    for line in LogLine::parse_all(log) {
        match line {
            LogLine::SchedulingScan {
                repository,
                scan,
                original,
                next,
                ..
            } => rows.push(Scheduled {
                repository: repository.into(),
                original: original.into(),
                scan: scan.into(),
                next: next.into(),
                scan_id: None,
            }),
            LogLine::QueuedRun { id } => {
                if let Some(row) = rows.last_mut().filter(|row| row.scan_id.is_none()) {
                    row.scan_id = Some(id.into());
                }
            }
            _ => {}
        }
    }
    rows
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ScanFacts {
    repository: String,
    original: String,
    scan: String,
    pub next: Option<String>,
    pub vulnerabilities: Option<u32>,
    pub patch_id: Option<String>,
    pub skip: Option<SkipReason>,
}

impl ScanFacts {
    pub(crate) fn read(log: &str) -> Self {
        let mut facts = Self::default();
        for line in LogLine::parse_all(log) {
            match line {
                LogLine::ScanningImage {
                    repository,
                    scan,
                    original,
                }
                | LogLine::ScanningRepository {
                    repository,
                    scan,
                    original,
                } => {
                    facts.repository = repository.into();
                    facts.scan = scan.into();
                    facts.original = original.into();
                }
                LogLine::VulnerabilitiesFound { count, .. } => facts.vulnerabilities = Some(count),
                LogLine::PatchScheduled { next, .. } => facts.next = Some(next.into()),
                LogLine::QueuedRun { id } => facts.patch_id = Some(id.into()),
                LogLine::PatchSkipped { reason, .. } => facts.skip = Some(reason),
                _ => {}
            }
        }
        facts
    }

    /// The row that a trigger would have written for this scan.
    pub(crate) fn as_scheduled(&self, scan_id: &str) -> Scheduled {
        Scheduled {
            repository: self.repository.clone(),
            original: self.original.clone(),
            scan: self.scan.clone(),
            next: self.next.clone().unwrap_or_default(),
            scan_id: Some(scan_id.into()),
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PatchFacts {
    pub repository: String,
    pub original: String,
    pub next: String,
    /// `repository:tag`.
    pub pushed: Option<String>,
    /// Why nothing was pushed although there is something to fix, in the patcher's words.
    pub kept_back: Option<String>,
}

/// What the patcher says before its reasons.
pub(crate) const KEPT_BACK: &str = " is not patched: ";

impl PatchFacts {
    pub(crate) fn read(log: &str) -> Self {
        let mut facts = Self::default();
        for line in LogLine::parse_all(log) {
            match line {
                LogLine::PatchingRepository {
                    repository,
                    original,
                    number,
                } => {
                    facts.repository = repository.into();
                    facts.original = original.into();
                    facts.next = format!("{original}-{number}");
                }
                LogLine::Pushed {
                    repository, tag, ..
                } => facts.pushed = Some(format!("{repository}:{tag}")),
                _ => {}
            }
        }
        let said = log.lines().find_map(|line| line.split_once(KEPT_BACK));
        facts.kept_back = said.map(|(_, why)| why.trim_end().to_owned());
        facts
    }
}
