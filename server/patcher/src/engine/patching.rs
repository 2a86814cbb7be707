//! One patch from its start to its proof.
use super::{Engine, PatchOutcome, announce, notes_of, say_result, standing};
use crate::apply::{self, Upgrade, document};
use crate::archive::Archive;
use crate::archive::deb::Deb;
use crate::dpkg::{Database, Pins};
use crate::image::ImageView;
use crate::image::manifest::sha256;
use crate::plan::closure::{Name, keep_back, name_of};
use crate::plan::{Candidate, candidates, index_source, scripts};
use crate::scan::ids::{IdsBySource, in_parallel};
use crate::scan::{Subject, findings, ids};
use crate::trivy::TrivyReport;
use crate::{BlobStore, Job, PatchError};
use drydock_domain::patch_report::{ImageReference, KeptBack, PackageChange, PatchReport};
use std::collections::BTreeMap;

/// Packages fetched at the same time.
const FETCHES: usize = 4;

pub fn patch(
    engine: &Engine,
    store: &dyn BlobStore,
    manifest: &[u8],
    origin: ImageReference,
    to_tag: &str,
    job: &Job<'_>,
) -> Result<PatchOutcome, PatchError> {
    let artifact_name = format!("{}:{}", origin.repository, origin.tag);
    let subject = Subject::read(store, manifest, &engine.limits, &engine.cache_dir, job)?;
    let (system, database) = match subject.patchable() {
        Ok(known) => known,
        Err(why) => {
            job.say(&format!(
                "No packages of an operating system to patch: {why}."
            ));
            let report = subject.report(&artifact_name, Vec::new(), job);
            return Ok(left_as_it_is(report, Vec::new()));
        }
    };
    announce(system, database, job);
    let suites = engine.suites(&subject, job)?;
    let pins = Pins::read(&subject.view)?;
    let candidates = candidates::find(database, &suites.suites, &pins);
    let ids = ids::find(&engine.archive, &engine.cache_dir, &candidates, job)?;
    let before = subject.report(
        &artifact_name,
        findings::of_candidates(system, &candidates, &ids),
        job,
    );
    say_result(&before, job);

    let patching = Patching {
        archive: &engine.archive,
        view: &subject.view,
        database,
        job,
    };
    let selected = patching.select(&candidates)?;
    selected.say(job);
    if selected.upgrades.is_empty() {
        job.say("No upgradable packages found for this image.");
        if before.fixable_count() == 0 {
            job.say("Image is already up-to-date. No patch was applied.");
        }
        return Ok(left_as_it_is(before, selected.kept_back));
    }
    let changes = selected.changes(&ids);
    let mut notes = notes_of(&suites, database);
    job.say(&format!(
        "Building patched image: unpacking {} packages...",
        changes.len()
    ));
    let upgrades: Vec<Upgrade<'_>> = selected
        .upgrades
        .into_iter()
        .map(|one| one.upgrade)
        .collect();
    let layer = apply::make_layer(
        &subject.view,
        database,
        &upgrades,
        store,
        &engine.cache_dir,
        &mut notes,
        job,
    )?;
    job.say(&format!(
        "New layer {}: {} entries, {} bytes compressed",
        layer.blob.digest, layer.entries, layer.blob.size_bytes
    ));
    let config = document::put_config(
        subject.config.clone(),
        &subject.manifest,
        &layer,
        &changes,
        store,
        job.now,
    )?;
    let bytes = document::manifest(&subject.manifest, &config, &layer, &origin, to_tag, job.now);
    let digest = sha256(&bytes);
    let os = system.to_report();
    let sources = suites.suites.iter().map(index_source).collect();
    let media_type = subject.manifest.media_type().to_owned();
    let kept_back = selected.kept_back;
    drop(upgrades);

    let patched_name = format!("{}:{to_tag}", origin.repository);
    let proof = Proof {
        engine,
        suites: &suites.suites,
        changes: &changes,
    };
    let scan = proof.give(subject, store, &bytes, &patched_name, job)?;
    say_summary(&before, &changes, job);
    let report = PatchReport {
        patched: ImageReference {
            repository: origin.repository.clone(),
            tag: to_tag.to_owned(),
            digest: digest.clone(),
        },
        origin,
        created_at: Some(job.now),
        tool: document::TOOL.into(),
        os,
        vulnerabilities_before: before.fixable_count(),
        vulnerabilities_after: scan.fixable_count(),
        upgraded: changes,
        kept_back,
        notes,
        sources,
    };
    Ok(PatchOutcome::Patched {
        manifest: bytes,
        media_type,
        digest,
        report,
        scan,
    })
}

