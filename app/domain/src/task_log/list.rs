//! The images of the last cycles as the az extension's `list` has them: one row for each image,
//! put together from runs of the scan and the patch task that know nothing of each other.
use super::outcome::{ImageOutcome, image_status};
use crate::hash::HashMap;
use crate::run::{ImageStatus, Run, TaskName};
use chrono::{DateTime, Utc};

const QUEUED_RUN: &str = "WARNING: Queued a run with ID: ";

/// One row of the extension's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedImage<'a> {
    /// `repository:original`.
    pub image: String,
    pub scan: &'a Run,
    /// The run that the scan's log names, where it is known.
    pub patch: Option<&'a Run>,
    /// The scan's log names a patch run that is not among the runs. The extension then says
    /// `Skipped`, or dies; see [`ListedImage::status`].
    pub lost_patch: Option<String>,
    pub outcome: ImageOutcome,
}

impl ListedImage<'_> {
    /// The one word for the row. A patch of which nothing is known is `Unknown`, where the
    /// extension calls it skipped.
    pub fn status(&self) -> ImageStatus {
        match self.lost_patch {
            Some(_) => ImageStatus::Unknown,
            None if self.outcome.is_skipped() => ImageStatus::Skipped,
            None => self.outcome.status,
        }
    }
}

/// Lists the images of the scans created at `since` or later, in the order of `runs`. Of two
/// scans of an image the newer one counts, and its patch with it; a scan whose log does not yet
/// name an image is left out, as the extension leaves it out. `log` gives a run's log, empty
/// where there is none.
pub fn list_images<'a>(
    runs: &'a [Run],
    since: DateTime<Utc>,
    log: impl Fn(&str) -> &'a str,
) -> Vec<ListedImage<'a>> {
    let by_id: HashMap<&str, &Run> = runs.iter().map(|run| (run.id.as_str(), run)).collect();
    let scans = runs
        .iter()
        .filter(|run| run.task == Some(TaskName::Scan) && run.created_at >= since);
    let mut rows: Vec<ListedImage<'a>> = Vec::new();
    let mut row_of: HashMap<String, usize> = HashMap::default();
    for scan in scans {
        let Some(row) = read(scan, &by_id, &log) else {
            continue;
        };
        match row_of.get(&row.image) {
            None => {
                row_of.insert(row.image.clone(), rows.len());
                rows.push(row);
            }
            Some(&index) if rows[index].scan.created_at < scan.created_at => rows[index] = row,
            Some(_) => {}
        }
    }
    rows
}

fn read<'a>(
    scan: &'a Run,
    by_id: &HashMap<&str, &'a Run>,
    log: &impl Fn(&str) -> &'a str,
) -> Option<ListedImage<'a>> {
    let scan_log = log(&scan.id);
    let patch_id = queued_run(scan_log);
    let patch = patch_id.and_then(|id| by_id.get(id)).copied();
    let patch_log = patch.map_or("", |patch| log(&patch.id));
    let patch_status = patch.map(|patch| patch.status);
    let outcome = image_status(Some(scan.status), scan_log, patch_status, patch_log);
    Some(ListedImage {
        image: outcome.image.clone()?,
        scan,
        patch,
        lost_patch: patch_id.filter(|_| patch.is_none()).map(str::to_owned),
        outcome,
    })
}

fn queued_run(log: &str) -> Option<&str> {
    let (_, rest) = log.split_once(QUEUED_RUN)?;
    rest.split_whitespace().next()
}

#[cfg(test)]
mod tests;
