//! Sample images, assembled here from a signed archive without running anything of it.
mod assemble;
mod closure;
mod image;
mod layer;
#[cfg(test)]
mod live;
mod recipe;
mod records;
mod setup;
#[cfg(test)]
mod tests;
mod unpack;

use crate::archive::{Archive, Suites};
use crate::{BlobStore, Engine, Job, OsRelease, PatchError, toy};
use assemble::{Assembler, Bases};
use drydock_domain::console::{SampleImage, SampleProgress};
use recipe::{Recipe, ReleaseName};
use std::io;

/// A registry that takes the samples.
pub trait SampleSink: BlobStore {
    /// A tag that is there is left alone, whoever made it.
    fn has_tag(&self, repository: &str, tag: &str) -> io::Result<bool>;

    /// Stores the manifest, whose blobs are in the store, and tags it.
    fn put_manifest(
        &self,
        repository: &str,
        tag: &str,
        media_type: &str,
        manifest: &[u8],
    ) -> io::Result<()>;
}

/// Makes what is missing of the samples, from a Debian archive, or where none can be had,
/// from the toy archive in the archive's `toy_dir`. One image that fails leaves the others;
/// its state says why, and the next call tries again. `progress` hears of every step; the
/// last is returned too. Fails only where the job is cancelled.
pub fn assemble(
    engine: &Engine,
    sink: &dyn SampleSink,
    progress: &dyn Fn(&SampleProgress),
    job: &Job,
) -> Result<SampleProgress, PatchError> {
    assemble_from(engine.archive(), sink, progress, job)
}

fn assemble_from(
    archive: &Archive,
    sink: &dyn SampleSink,
    progress: &dyn Fn(&SampleProgress),
    job: &Job,
) -> Result<SampleProgress, PatchError> {
    let mut run = Run {
        archive,
        sink,
        progress,
        job,
        recipes: Vec::new(),
        state: SampleProgress::default(),
    };
    let architecture = machine_architecture();
    let debian = recipe::debian();
    run.begin(debian, "a signed Debian archive", false);
    if run.is_all_there() {
        return Ok(run.finish());
    }
    let Some(reached) = run.reach(architecture)? else {
        return Ok(run.finish());
    };
    if let Err(why) = reached {
        job.say(&format!("No Debian archive for the samples: {why}"));
        run.turn_to_toy(&why)?;
        run.make_all("amd64")?;
    } else {
        run.make_all(architecture)?;
    }
    Ok(run.finish())
}

/// The work on one set of recipes.
struct Run<'a> {
    archive: &'a Archive,
    sink: &'a dyn SampleSink,
    progress: &'a dyn Fn(&SampleProgress),
    job: &'a Job<'a>,
    recipes: Vec<Recipe>,
    state: SampleProgress,
}

const READY: &str = "ready";

