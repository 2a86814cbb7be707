//! Which scan belongs to which trigger, and which patch to which scan: only their logs tell.
use crate::runs::facts::{PatchFacts, ScanFacts, Scheduled, scheduled};
use drydock_domain::run::{ImageEnding, ImageRun, ImageStatus, Run, RunStatus, RunTree, TaskName};
use drydock_domain::selection::{IMAGE_LIMIT, Selected, find_matches, find_selected};
use drydock_domain::task_log::{SkipReason, image_status};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Runs with the telling lines of their logs.
pub(crate) struct RunBook<'a> {
    runs: &'a [Run],
    by_id: HashMap<&'a str, &'a Run>,
    log: &'a dyn Fn(&str) -> Arc<str>,
}

impl<'a> RunBook<'a> {
    pub(crate) fn new(runs: &'a [Run], log: &'a dyn Fn(&str) -> Arc<str>) -> Self {
        Self {
            runs,
            by_id: runs.iter().map(|run| (run.id.as_str(), run)).collect(),
            log,
        }
    }

    /// Runs that a log names and the list lacks.
    pub(crate) fn missing(&self) -> Vec<String> {
        let mut missing = Vec::new();
        for run in self.runs {
            let log = (self.log)(&run.id);
            let named = match run.task {
                Some(TaskName::Trigger) => scheduled(&log)
                    .into_iter()
                    .filter_map(|row| row.scan_id)
                    .collect(),
                Some(TaskName::Scan) => ScanFacts::read(&log).patch_id.into_iter().collect(),
                Some(TaskName::Patch) | None => Vec::new(),
            };
            missing.extend(named);
        }
        missing.retain(|id| !self.by_id.contains_key(id.as_str()));
        missing
    }

    /// Newest first. A scan or a patch whose trigger is not known is a tree of its own.
    pub(crate) fn trees(&self) -> Vec<RunTree> {
        let mut claimed: HashSet<String> = HashSet::new();
        let mut trees = Vec::new();
        // Callers before the called: whatever is left unclaimed then has no known caller.
        for task in [TaskName::Trigger, TaskName::Scan, TaskName::Patch] {
            for run in self.runs.iter().filter(|run| run.task == Some(task)) {
                if !claimed.insert(run.id.clone()) {
                    continue;
                }
                let images = self.images(task, run);
                let called = images.iter().flat_map(|image| [&image.scan, &image.patch]);
                claimed.extend(called.flatten().map(|run| run.id.clone()));
                trees.push(tree(run, images, &(self.log)(&run.id)));
            }
        }
        trees.sort_by_key(|tree: &RunTree| std::cmp::Reverse(tree.trigger.created_at));
        trees
    }

    fn images(&self, task: TaskName, run: &Run) -> Vec<ImageRun> {
        let log = (self.log)(&run.id);
        match task {
            TaskName::Trigger => {
                let rows = scheduled(&log);
                let left = match run.status.is_finished() {
                    true => never_begun(&rows, &log),
                    false => Vec::new(),
                };
                let begun = rows.into_iter().map(|row| self.scheduled_image(run, row));
                begun.chain(left).collect()
            }
            TaskName::Scan => {
                let facts = ScanFacts::read(&log);
                let row = facts.as_scheduled(&run.id);
                vec![self.image(row, Some(run))]
            }
            TaskName::Patch => vec![self.lone_patch(run, &log)],
        }
    }

    fn scheduled_image(&self, trigger: &Run, row: Scheduled) -> ImageRun {
        let scan = row.scan_id.as_deref().and_then(|id| self.by_id.get(id));
        let scan_id = row.scan_id.clone();
        let mut image = self.image(row, scan.copied());
        if image.scan.is_none() {
            (image.status, image.reason) = match (trigger.status.is_finished(), scan_id) {
                (false, _) => (ImageStatus::Queued, "its scan is being queued".into()),
                (true, Some(id)) => (
                    ImageStatus::Unknown,
                    format!("its scan {id} is no longer listed"),
                ),
                (true, None) => (ImageStatus::Failed, "its scan could not be queued".into()),
            };
        }
        image
    }

