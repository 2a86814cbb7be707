//! The doors of this crate: scan an image, plan its patch, patch it.
#[cfg(test)]
mod live;
mod patching;
mod standing;
#[cfg(test)]
mod tests;

use crate::archive::Suites;
use crate::dpkg::Pins;
use crate::image::Limits;
use crate::plan::{PatchPlan, candidates, index_source};
use crate::scan::{Subject, findings, ids};
use crate::trivy::TrivyReport;
use crate::{Archive, ArchiveConfig, BlobStore, Job, PatchError};
use drydock_domain::patch_report::{ImageReference, IndexSource, KeptBack, PatchReport};
use patching::Patching;
use std::path::PathBuf;

#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// For indexes, packages and changelogs, and for temporary files.
    pub cache_dir: PathBuf,
    pub archive: ArchiveConfig,
    pub limits: Limits,
}

/// Finds and fixes vulnerabilities. One for the process; calls may run at the same time.
pub struct Engine {
    archive: Archive,
    cache_dir: PathBuf,
    limits: Limits,
}

/// What a patch came to.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one for each patch, and it is moved once"
)]
pub enum PatchOutcome {
    /// Nothing can be upgraded: nothing was written. Findings may be left all the same.
    UpToDate {
        report: TrivyReport,
        kept_back: Vec<KeptBack>,
        /// Goes after the image's name: whether it is up to date, or what is left and why.
        standing: String,
    },
    /// A patched image, complete but for its tag: its blobs are in the store, and the caller
    /// puts the manifest.
    Patched {
        manifest: Vec<u8>,
        media_type: String,
        /// Of the manifest.
        digest: String,
        report: PatchReport,
        /// The scan of the patched image.
        scan: TrivyReport,
    },
}

/// What is in an image, and what a patch would do about it: found without writing anything.
#[derive(Debug)]
pub struct Inspection {
    pub report: TrivyReport,
    /// The signed indexes that were looked into; none where nothing could be looked for.
    pub sources: Vec<IndexSource>,
    /// Why nothing could be looked for, or something was left out; sentences.
    pub notes: Vec<String>,
    /// Where it was asked for and something can be planned.
    pub plan: Option<PatchPlan>,
}

impl Engine {
    pub fn new(config: EngineConfig) -> Result<Self, PatchError> {
        let archive = Archive::new(config.cache_dir.clone(), config.archive)?;
        Ok(Self {
            archive,
            cache_dir: config.cache_dir,
            limits: config.limits,
        })
    }

    /// What this engine fetches through.
    pub fn archive(&self) -> &Archive {
        &self.archive
    }

    /// The vulnerabilities that the archive has fixes for. An image without an operating
    /// system that we know has none, and the log says so.
    pub fn scan(
        &self,
        store: &dyn BlobStore,
        manifest: &[u8],
        artifact_name: &str,
        job: &Job,
    ) -> Result<TrivyReport, PatchError> {
        let subject = Subject::read(store, manifest, &self.limits, &self.cache_dir, job)?;
        self.scan_subject(&subject, artifact_name, job)
    }

    /// What a patch would do: nothing is written but the cache.
    pub fn plan(
        &self,
        store: &dyn BlobStore,
        manifest: &[u8],
        job: &Job,
    ) -> Result<PatchPlan, PatchError> {
        let subject = Subject::read(store, manifest, &self.limits, &self.cache_dir, job)?;
        match subject.patchable() {
            Ok(_) => self.plan_subject(&subject, &self.suites(&subject, job)?, job),
            Err(why) => Ok(PatchPlan {
                notes: vec![why],
                ..PatchPlan::default()
            }),
        }
    }

    /// Scans and, where `with_plan`, plans: the image is read once, and nothing is written but the
    /// cache. A system past its end of life may have no archive any more: that is no error here,
    /// but one of the notes, for its end of life is what there is to say.
    pub fn inspect(
        &self,
        store: &dyn BlobStore,
        manifest: &[u8],
        artifact_name: &str,
        with_plan: bool,
        job: &Job,
    ) -> Result<Inspection, PatchError> {
        let subject = Subject::read(store, manifest, &self.limits, &self.cache_dir, job)?;
        let nothing = |note: String| Inspection {
            report: subject.report(artifact_name, Vec::new(), job),
            sources: Vec::new(),
            notes: vec![note],
            plan: None,
        };
        let (system, database) = match subject.patchable() {
            Ok(known) => known,
            Err(why) => return Ok(nothing(why)),
        };
        let suites = match self.suites(&subject, job) {
            Ok(suites) => suites,
            Err(PatchError::Cancelled) => return Err(PatchError::Cancelled),
            Err(error) if system.end_of_life => return Ok(nothing(error.to_string())),
            Err(error) => return Err(error),
        };
        let plan = match with_plan {
            true => Some(self.plan_subject(&subject, &suites, job)?),
            false => None,
        };
        Ok(Inspection {
            report: self.report_on(&subject, &suites, artifact_name, job)?,
            sources: suites.suites.iter().map(index_source).collect(),
            notes: notes_of(&suites, database),
            plan,
        })
    }

