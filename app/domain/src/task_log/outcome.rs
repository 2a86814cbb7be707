//! The state of one image in one cycle, derived from a scan, its patch and their logs as the az
//! extension's `list` derives it.
use super::parse::{image_and_tag, word};
use crate::run::{ImageStatus, RunStatus};
use std::collections::BTreeSet;

/// One image of the extension's list. What the extension prints as `---Not Available---` or
/// `---No patch image available---` is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageOutcome {
    /// `repository:original`; `None` where the scan has not said it yet.
    pub image: Option<String>,
    pub scan_status: ImageStatus,
    /// Never one of the runs' own words for it: no patch after a scan that succeeded is
    /// `Skipped`, and after any other `Unknown`.
    pub patch_status: ImageStatus,
    /// Of the patch where there is one, else of the scan.
    pub status: ImageStatus,
    /// The newest patch that is there after this cycle, as far as the log tells, with the login
    /// server before it where the log has it.
    pub last_patched_image: Option<String>,
    pub patch_skipped_reason: Option<String>,
    pub scan_error_reason: Option<String>,
    pub patch_error_reason: Option<String>,
}

impl ImageOutcome {
    /// `--run-status`: `Skipped` is a scan that succeeded without a patch, and such an image
    /// counts as `Succeeded` too.
    pub fn has_status(&self, wanted: ImageStatus) -> bool {
        match wanted {
            ImageStatus::Skipped => self.is_skipped(),
            other => self.status == other,
        }
    }

    pub fn is_skipped(&self) -> bool {
        self.patch_status == ImageStatus::Skipped
    }

    /// Why it was skipped or why it failed, where one of them is so and the log tells.
    pub fn reason(&self) -> Option<&str> {
        self.patch_error_reason
            .as_deref()
            .or(self.scan_error_reason.as_deref())
            .or(self.patch_skipped_reason.as_deref())
    }
}

/// Derives an image's state. `scan` is absent for a run of which nothing is known; `patch` is
/// the run that the scan's log names, where there is one. The patch's log matters only where
/// the patch failed.
pub fn image_status(
    scan: Option<RunStatus>,
    scan_log: &str,
    patch: Option<RunStatus>,
    patch_log: &str,
) -> ImageOutcome {
    let scan_status = scan.map_or(ImageStatus::Unknown, ImageStatus::from);
    let patch_status = match patch {
        Some(patch) => ImageStatus::from(patch),
        None if scan_status == ImageStatus::Succeeded => ImageStatus::Skipped,
        None => ImageStatus::Unknown,
    };
    let image = image_name(scan_log);
    let last_patched_image = last_patched_image(scan_log, patch_status, image.as_deref());
    let errors_if = |failed: bool, log| failed.then(|| error_reasons(log)).flatten();
    ImageOutcome {
        last_patched_image,
        image,
        scan_status,
        patch_status,
        status: patch.map_or(scan_status, |_| patch_status),
        patch_skipped_reason: (patch_status == ImageStatus::Skipped)
            .then(|| skip_reason(scan_log))
            .flatten(),
        scan_error_reason: errors_if(scan_status == ImageStatus::Failed, scan_log),
        patch_error_reason: errors_if(patch_status == ImageStatus::Failed, patch_log),
    }
}

/// `repository:original`, from the first line of a scan's or a patch's log that tells.
pub fn image_name(log: &str) -> Option<String> {
    let name = |repository: &str, tag: &str| format!("{repository}:{tag}");
    find(log, "Scanning repo: ", |rest| {
        let scanned = Scanned::parse(rest)?;
        Some(name(scanned.repository, scanned.original))
    })
    .or_else(|| {
        find(log, "Scanning image for vulnerability ", |rest| {
            let rest = rest.strip_prefix("and patch ").unwrap_or(rest);
            let (image, rest) = rest.split_once(" for tag ")?;
            let (repository, _) = word(image)?.split_once(':')?;
            Some(name(repository, first_word(rest)?))
        })
    })
    .or_else(|| {
        find(log, "Patching OS vulnerabilities for image ", |rest| {
            image_and_tag(first_word(rest)?).map(|(repository, tag)| name(repository, tag))
        })
    })
}

fn last_patched_image(log: &str, patch: ImageStatus, image: Option<&str>) -> Option<String> {
    let counts = matches!(patch, ImageStatus::Skipped | ImageStatus::Succeeded);
    let scheduled = counts.then(|| find(log, "PATCHING task scheduled for image ", patched_tag));
    let last = scheduled.flatten().or_else(|| {
        find(log, "Scanning repo: ", |rest| {
            let scanned = Scanned::parse(rest)?;
            Some(format!("{}:{}", scanned.repository, scanned.scan))
        })
    });
    last.filter(|last| Some(last.as_str()) != image)
}

fn patched_tag(rest: &str) -> Option<String> {
    let (scanned, rest) = rest.split_once(", new patch tag will be ")?;
    let (image, _) = image_and_tag(scanned)?;
    Some(format!("{image}:{}", first_word(rest)?))
}

struct Scanned<'a> {
    repository: &'a str,
    scan: &'a str,
    original: &'a str,
}

impl<'a> Scanned<'a> {
    fn parse(rest: &'a str) -> Option<Self> {
        let (repository, rest) = rest.split_once(", Tag:")?;
        let (scan, rest) = rest.split_once(", OriginalTag:")?;
        Some(Self {
            repository: word(repository)?,
            scan: word(scan)?,
            original: first_word(rest)?,
        })
    }
}

fn skip_reason(log: &str) -> Option<String> {
    find(log, "PATCHING will be skipped as ", |rest| {
        // The extension wants a line break after it: a last line without one is not yet whole.
        let (line, _) = rest.split_once('\n')?;
        let line = line.strip_suffix('\r').unwrap_or(line);
        (!line.is_empty()).then(|| line.to_owned())
    })
}

/// What a log says from the word `error`, in any case, to the line's end of each line that has it,
/// each once, sorted, one a line: the extension's whole analysis.
fn error_reasons(log: &str) -> Option<String> {
    let reasons: BTreeSet<&str> = log.lines().filter_map(error_reason).collect();
    let lines: Vec<&str> = reasons.into_iter().collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn error_reason(line: &str) -> Option<&str> {
    const WORD: &[u8] = b"error";
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    line.char_indices().find_map(|(start, _)| {
        let rest = &line[start..];
        let is_error = rest
            .as_bytes()
            .get(..WORD.len())
            .is_some_and(|letters| letters.eq_ignore_ascii_case(WORD));
        let is_bounded = |side: Option<char>| !side.is_some_and(is_word);
        (is_error
            && is_bounded(line[..start].chars().next_back())
            && is_bounded(rest[WORD.len()..].chars().next()))
        .then_some(rest)
    })
}

/// The first place where a prefix stands and what follows it can be read; `rest` goes on to the
/// log's end.
fn find<T>(log: &str, prefix: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
    log.match_indices(prefix)
        .find_map(|(start, _)| read(&log[start + prefix.len()..]))
}

fn first_word(text: &str) -> Option<&str> {
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    (end > 0).then(|| &text[..end])
}