impl Run<'_> {
    fn begin(&mut self, recipes: Vec<Recipe>, source: &str, toy: bool) {
        let images = recipes
            .iter()
            .flat_map(|recipe| recipe.tags.iter().map(|tag| (recipe.repository, *tag)))
            .map(|(repository, tag)| SampleImage {
                reference: format!("{repository}:{tag}"),
                state: match self.sink.has_tag(repository, tag) {
                    Ok(true) => READY.to_owned(),
                    _ => "waiting".to_owned(),
                },
            })
            .collect();
        self.recipes = recipes;
        self.state = SampleProgress {
            images,
            finished: false,
            source: source.to_owned(),
            toy,
        };
        self.tell();
    }

    fn tell(&self) {
        (self.progress)(&self.state);
    }

    fn set(&mut self, recipe: &Recipe, tag: &str, text: &str) {
        let reference = format!("{}:{tag}", recipe.repository);
        for image in &mut self.state.images {
            if image.reference == reference {
                text.clone_into(&mut image.state);
            }
        }
        self.tell();
    }

    fn is_all_there(&self) -> bool {
        self.state.images.iter().all(|image| image.state == READY)
    }

    fn is_any_there(&self) -> bool {
        self.state.images.iter().any(|image| image.state == READY)
    }

    /// Asks for the first release's suites. `None` where samples of a Debian archive are here
    /// already, so that the toy ones would only confuse: what is missing is marked.
    fn reach(&mut self, architecture: &str) -> Result<Option<Result<(), String>>, PatchError> {
        let release = self.recipes[0].release;
        match self.suites(release, architecture) {
            Ok(suites) => {
                let host = suites
                    .sources
                    .first()
                    .map(|source| host(&source.uri))
                    .unwrap_or_default();
                self.state.source = format!("the signed Debian archive at {host}");
                self.tell();
                Ok(Some(Ok(())))
            }
            Err(PatchError::Cancelled) => Err(PatchError::Cancelled),
            Err(error) if self.is_any_there() => {
                self.fail_waiting(&error.to_string());
                Ok(None)
            }
            Err(error) => Ok(Some(Err(error.to_string()))),
        }
    }

    fn turn_to_toy(&mut self, why: &str) -> Result<(), PatchError> {
        let Some(dir) = self.archive.config().toy_dir.clone() else {
            self.fail_waiting(why);
            self.recipes.clear();
            return Ok(());
        };
        let source = format!("the toy archive made on this machine, because {why}");
        self.begin(recipe::toy(), &source, true);
        toy::write_archive(&dir, self.job.now).or_else(|error| {
            self.fail_waiting(&error.to_string());
            self.recipes.clear();
            Ok(())
        })
    }

    fn fail_waiting(&mut self, why: &str) {
        for image in &mut self.state.images {
            if image.state != READY {
                image.state = format!("failed: {why}");
            }
        }
        self.tell();
    }

    fn make_all(&mut self, architecture: &str) -> Result<(), PatchError> {
        let mut bases = Bases::default();
        let mut loaded: Option<(ReleaseName, Suites)> = None;
        for recipe in self.recipes.clone() {
            self.job.check()?;
            let missing = self.missing_tags(&recipe);
            if missing.is_empty() {
                continue;
            }
            for tag in &missing {
                self.set(&recipe, tag, "assembling");
            }
            let is_loaded = loaded
                .as_ref()
                .is_some_and(|(release, _)| is_same(*release, recipe.release));
            let made = if is_loaded {
                Ok(())
            } else {
                self.suites(recipe.release, architecture)
                    .map(|suites| loaded = Some((recipe.release, suites)))
            };
            let made = made.and_then(|()| {
                let (_, suites) = loaded.as_ref().expect("they have just been loaded");
                self.make(&recipe, &missing, suites, architecture, &mut bases)
            });
            let text = match made {
                Ok(()) => READY.to_owned(),
                Err(PatchError::Cancelled) => return Err(PatchError::Cancelled),
                Err(error) => format!("failed: {error}"),
            };
            for tag in &missing {
                self.set(&recipe, tag, &text);
            }
        }
        Ok(())
    }

    fn missing_tags(&self, recipe: &Recipe) -> Vec<&'static str> {
        let is_missing =
            |tag: &&&str| !matches!(self.sink.has_tag(recipe.repository, tag), Ok(true));
        recipe.tags.iter().filter(is_missing).copied().collect()
    }

    fn make(
        &self,
        recipe: &Recipe,
        tags: &[&str],
        suites: &Suites,
        architecture: &str,
        bases: &mut Bases,
    ) -> Result<(), PatchError> {
        let assembler = Assembler {
            archive: self.archive,
            suites,
            architecture,
            sink: self.sink,
            job: self.job,
        };
        let manifest = assembler.assemble(recipe, bases)?;
        for tag in tags {
            let name = format!("{}:{tag}", recipe.repository);
            let failed = || PatchError::io(format!("tagging {name}"));
            // Somebody may have pushed it meanwhile.
            if !self
                .sink
                .has_tag(recipe.repository, tag)
                .map_err(failed())?
            {
                self.sink
                    .put_manifest(recipe.repository, tag, image::MANIFEST_TYPE, &manifest)
                    .map_err(failed())?;
            }
            self.job.say(&format!("Sample image {name} is ready."));
        }
        Ok(())
    }

    fn suites(&self, release: ReleaseName, architecture: &str) -> Result<Suites, PatchError> {
        let os = OsRelease {
            id: release.id.to_owned(),
            codename: release.codename.to_owned(),
            ..OsRelease::default()
        };
        let own = if release.id == toy::NAME {
            toy::apt_sources(release.codename)
        } else {
            Vec::new()
        };
        self.archive.suites_for(&own, &os, architecture, self.job)
    }

    fn finish(mut self) -> SampleProgress {
        self.state.finished = true;
        self.tell();
        self.state
    }
}

/// Whether two releases have the same suites.
fn is_same(a: ReleaseName, b: ReleaseName) -> bool {
    (a.id, a.codename) == (b.id, b.codename)
}

/// Debian's name of this machine's architecture.
fn machine_architecture() -> &'static str {
    match std::env::consts::ARCH {
        "aarch64" => "arm64",
        _ => "amd64",
    }
}

fn host(uri: &str) -> String {
    let rest = uri.split_once("//").map_or(uri, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest).to_owned()
}