fn say_summary(before: &TrivyReport, changes: &[PackageChange], job: &Job<'_>) {
    let total = before.fixable_count();
    let is_patched = |package: &str| changes.iter().any(|change| change.package == package);
    let patched = before
        .vulnerabilities()
        .filter(|one| is_patched(&one.package_name))
        .count();
    let skipped = total as usize - patched;
    job.say(&format!(
        "Patch Summary: {total} total, {patched} patched, {skipped} skipped"
    ));
}

/// Choosing what to upgrade.
pub struct Patching<'a> {
    pub archive: &'a Archive,
    pub view: &'a ImageView<'a>,
    pub database: &'a Database,
    pub job: &'a Job<'a>,
}

/// What is upgraded, with its packages fetched, and what is not.
pub struct Selected<'a> {
    pub upgrades: Vec<Chosen<'a>>,
    pub kept_back: Vec<KeptBack>,
}

pub struct Chosen<'a> {
    pub upgrade: Upgrade<'a>,
    candidate: Candidate<'a>,
}

impl<'a> Patching<'a> {
    /// The largest set of candidates that goes together. Scripts are looked at once the
    /// packages are here; what they rule out may rule out more.
    pub fn select(&self, candidates: &[Candidate<'a>]) -> Result<Selected<'a>, PatchError> {
        let mut refused: BTreeMap<Name, String> = candidates
            .iter()
            .filter_map(|one| Some((name_of(one.installed), one.refusal.clone()?)))
            .collect();
        loop {
            let kept = keep_back(self.database, candidates, &refused);
            let chosen: Vec<&Candidate<'a>> = candidates
                .iter()
                .filter(|one| !kept.contains_key(&name_of(one.installed)))
                .collect();
            let debs = self.fetch(&chosen)?;
            let known = refused.len();
            for (candidate, deb) in chosen.iter().zip(&debs) {
                if let Some(reason) = scripts::refusal(self.view, candidate.installed, deb)? {
                    refused.insert(name_of(candidate.installed), reason);
                }
            }
            if refused.len() == known {
                let upgrades = chosen.into_iter().zip(debs).map(|(candidate, deb)| Chosen {
                    upgrade: Upgrade {
                        installed: candidate.installed,
                        deb,
                    },
                    candidate: candidate.clone(),
                });
                return Ok(Selected {
                    upgrades: upgrades.collect(),
                    kept_back: kept_back(candidates, &kept),
                });
            }
        }
    }

    fn fetch(&self, chosen: &[&Candidate<'a>]) -> Result<Vec<Deb>, PatchError> {
        in_parallel(FETCHES, chosen, |candidate| {
            self.job.check()?;
            let path = self
                .archive
                .fetch_deb(candidate.suite, &candidate.offer, self.job)?;
            let deb = Deb::open(&path)?;
            // The index and the package must speak of the same thing.
            let stated = (deb.control().get("Package"), deb.control().get("Version"));
            if stated
                != (
                    Some(&candidate.offer.package),
                    Some(&candidate.offer.version),
                )
            {
                let what = format!("package {}", candidate.offer.filename);
                let why = format!(
                    "its control file says {} {}",
                    stated.0.unwrap_or("?"),
                    stated.1.unwrap_or("?")
                );
                return Err(PatchError::Corrupt { what, why });
            }
            Ok(deb)
        })
    }
}

fn kept_back(candidates: &[Candidate<'_>], kept: &BTreeMap<Name, String>) -> Vec<KeptBack> {
    let describe = |candidate: &Candidate<'_>| {
        Some(KeptBack {
            package: candidate.installed.package.clone(),
            installed: candidate.installed.version.clone(),
            candidate: candidate.offer.version.clone(),
            reason: kept.get(&name_of(candidate.installed))?.clone(),
        })
    };
    candidates.iter().filter_map(describe).collect()
}

impl Selected<'_> {
    pub fn changes(&self, ids: &IdsBySource) -> Vec<PackageChange> {
        let describe = |chosen: &Chosen<'_>| {
            let Candidate {
                installed,
                offer,
                suite,
                ..
            } = &chosen.candidate;
            PackageChange {
                package: installed.package.clone(),
                source: offer.source.clone(),
                architecture: installed.architecture.clone(),
                old: installed.version.clone(),
                new: offer.version.clone(),
                suite: suite.label.clone(),
                ids: ids.of(&chosen.candidate).to_vec(),
                size_bytes: offer.size_bytes,
            }
        };
        self.upgrades.iter().map(describe).collect()
    }

    fn say(&self, job: &Job<'_>) {
        for Chosen {
            candidate:
                Candidate {
                    installed,
                    offer,
                    suite,
                    ..
                },
            ..
        } in &self.upgrades
        {
            let (package, old, new) = (&installed.package, &installed.version, &offer.version);
            job.say(&format!(
                "Upgrading {package} {old} -> {new} ({})",
                suite.label
            ));
        }
        for kept in &self.kept_back {
            job.say(&format!(
                "Keeping {} at {} (not {}): {}",
                kept.package, kept.installed, kept.candidate, kept.reason
            ));
        }
    }
}

fn left_as_it_is(report: TrivyReport, kept_back: Vec<KeptBack>) -> PatchOutcome {
    PatchOutcome::UpToDate {
        standing: standing::sentence(&report, &kept_back),
        report,
        kept_back,
    }
}

/// That the patched image is what was planned, read from its own blobs.
struct Proof<'a> {
    engine: &'a Engine,
    suites: &'a [crate::archive::Suite],
    changes: &'a [PackageChange],
}