    fn image(&self, row: Scheduled, scan: Option<&Run>) -> ImageRun {
        let log = (self.log)(scan.map_or("", |scan| &scan.id));
        let facts = ScanFacts::read(&log);
        let patch = facts
            .patch_id
            .as_deref()
            .and_then(|id| self.by_id.get(id))
            .copied();
        let patch_log = (self.log)(patch.map_or("", |patch| &patch.id));
        let outcome = image_status(
            scan.map(|scan| scan.status),
            &log,
            patch.map(|patch| patch.status),
            &patch_log,
        );
        let (status, reason) = match (&facts.patch_id, patch) {
            // The extension calls this one skipped; its own log says that it is not.
            (Some(id), None) => (
                ImageStatus::Unknown,
                format!("its patch run {id} is no longer listed"),
            ),
            _ if outcome.is_skipped() => (ImageStatus::Skipped, skipped(facts.skip)),
            _ => {
                let last = patch.or(scan);
                let told = outcome.reason().map(str::to_owned);
                let reason = told
                    .or_else(|| last.and_then(|run| run.error.clone()))
                    .unwrap_or_else(|| progress(outcome.status, patch, &patch_log));
                (outcome.status, reason)
            }
        };
        ImageRun {
            ending: ending(status, facts.skip, &patch_log),
            next: facts.next.clone().unwrap_or(row.next),
            repository: row.repository,
            original: row.original,
            scanned: row.scan,
            scan: scan.cloned(),
            patch: patch.cloned(),
            vulnerabilities: facts.vulnerabilities,
            status,
            reason,
        }
    }

    fn lone_patch(&self, run: &Run, log: &str) -> ImageRun {
        let facts = PatchFacts::read(log);
        let outcome = image_status(None, "", Some(run.status), log);
        let reason = outcome
            .reason()
            .map(str::to_owned)
            .or_else(|| run.error.clone())
            .unwrap_or_else(|| progress(outcome.status, Some(run), log));
        ImageRun {
            ending: ending(outcome.status, None, log),
            repository: facts.repository,
            next: facts.next,
            scanned: facts.original.clone(),
            original: facts.original,
            scan: None,
            patch: Some(run.clone()),
            vulnerabilities: None,
            status: outcome.status,
            reason,
        }
    }
}

/// Why a scan asked for no patch, in words for a person; its log has Azure's.
fn skipped(reason: Option<SkipReason>) -> String {
    match reason {
        Some(SkipReason::NoVulnerability) => "up to date: nothing in it can be fixed".into(),
        Some(SkipReason::EndOfLife) => "not patched: its distribution is at its end of life and \
            ships no fixes any more. Move the image to a supported release"
            .into(),
        None => "its scan asked for no patch, and its log does not say why".into(),
    }
}

fn ending(status: ImageStatus, skip: Option<SkipReason>, patch_log: &str) -> Option<ImageEnding> {
    match (status, skip) {
        (ImageStatus::Skipped, Some(SkipReason::EndOfLife)) => Some(ImageEnding::EndOfLife),
        (ImageStatus::Skipped, Some(SkipReason::NoVulnerability)) => Some(ImageEnding::UpToDate),
        // A log that cannot be read is no evidence that nothing was pushed.
        (ImageStatus::Succeeded, _) if patch_log.is_empty() => None,
        (ImageStatus::Succeeded, _) => {
            let facts = PatchFacts::read(patch_log);
            Some(match (facts.pushed, facts.kept_back) {
                (Some(_), _) => ImageEnding::Patched,
                (None, Some(_)) => ImageEnding::KeptBack,
                (None, None) => ImageEnding::UpToDate,
            })
        }
        _ => None,
    }
}

/// What there is to say about an image that neither failed nor was skipped.
fn progress(status: ImageStatus, patch: Option<&Run>, patch_log: &str) -> String {
    let step = if patch.is_some() { "patch" } else { "scan" };
    match status {
        ImageStatus::Queued => format!("its {step} waits for an agent"),
        ImageStatus::Running if patch.is_some() => "being patched".into(),
        ImageStatus::Running => "being scanned".into(),
        ImageStatus::Succeeded if patch_log.is_empty() => format!("its {step} ended well"),
        ImageStatus::Succeeded => {
            let facts = PatchFacts::read(patch_log);
            match (facts.pushed, facts.kept_back) {
                (Some(pushed), _) => format!("pushed {pushed}"),
                (None, Some(why)) => format!("not patched: {why}"),
                (None, None) => "nothing in it can be fixed, so nothing was pushed".into(),
            }
        }
        ImageStatus::Failed => format!("its {step} failed; its log says why"),
        ImageStatus::Canceled => format!("its {step} was canceled"),
        ImageStatus::Skipped | ImageStatus::Unknown => format!("nothing is known of its {step}"),
    }
}

