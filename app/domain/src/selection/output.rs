//! The standard output of `acr cssc patch --dry-run`, which the three tasks cut up with `sed`.
use super::{Selected, Selection, next_tag};
use crate::policy::{Policy, TagConvention};
use std::fmt::Write as _;

/// Where the tool was told to read the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicySource {
    /// `--filter-policy-file`
    File,
    /// `--filter-policy csscpolicies/patchpolicy:v1`
    Artifact,
}

const CONVENTION: &str = "Configured Tag Convention:  ";
const ROWS: &str = "Repo,Tag,LatestPatchTag";
const MATCHES: &str = "Matches found: ";
const NO_PATCH: &str = "N/A";

const INTRODUCTION: &str = "\
DRY RUN mode enabled...
DRY RUN mode will only list all the repositories and tags that match the filter and are eligible \
for continuous scan and patch. During the actual patch operation, each of the eligible images will \
first be scanned using trivy and if there are any vulnerabilities found, a new patched image will \
be generated with tag <originaltag>-patched or <originaltag>-x based on the configured \
tag-convention.
";

/// The output up to the reading of the policy; nothing follows it when that fails.
pub fn acr_reading(source: PolicySource) -> String {
    let reading = match source {
        PolicySource::File => "Reading filter from filter file path...",
        PolicySource::Artifact => "Reading filter from filter policy...",
    };
    format!("{INTRODUCTION}{reading}\n")
}

/// The output up to the policy's check; nothing follows it when the policy is refused.
pub fn acr_validating(source: PolicySource) -> String {
    format!("{}Validating filter...\n", acr_reading(source))
}

/// The whole standard output of a dry run, byte for byte, with its last newline; the order of
/// rows is ours. After a [`Selection::failure`] it ends with the convention's line, as the
/// tool's does.
pub fn acr_output(
    policy: &Policy,
    selection: &Selection,
    source: PolicySource,
    show_patch_tags: bool,
) -> String {
    let convention = match policy.convention {
        None => "",
        Some(TagConvention::Incremental) => "incremental",
        Some(TagConvention::Floating) => "floating",
    };
    let mut output = acr_validating(source);
    output.push_str(CONVENTION);
    output.push_str(convention);
    output.push('\n');
    if selection.failure.is_none() {
        push_not_found(&mut output, selection);
        push_selected(&mut output, selection, show_patch_tags);
    }
    output
}

/// The number of matches in a log that holds such an output; `None` where the dry run failed
/// before it had one.
pub fn find_matches(log: &str) -> Option<usize> {
    log.match_indices(MATCHES).find_map(|(start, _)| {
        let rest = &log[start + MATCHES.len()..];
        let end = rest.find(|character: char| !character.is_ascii_digit());
        rest[..end.unwrap_or(rest.len())].parse().ok()
    })
}

/// What [`find_matches`] and [`find_selected`] read of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SelectionLine {
    /// The convention, the head of the rows or their number.
    Frame,
    /// What looks like a row.
    Row,
}

impl SelectionLine {
    pub fn parse(line: &str) -> Option<Self> {
        if line == ROWS || line.starts_with(CONVENTION) || line.starts_with(MATCHES) {
            return Some(Self::Frame);
        }
        let is_row = line.split(',').count() == 3 && !line.contains(char::is_whitespace);
        is_row.then_some(Self::Row)
    }
}

/// The rows of a log that holds the output with patch tags, in its order; none where it has no such
/// output, or is cut off within it.
pub fn find_selected(log: &str) -> Vec<Selected> {
    let mut convention = TagConvention::Incremental;
    let mut lines = log.lines().map(str::trim_end);
    for line in lines.by_ref() {
        if line == ROWS {
            break;
        }
        if line.strip_prefix(CONVENTION) == Some("floating") {
            convention = TagConvention::Floating;
        }
    }
    let mut rows = Vec::new();
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        let [repository, original, latest] = cells[..] else {
            return if find_matches(line) == Some(rows.len()) {
                rows
            } else {
                Vec::new()
            };
        };
        let latest = (latest != NO_PATCH).then_some(latest);
        rows.push(Selected {
            repository: repository.to_owned(),
            original: original.to_owned(),
            scan: latest.unwrap_or(original).to_owned(),
            latest: latest.map(str::to_owned),
            next: next_tag(original, latest, convention),
        });
    }
    Vec::new()
}

fn push_not_found(output: &mut String, selection: &Selection) {
    if selection.not_found.is_empty() {
        return;
    }
    output.push_str("Artifacts specified in the filter that do not exist:\nRepo,Tag\n");
    for missing in &selection.not_found {
        push_row(output, &[&missing.repository, &missing.tag]);
    }
    push_count(output, "Not found", selection.not_found.len());
}

fn push_selected(output: &mut String, selection: &Selection, show_patch_tags: bool) {
    if selection.selected.is_empty() {
        output.push_str("No matching repository and tag found!\n");
    } else if show_patch_tags {
        output.push_str(
            "Listing repositories and tags matching the filter with corresponding latest patch \
             tag (if present):\n",
        );
        output.push_str(ROWS);
        output.push('\n');
        for row in &selection.selected {
            let latest = row.latest.as_deref().unwrap_or(NO_PATCH);
            push_row(output, &[&row.repository, &row.original, latest]);
        }
    } else {
        output.push_str("Listing repositories and tags matching the filter:\nRepo,Tag\n");
        for row in &selection.selected {
            push_row(output, &[&row.repository, &row.original]);
        }
    }
    push_count(output, "Matches found", selection.matches());
}

fn push_row(output: &mut String, cells: &[&str]) {
    output.push_str(&cells.join(","));
    output.push('\n');
}

fn push_count(output: &mut String, label: &str, count: usize) {
    writeln!(output, "{label}: {count}").expect("writing to a string does not fail");
}
