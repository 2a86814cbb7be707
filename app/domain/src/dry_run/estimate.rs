//! How long a cycle takes and what it costs, from runs of the past. Times are whole
//! milliseconds, money is millionths of a dollar; the price is the caller's.
use crate::run::{ImageRun, Run, RunStatus, RunTree};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The trigger pauses after each batch, while its own time is counted.
pub const BATCH_SIZE: usize = 10;
pub const BATCH_PAUSE_MS: u64 = 30_000;

/// What a second of a task costs. Azure bills the seconds of its CPUs; how many CPUs it counts
/// for a task is for the caller to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    pub micro_dollars_per_cpu_second: u64,
    pub cpus: u64,
}

impl Price {
    /// The list price of ACR Tasks: $0.0001 a CPU second, and two CPUs for a task that asks for
    /// nothing else.
    pub const LIST: Self = Self {
        micro_dollars_per_cpu_second: 100,
        cpus: 2,
    };

    /// Rounded up: an estimate that says nothing costs nothing would be wrong.
    pub fn of(self, milliseconds: u64) -> u64 {
        let per_second = self.micro_dollars_per_cpu_second.saturating_mul(self.cpus);
        milliseconds.saturating_mul(per_second).div_ceil(1000)
    }
}

/// How long the scans and the patches of an image took, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageTimes {
    pub scans_ms: Vec<u64>,
    pub patches_ms: Vec<u64>,
}

/// What is typical, by image and for all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Averages {
    /// By repository and original: median scan and patch.
    pub images: BTreeMap<String, BTreeMap<String, Times>>,
    /// Of all images: what one that has no past yet is taken for.
    pub all: Times,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    pub scan_ms: Option<u64>,
    pub patch_ms: Option<u64>,
}

/// One image of a cycle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    pub scan_ms: u64,
    /// Added where the scan asks for a patch.
    pub patch_ms: u64,
    pub scan_micro_dollars: u64,
    pub patch_micro_dollars: u64,
    /// From runs of this very image; else of others.
    pub is_own: bool,
}

/// A whole cycle: the least, where no image needs a patch, and the most, where every one does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CycleEstimate {
    pub images: usize,
    /// Images of which nothing is known, and that are therefore not in the sums.
    pub unknown: usize,
    /// The trigger's pauses between batches.
    pub pauses_ms: u64,
    /// Sums over tasks, which run side by side: billed time, not time to wait.
    pub least_ms: u64,
    pub most_ms: u64,
    pub least_micro_dollars: u64,
    pub most_micro_dollars: u64,
}

/// The times of every image in some cycles, given newest first as they are listed.
pub fn times_of(cycles: &[RunTree]) -> BTreeMap<String, BTreeMap<String, ImageTimes>> {
    let mut times: BTreeMap<String, BTreeMap<String, ImageTimes>> = BTreeMap::new();
    for image in cycles.iter().rev().flat_map(|cycle| &cycle.images) {
        let ImageRun {
            repository,
            original,
            scan,
            patch,
            ..
        } = image;
        let repository = times.entry(repository.clone()).or_default();
        let times = repository.entry(original.clone()).or_default();
        times.scans_ms.extend(scan.as_ref().and_then(run_time_ms));
        times
            .patches_ms
            .extend(patch.as_ref().and_then(run_time_ms));
    }
    times
}

/// The time of a run that ended well: one that failed stopped early, and says nothing.
fn run_time_ms(run: &Run) -> Option<u64> {
    let time = run.finished_at? - run.started_at?;
    let is_typical = run.status == RunStatus::Succeeded;
    is_typical.then(|| u64::try_from(time.num_milliseconds()).ok())?
}

/// Medians: one slow run does not make the next one slow.
pub fn averages(times: &BTreeMap<String, BTreeMap<String, ImageTimes>>) -> Averages {
    let mut all = ImageTimes::default();
    let mut images: BTreeMap<String, BTreeMap<String, Times>> = BTreeMap::new();
    for (repository, originals) in times {
        for (original, times) in originals {
            all.scans_ms.extend(&times.scans_ms);
            all.patches_ms.extend(&times.patches_ms);
            let images = images.entry(repository.clone()).or_default();
            images.insert(original.clone(), typical(times));
        }
    }
    Averages {
        images,
        all: typical(&all),
    }
}

fn typical(times: &ImageTimes) -> Times {
    Times {
        scan_ms: median(&times.scans_ms),
        patch_ms: median(&times.patches_ms),
    }
}

/// The middle value; of two middle ones the lower.
fn median(values: &[u64]) -> Option<u64> {
    let mut values = values.to_vec();
    values.sort_unstable();
    let middle = values.len().checked_sub(1)? / 2;
    values.get(middle).copied()
}

impl Averages {
    /// One image; `None` while no image at all was ever scanned. A patch that nobody has made yet
    /// is taken for as long as those of others, and left out of the sum without any.
    pub fn estimate(&self, repository: &str, original: &str, price: Price) -> Option<Estimate> {
        let own = self
            .images
            .get(repository)
            .and_then(|images| images.get(original));
        let own = own.copied().unwrap_or_default();
        let scan_ms = own.scan_ms.or(self.all.scan_ms)?;
        let patch_ms = own.patch_ms.or(self.all.patch_ms).unwrap_or(0);
        Some(Estimate {
            scan_ms,
            patch_ms,
            scan_micro_dollars: price.of(scan_ms),
            patch_micro_dollars: price.of(patch_ms),
            is_own: own.scan_ms.is_some(),
        })
    }
}

/// All images of a cycle, with the trigger's pauses, which are billed too.
pub fn estimate_cycle(averages: &Averages, images: &[(&str, &str)], price: Price) -> CycleEstimate {
    // A pause follows every tenth image, the last one included.
    let n_pauses = u64::try_from(images.len() / BATCH_SIZE).unwrap_or(u64::MAX);
    let pauses_ms = n_pauses.saturating_mul(BATCH_PAUSE_MS);
    let pauses = price.of(pauses_ms);
    let mut cycle = CycleEstimate {
        images: images.len(),
        pauses_ms,
        least_ms: pauses_ms,
        most_ms: pauses_ms,
        least_micro_dollars: pauses,
        most_micro_dollars: pauses,
        ..CycleEstimate::default()
    };
    for (repository, original) in images {
        let Some(image) = averages.estimate(repository, original, price) else {
            cycle.unknown += 1;
            continue;
        };
        cycle.least_ms += image.scan_ms;
        cycle.most_ms += image.scan_ms + image.patch_ms;
        cycle.least_micro_dollars += image.scan_micro_dollars;
        cycle.most_micro_dollars += image.scan_micro_dollars + image.patch_micro_dollars;
    }
    cycle
}

#[cfg(test)]
mod tests;
