//! What to say of an image that was left as it is.
use crate::TrivyReport;
use drydock_domain::patch_report::KeptBack;

/// The end of a sentence that begins with the image's name: `is up to date: …` only where no
/// finding is left, else how many are and why each package was kept back.
pub(super) fn sentence(report: &TrivyReport, kept_back: &[KeptBack]) -> String {
    if report.results.is_empty() {
        return "has no packages of an operating system that could be patched".into();
    }
    let left = match report.fixable_count() {
        0 => return "is up to date: no package can be upgraded".into(),
        1 => "1 finding".to_owned(),
        count => format!("{count} findings"),
    };
    let reasons: Vec<String> = kept_back
        .iter()
        .map(|kept| format!("{}: {}", kept.package, kept.reason))
        .collect();
    if reasons.is_empty() {
        format!("is not patched: {left} left, and nothing can be upgraded")
    } else {
        let reasons = reasons.join("; ");
        format!("is not patched: {left} left, and nothing can be upgraded: {reasons}")
    }
}
