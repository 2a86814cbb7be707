//! One sample image, from a recipe and the archive's suites.
use super::SampleSink;
use super::closure::{Choice, Chosen};
use super::image::{self, StoredLayer};
use super::layer::{LayerBuilder, Tree};
use super::recipe::{Contents, Recipe};
use super::unpack::{Unpacked, unpack};
use super::{records, setup};
use crate::archive::{Archive, Suite, Suites};
use crate::{Job, PatchError};
use std::collections::BTreeMap;

/// Makes images of one release.
pub(super) struct Assembler<'a> {
    pub archive: &'a Archive,
    pub suites: &'a Suites,
    pub architecture: &'a str,
    pub sink: &'a dyn SampleSink,
    pub job: &'a Job<'a>,
}

/// The layers so far, and what they hold.
#[derive(Clone, Default)]
struct State {
    tree: Tree,
    packages: Vec<Unpacked>,
    layers: Vec<StoredLayer>,
}

/// First layers by their list of packages: images of one release share them.
#[derive(Default)]
pub(super) struct Bases(BTreeMap<String, State>);

impl Assembler<'_> {
    /// Stores all of the image but its tags, and returns the manifest.
    pub fn assemble(&self, recipe: &Recipe, bases: &mut Bases) -> Result<Vec<u8>, PatchError> {
        let release = self.published(recipe)?;
        match &recipe.contents {
            Contents::System {
                layers,
                updated,
                command,
            } => {
                let suites = if *updated {
                    self.suites.suites.iter().collect()
                } else {
                    vec![release]
                };
                let choice = Choice::new(suites, self.architecture);
                let state = self.system(recipe, layers, &choice, bases)?;
                self.manifest(&state, command, release)
            }
            Contents::Distroless { packages, command } => {
                let choice = Choice::new(vec![release], self.architecture);
                let state = self.distroless(packages, &choice, release)?;
                self.manifest(&state, command, release)
            }
        }
    }

    /// The suite of the release as it was published.
    fn published(&self, recipe: &Recipe) -> Result<&Suite, PatchError> {
        let codename = recipe.release.codename;
        self.suites
            .suites
            .iter()
            .find(|suite| suite.label == codename)
            .ok_or_else(|| PatchError::Unsupported {
                what: format!("{}:{}", recipe.repository, recipe.tags[0]),
                why: format!("the archive has no suite {codename}"),
            })
    }

    fn system(
        &self,
        recipe: &Recipe,
        layers: &[&[&str]],
        choice: &Choice,
        bases: &mut Bases,
    ) -> Result<State, PatchError> {
        let mut chosen = BTreeMap::new();
        let mut state = State::default();
        for (at, wanted) in layers.iter().enumerate() {
            let before: Vec<String> = chosen.keys().cloned().collect();
            if at == 0 {
                let essential: Vec<&str> = choice.essential().iter().map(String::as_str).collect();
                // The wanted ones first: they may be alternatives of what is essential.
                choice.add(wanted, &mut chosen)?;
                choice.add(&essential, &mut chosen)?;
            } else {
                choice.add(wanted, &mut chosen)?;
            }
            let added: Vec<&Chosen> = chosen
                .values()
                .filter(|package| !before.contains(&package.stanza.package))
                .collect();
            let key = format!("{:?} {}", recipe.release, described(&added));
            if let Some(base) = bases.0.get(&key).filter(|_| at == 0) {
                state = base.clone();
                continue;
            }
            self.add_layer(recipe, &added, &mut state)?;
            if at == 0 {
                bases.0.insert(key, state.clone());
            }
        }
        Ok(state)
    }

    fn add_layer(
        &self,
        recipe: &Recipe,
        added: &[&Chosen],
        state: &mut State,
    ) -> Result<(), PatchError> {
        let first_new = state.packages.len();
        let time = self.time(added);
        let writing = || PatchError::io("writing a sample's layer");
        let mut layer = LayerBuilder::new(&mut state.tree, time).map_err(writing())?;
        if first_new == 0 && recipe.release.merged_usr {
            for (link, target) in merged_folders(self.architecture) {
                layer.link_top(link, target).map_err(writing())?;
            }
        }
        state.packages.extend(self.unpack_all(added, &mut layer)?);
        if first_new == 0 {
            setup::base(&mut layer, &state.packages, &self.suites.sources).map_err(writing())?;
        } else {
            setup::upper(&mut layer, &state.packages).map_err(writing())?;
        }
        records::write(&mut layer, &state.packages, first_new).map_err(writing())?;
        let layer = layer.finish().map_err(writing())?;
        state
            .layers
            .push(image::store_layer(self.sink, layer, made_by(added))?);
        Ok(())
    }

    fn distroless(
        &self,
        packages: &[&str],
        choice: &Choice,
        release: &Suite,
    ) -> Result<State, PatchError> {
        let mut state = State::default();
        let missing = |name: &str| PatchError::Unsupported {
            what: format!("the package {name}"),
            why: format!("{} does not offer it", release.label),
        };
        let chosen: Vec<Chosen> = packages
            .iter()
            .map(|name| choice.find(name).ok_or_else(|| missing(name)))
            .collect::<Result<_, _>>()?;
        let chosen: Vec<&Chosen> = chosen.iter().collect();
        let writing = || PatchError::io("writing a sample's layer");
        let mut layer = LayerBuilder::new(&mut state.tree, self.time(&chosen)).map_err(writing())?;
        state.packages = self.unpack_all(&chosen, &mut layer)?;
        setup::distroless(&mut layer).map_err(writing())?;
        setup::apt_sources(&mut layer, &self.suites.sources).map_err(writing())?;
        records::write_status_d(&mut layer, &state.packages).map_err(writing())?;
        let layer = layer.finish().map_err(writing())?;
        state
            .layers
            .push(image::store_layer(self.sink, layer, made_by(&chosen))?);
        Ok(state)
    }

    /// `base-files` first: it decides on the attributes of the folders that all share.
    fn unpack_all(
        &self,
        chosen: &[&Chosen],
        layer: &mut LayerBuilder,
    ) -> Result<Vec<Unpacked>, PatchError> {
        let mut ordered = chosen.to_vec();
        ordered.sort_by_key(|package| package.stanza.package != "base-files");
        let mut unpacked = Vec::new();
        for package in ordered {
            let path = self
                .archive
                .fetch_deb(package.suite, &package.stanza, self.job)?;
            unpacked.push(unpack(&path, layer, self.job)?);
        }
        Ok(unpacked)
    }

    fn manifest(
        &self,
        state: &State,
        command: &[&str],
        release: &Suite,
    ) -> Result<Vec<u8>, PatchError> {
        let date = release.release.date;
        image::manifest(self.sink, &state.layers, self.architecture, command, date)
    }

    /// Of the newest suite that a package comes from: the same archive gives the same layer.
    fn time(&self, chosen: &[&Chosen]) -> u64 {
        let dates = chosen
            .iter()
            .map(|package| package.suite.release.date.timestamp());
        u64::try_from(dates.max().unwrap_or_default()).unwrap_or_default()
    }
}

fn merged_folders(architecture: &str) -> Vec<(&'static str, &'static str)> {
    let mut folders = vec![("bin", "usr/bin"), ("lib", "usr/lib"), ("sbin", "usr/sbin")];
    if architecture == "amd64" {
        folders.push(("lib64", "usr/lib64"));
    }
    folders
}

fn described(chosen: &[&Chosen]) -> String {
    let packages: Vec<String> = chosen
        .iter()
        .map(|package| format!("{}={}", package.stanza.package, package.stanza.version))
        .collect();
    packages.join(" ")
}

fn made_by(chosen: &[&Chosen]) -> String {
    format!("drydock samples: unpack {}", described(chosen))
}