fn tree(trigger: &Run, images: Vec<ImageRun>, log: &str) -> RunTree {
    let status = tree_status(trigger, &images);
    RunTree {
        trigger: trigger.clone(),
        status,
        summary: summary(trigger, &images, log),
        images,
    }
}

/// Running while anything in it runs, failed when anything failed.
fn tree_status(trigger: &Run, images: &[ImageRun]) -> RunStatus {
    let any = |wanted: &[ImageStatus]| images.iter().any(|image| wanted.contains(&image.status));
    if !trigger.status.is_finished() {
        return trigger.status;
    }
    if any(&[ImageStatus::Queued, ImageStatus::Running]) {
        return RunStatus::Running;
    }
    match trigger.status {
        RunStatus::Succeeded if any(&[ImageStatus::Failed]) => RunStatus::Failed,
        RunStatus::Succeeded if any(&[ImageStatus::Canceled]) => RunStatus::Canceled,
        own => own,
    }
}

fn summary(trigger: &Run, images: &[ImageRun], log: &str) -> String {
    let ended = |wanted: ImageEnding| {
        let ended = images.iter().filter(|image| image.ending == Some(wanted));
        ended.count()
    };
    let count = |wanted: ImageStatus| images.iter().filter(|image| image.status == wanted).count();
    let unexplained = |wanted: ImageStatus| {
        let without = |image: &&ImageRun| image.status == wanted && image.ending.is_none();
        images.iter().filter(without).count()
    };
    let counts = [
        (ended(ImageEnding::Patched), "patched"),
        (ended(ImageEnding::UpToDate), "up to date"),
        (ended(ImageEnding::KeptBack), "kept back"),
        (ended(ImageEnding::EndOfLife), "at end of life"),
        (unexplained(ImageStatus::Succeeded), "done"),
        (unexplained(ImageStatus::Skipped), "skipped"),
        (count(ImageStatus::Failed), "failed"),
        (count(ImageStatus::Canceled), "canceled"),
        (count(ImageStatus::Running), "under way"),
        (count(ImageStatus::Queued), "waiting"),
        (unexplained(ImageStatus::Unknown), "unknown"),
        (ended(ImageEnding::NeverBegun), "never begun"),
    ];
    let mut parts: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    if images.len() == ended(ImageEnding::NeverBegun) {
        parts.insert(0, without_images(trigger, log));
    }
    parts.join(", ")
}

/// Why a trigger has scheduled no scan.
fn without_images(trigger: &Run, log: &str) -> String {
    match trigger.status {
        RunStatus::Succeeded => "the policy selected no image".into(),
        status if status.is_finished() => over_limit(log)
            .or_else(|| trigger.error.clone())
            .or_else(|| image_status(Some(status), log, None, "").scan_error_reason)
            .unwrap_or_else(|| "it ended before it scheduled a scan; its log says why".into()),
        _ => "the selection is being read".into(),
    }
}

fn over_limit(log: &str) -> Option<String> {
    let matches = find_matches(log).filter(|matches| *matches > IMAGE_LIMIT)?;
    Some(format!(
        "{matches} images match and the limit is {IMAGE_LIMIT}, so it failed as a whole and scanned \
         none"
    ))
}

/// What a trigger selected, and ended before it came to it. A selection over the limit has no turns:
/// the cycle is refused as a whole.
fn never_begun(begun: &[Scheduled], log: &str) -> Vec<ImageRun> {
    let mut selected = find_selected(log);
    if selected.len() > IMAGE_LIMIT {
        return Vec::new();
    }
    let begun: HashSet<(&str, &str, &str)> = begun
        .iter()
        .map(|row| {
            (
                row.repository.as_str(),
                row.original.as_str(),
                row.scan.as_str(),
            )
        })
        .collect();
    selected.retain(|row| {
        !begun.contains(&(
            row.repository.as_str(),
            row.original.as_str(),
            row.scan.as_str(),
        ))
    });
    // The extension lists an image by its scan alone: of one without it, it knows nothing.
    let status = image_status(None, "", None, "").status;
    let image = |row: Selected| ImageRun {
        repository: row.repository,
        original: row.original,
        scanned: row.scan,
        next: row.next,
        scan: None,
        patch: None,
        vulnerabilities: None,
        status,
        ending: Some(ImageEnding::NeverBegun),
        reason: ImageEnding::NEVER_BEGUN.into(),
    };
    selected.into_iter().map(image).collect()
}

#[cfg(test)]
mod tests;
