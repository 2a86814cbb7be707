//! Deadlines of findings: where their clocks start, what is owed by when, and what was done. Pure, so
//! that a page, an export and a test agree, for today and for any day before.
mod bod;
mod coverage;
mod deadline;
mod exception;
pub mod export;
mod exposure;
mod finding;
mod observation;
mod pack;
mod package_url;
mod profile;
mod profile_text;
mod query;
mod reconcile;
mod row;
mod sample;
mod signal;
mod view;

pub use bod::{BOD_26_04, BodRow};
pub use coverage::{Coverage, Currency, Freshness, LeftOut, coverage};
pub use deadline::{Anchor, Deadline, Standing, deadline};
pub use exception::{Exception, InvalidException, KeptException};
pub use exposure::{Exposure, ExposureRule, exposure_of, fits};
pub use finding::{Closing, ClosingReason, Finding, FindingKind, Instants, finding_id};
pub use observation::{Observation, ScanOutcome, is_stale};
pub use pack::{
    Comparison, Member, PACK_FORMAT, Pack, PackFault, PackIndex, PackTrust, index_of,
    published_head_of, signature_of, verify_pack,
};
pub use package_url::package_url;
pub use profile::{ImpactTerms, Profile, Rule, Severity, SeverityTerm, SsvcDefaults, Term};
pub use profile_text::InvalidProfile;
pub use query::{FindingQuery, Framework};
pub use reconcile::{Seen, from_report, reconcile};
pub use row::{FindingRow, rows};
pub use sample::sample;
pub use signal::{Epss, FeedKind, FeedState, Impact, Kev, Signals};
pub use view::{
    ComplianceFile, ComplianceSettings, ComplianceView, Indicators, Material, PAGE_ROWS, PAGE_TAGS,
    ProfileHead, view,
};