    /// Scans, plans, fetches, applies, and scans the result. A planned package that is not at
    /// its planned version afterwards is an error.
    pub fn patch(
        &self,
        store: &dyn BlobStore,
        manifest: &[u8],
        origin: ImageReference,
        to_tag: &str,
        job: &Job,
    ) -> Result<PatchOutcome, PatchError> {
        patching::patch(self, store, manifest, origin, to_tag, job)
    }

    fn suites(&self, subject: &Subject<'_>, job: &Job) -> Result<Suites, PatchError> {
        let (system, database) = subject.patchable().map_err(unsupported)?;
        let sources = subject.apt_sources()?;
        self.archive
            .suites_for(&sources, &system.release, &database.architecture, job)
    }

    fn scan_subject(
        &self,
        subject: &Subject<'_>,
        artifact_name: &str,
        job: &Job,
    ) -> Result<TrivyReport, PatchError> {
        let (system, database) = match subject.patchable() {
            Ok(known) => known,
            Err(why) => {
                job.say(&format!(
                    "No packages of an operating system to scan: {why}."
                ));
                return Ok(subject.report(artifact_name, Vec::new(), job));
            }
        };
        announce(system, database, job);
        let suites = self.suites(subject, job)?;
        let report = self.report_on(subject, &suites, artifact_name, job)?;
        say_result(&report, job);
        Ok(report)
    }

    fn report_on(
        &self,
        subject: &Subject<'_>,
        suites: &Suites,
        artifact_name: &str,
        job: &Job,
    ) -> Result<TrivyReport, PatchError> {
        let (system, database) = subject.patchable().map_err(unsupported)?;
        let candidates = candidates::find(database, &suites.suites, &Pins::default());
        let ids = ids::find(&self.archive, &self.cache_dir, &candidates, job)?;
        let found = findings::of_candidates(system, &candidates, &ids);
        Ok(subject.report(artifact_name, found, job))
    }

    fn plan_subject(
        &self,
        subject: &Subject<'_>,
        suites: &Suites,
        job: &Job,
    ) -> Result<PatchPlan, PatchError> {
        let (system, database) = subject.patchable().map_err(unsupported)?;
        let pins = Pins::read(&subject.view)?;
        let candidates = candidates::find(database, &suites.suites, &pins);
        let ids = ids::find(&self.archive, &self.cache_dir, &candidates, job)?;
        let patching = Patching {
            archive: &self.archive,
            view: &subject.view,
            database,
            job,
        };
        let selected = patching.select(&candidates)?;
        Ok(PatchPlan {
            os: system.to_report(),
            upgrades: selected.changes(&ids),
            kept_back: selected.kept_back,
            notes: notes_of(suites, database),
            sources: suites.suites.iter().map(index_source).collect(),
        })
    }
}

fn unsupported(why: String) -> PatchError {
    PatchError::Unsupported {
        what: "this image".into(),
        why,
    }
}

fn announce(system: &crate::system::System, database: &crate::dpkg::Database, job: &Job) {
    let (family, name) = (&system.family, &system.name);
    job.say(&format!(
        "Detected OS family=\"{family}\" version=\"{name}\""
    ));
    let count = database.present().count();
    job.say(&format!("Detecting vulnerabilities in {count} packages..."));
    if let (true, Some(last_day)) = (system.end_of_life, system.last_day) {
        job.say(&format!(
            "The operating system {family} {name} appears to be End-Of-Support-Life. \
             (EOL date: {last_day}) Patching may fail, as its archive gets no more updates."
        ));
    }
}

fn say_result(report: &TrivyReport, job: &Job) {
    let total = report.fixable_count();
    job.say(&format!(
        "Total: {total} (UNKNOWN: {total}) with a fix; unfixed vulnerabilities are not listed"
    ));
}

fn notes_of(suites: &Suites, database: &crate::dpkg::Database) -> Vec<String> {
    let mut notes = suites.notes.clone();
    for skipped in &suites.skipped {
        notes.push(format!(
            "not patched from {}: {}",
            skipped.source, skipped.why
        ));
    }
    let foreign = database
        .present()
        .filter(|package| !database.is_native(package))
        .count();
    if foreign > 0 {
        let native = &database.architecture;
        notes.push(format!(
            "{foreign} packages of other architectures than {native} are left as they are"
        ));
    }
    notes
}