impl Proof<'_> {
    fn give(
        &self,
        subject: Subject<'_>,
        store: &dyn BlobStore,
        manifest: &[u8],
        artifact_name: &str,
        job: &Job<'_>,
    ) -> Result<TrivyReport, PatchError> {
        job.say("Scanning the patched image...");
        let engine = self.engine;
        let patched =
            subject.succeeded_by(store, manifest, &engine.limits, &engine.cache_dir, job)?;
        let (system, database) = patched.patchable().map_err(|why| PatchError::Corrupt {
            what: "the patched image".into(),
            why,
        })?;
        for change in self.changes {
            validate(database, change, job)?;
        }
        let candidates = candidates::find(database, self.suites, &Pins::default());
        let ids = ids::find(&engine.archive, &engine.cache_dir, &candidates, job)?;
        let report = patched.report(
            artifact_name,
            findings::of_candidates(system, &candidates, &ids),
            job,
        );
        say_result(&report, job);
        Ok(report)
    }
}

fn validate(database: &Database, change: &PackageChange, job: &Job<'_>) -> Result<(), PatchError> {
    let (package, planned) = (&change.package, &change.new);
    let failure = |found: String| PatchError::NotAtPlannedVersion {
        package: package.clone(),
        planned: planned.clone(),
        found,
    };
    let Some(installed) = database.find(package) else {
        return Err(failure("it is not installed".into()));
    };
    if installed.version != *planned {
        return Err(failure(format!("it is at {}", installed.version)));
    }
    job.say(&format!(
        "Validated package {package} version {planned} meets requested version {planned}"
    ));
    Ok(())
}
