//! Reading lines back.
use super::runner::RunnerLine;
use super::{
    BATCH_PAUSE, LIMIT_EXCEEDED, LIMIT_FAILURE, LogLine, NUMBERS_USED_UP, SkipReason, Stamped,
};

impl<'a> LogLine<'a> {
    /// Reads one line, with or without a time stamp before it and a line break after it; `None`
    /// for what no task and no runner says, such as a scanner's output.
    pub fn parse(line: &'a str) -> Option<Self> {
        let line = Stamped::parse(line.trim_end()).line;
        parse_trigger(line)
            .or_else(|| parse_scan(line))
            .or_else(|| parse_patch(line))
            .or_else(|| RunnerLine::parse(line).map(Self::Runner))
    }

    /// Every known line of a log, in order.
    pub fn parse_all(log: &'a str) -> impl Iterator<Item = Self> {
        log.lines().filter_map(Self::parse)
    }
}

fn parse_trigger(line: &str) -> Option<LogLine<'_>> {
    if line == BATCH_PAUSE {
        return Some(LogLine::BatchPause);
    }
    if let Some(rest) = line.strip_prefix(LIMIT_EXCEEDED) {
        return match rest {
            "" => Some(LogLine::LimitExceeded { is_failure: false }),
            LIMIT_FAILURE => Some(LogLine::LimitExceeded { is_failure: true }),
            _ => None,
        };
    }
    if let Some(line) = line.strip_prefix("Tag Convention details: ") {
        return Some(LogLine::ConventionDetails { line });
    }
    if let Some(id) = line.strip_prefix("WARNING: Queued a run with ID: ") {
        return word(id).map(|id| LogLine::QueuedRun { id });
    }
    let rest = line.strip_prefix("Scheduling cssc-scan-image for ")?;
    let (image, rest) = rest.split_once(", Tag:")?;
    let (scan, rest) = rest.split_once(", OriginalTag:")?;
    let (original, next) = rest.split_once(", PatchTag:")?;
    let (registry, repository) = image.split_once('/')?;
    Some(LogLine::SchedulingScan {
        registry: word(registry)?,
        repository: word(repository)?,
        scan: word(scan)?,
        original: word(original)?,
        next: word(next)?,
    })
}

fn parse_scan(line: &str) -> Option<LogLine<'_>> {
    if let Some(rest) = line.strip_prefix("Scanning image for vulnerability ") {
        // Older templates looked for vulnerabilities "and patch".
        let rest = rest.strip_prefix("and patch ").unwrap_or(rest);
        let (image, original) = rest.split_once(" for tag ")?;
        let (repository, scan) = image_and_tag(image)?;
        let original = word(original)?;
        return Some(LogLine::ScanningImage {
            repository,
            scan,
            original,
        });
    }
    if let Some(rest) = line.strip_prefix("Scanning repo: ") {
        let (repository, rest) = rest.split_once(", Tag:")?;
        let (scan, original) = rest.split_once(", OriginalTag:")?;
        return Some(LogLine::ScanningRepository {
            repository: word(repository)?,
            scan: word(scan)?,
            original: word(original)?,
        });
    }
    parse_findings(line).or_else(|| parse_decision(line))
}

/// What a scan counted.
fn parse_findings(line: &str) -> Option<LogLine<'_>> {
    if let Some(count) = line.strip_prefix("Total OS vulnerabilities found -> ") {
        let count = count.parse().ok()?;
        return Some(LogLine::TotalVulnerabilities { count });
    }
    let (image, value) = line.split_once(" -> ")?;
    if let Some(image) = image.strip_prefix("Vulnerabilities found for image ") {
        let (repository, scan) = image_and_tag(image)?;
        let count = value.parse().ok()?;
        return Some(LogLine::VulnerabilitiesFound {
            repository,
            scan,
            count,
        });
    }
    let image = image.strip_prefix("EOSL for the image ")?;
    let (repository, scan) = image_and_tag(image)?;
    let is_past = value.parse().ok()?;
    Some(LogLine::EndOfLife {
        repository,
        scan,
        is_past,
    })
}

/// What a scan does about it.
fn parse_decision(line: &str) -> Option<LogLine<'_>> {
    if let Some(rest) = line.strip_prefix("PATCHING task scheduled for image ") {
        let (image, next) = rest.split_once(", new patch tag will be ")?;
        let (image, scan) = image_and_tag(image)?;
        let next = word(next)?;
        return Some(LogLine::PatchScheduled { image, scan, next });
    }
    let rest = line.strip_prefix("PATCHING will be skipped as ")?;
    let (reason, image) = match rest.strip_prefix("EOSL is true for image ") {
        Some(image) => (SkipReason::EndOfLife, image),
        None => {
            let image = rest.strip_prefix("no vulnerability found in the image ")?;
            (SkipReason::NoVulnerability, image)
        }
    };
    let (repository, scan) = image_and_tag(image)?;
    Some(LogLine::PatchSkipped {
        repository,
        scan,
        reason,
    })
}

fn parse_patch(line: &str) -> Option<LogLine<'_>> {
    if line == NUMBERS_USED_UP {
        return Some(LogLine::NumbersUsedUp);
    }
    if let Some(image) = line.strip_prefix("Patching OS vulnerabilities for image ") {
        let (repository, original) = image_and_tag(image)?;
        return Some(LogLine::PatchingImage {
            repository,
            original,
        });
    }
    if let Some(rest) = line.strip_prefix("Patching repo: ") {
        let (repository, rest) = rest.split_once(", Tag:")?;
        let (original, number) = rest.split_once(", NewPatchTag:")?;
        return Some(LogLine::PatchingRepository {
            repository: word(repository)?,
            original: word(original)?,
            number: word(number)?,
        });
    }
    if let Some(number) = line.strip_prefix("New Patch tag is ") {
        return word(number).map(|number| LogLine::NewPatchTag { number });
    }
    let rest = line.strip_prefix("Patched image pushed to ")?;
    let (image, tag) = image_and_tag(rest)?;
    let (registry, repository) = image.split_once('/')?;
    Some(LogLine::Pushed {
        registry: word(registry)?,
        repository: word(repository)?,
        tag,
    })
}

/// Splits at the last colon: a login server may hold one of its own, before its port.
pub(super) fn image_and_tag(text: &str) -> Option<(&str, &str)> {
    let (image, tag) = text.rsplit_once(':')?;
    Some((word(image)?, word(tag)?))
}

/// The text, where it is one word.
pub(super) fn word(text: &str) -> Option<&str> {
    let is_word = !text.is_empty() && !text.contains(char::is_whitespace);
    is_word.then_some(text)
}
