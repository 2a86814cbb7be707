//! Which packages a set of packages needs: their dependencies, by the first alternative that
//! can be had. Enough for one consistent suite; there is no search for other solutions.
use crate::PatchError;
use crate::archive::{PackageStanza, Suite};
use crate::relation::{self, Relation};
use crate::version;
use std::collections::{BTreeMap, VecDeque};

/// The packages that can be had for one architecture.
pub(super) struct Choice<'a> {
    suites: Vec<&'a Suite>,
    architecture: &'a str,
    /// Names of the packages that provide a name.
    providers: BTreeMap<String, Vec<String>>,
    essential: Vec<String>,
}

/// A chosen package and the suite it comes from.
#[derive(Clone)]
pub(super) struct Chosen<'a> {
    pub suite: &'a Suite,
    pub stanza: PackageStanza,
}

impl<'a> Choice<'a> {
    pub fn new(suites: Vec<&'a Suite>, architecture: &'a str) -> Self {
        let mut providers: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut essential = Vec::new();
        for stanza in suites.iter().flat_map(|suite| suite.index.iter()) {
            for relation in relation::parse(&stanza.provides, architecture)
                .into_iter()
                .flatten()
            {
                let names = providers.entry(relation.package).or_default();
                if !names.contains(&stanza.package) {
                    names.push(stanza.package.clone());
                }
            }
            if stanza.essential && !essential.contains(&stanza.package) {
                essential.push(stanza.package);
            }
        }
        Self {
            suites,
            architecture,
            providers,
            essential,
        }
    }

    pub fn essential(&self) -> &[String] {
        &self.essential
    }

    /// The newest version that is offered.
    pub fn find(&self, package: &str) -> Option<Chosen<'a>> {
        let fits = |stanza: &PackageStanza| {
            stanza.architecture == self.architecture || stanza.architecture == "all"
        };
        self.suites
            .iter()
            .flat_map(|suite| {
                suite
                    .index
                    .find(package)
                    .filter(fits)
                    .map(|stanza| Chosen { suite, stanza })
            })
            .max_by(|a, b| version::compare(&a.stanza.version, &b.stanza.version))
    }

    /// Adds the wanted packages and all that they depend on to `chosen`.
    pub fn add(
        &self,
        wanted: &[&str],
        chosen: &mut BTreeMap<String, Chosen<'a>>,
    ) -> Result<(), PatchError> {
        let mut queue = VecDeque::new();
        for name in wanted {
            let found = self
                .find(name)
                .ok_or_else(|| missing(name, "a sample image"))?;
            if chosen.insert((*name).to_owned(), found.clone()).is_none() {
                queue.push_back(found);
            }
        }
        while let Some(package) = queue.pop_front() {
            for field in [&package.stanza.pre_depends, &package.stanza.depends] {
                for clause in relation::parse(field, self.architecture) {
                    if clause
                        .iter()
                        .any(|relation| is_met(relation, chosen, self.architecture))
                    {
                        continue;
                    }
                    let found = self
                        .resolve(&clause)
                        .ok_or_else(|| missing(&clause[0].package, &package.stanza.package))?;
                    chosen.insert(found.stanza.package.clone(), found.clone());
                    queue.push_back(found);
                }
            }
        }
        Ok(())
    }

    fn resolve(&self, clause: &[Relation]) -> Option<Chosen<'a>> {
        let real = clause.iter().find_map(|relation| {
            self.find(&relation.package)
                .filter(|found| relation.admits(&found.stanza.version))
        });
        real.or_else(|| {
            clause
                .iter()
                .filter(|relation| relation.bound.is_none())
                .find_map(|relation| {
                    let names = self.providers.get(&relation.package)?;
                    // The one that a Debian system would have, else the first by name.
                    let offers = names.iter().filter_map(|name| self.find(name));
                    offers.min_by_key(|offer| {
                        (
                            priority_rank(&offer.stanza.priority),
                            offer.stanza.package.clone(),
                        )
                    })
                })
        })
    }
}

fn priority_rank(priority: &str) -> usize {
    const ORDER: [&str; 4] = ["required", "important", "standard", "optional"];
    ORDER
        .iter()
        .position(|one| *one == priority)
        .unwrap_or(ORDER.len())
}

fn is_met(relation: &Relation, chosen: &BTreeMap<String, Chosen>, architecture: &str) -> bool {
    let by_name = chosen
        .get(&relation.package)
        .is_some_and(|package| relation.admits(&package.stanza.version));
    by_name
        || chosen.values().any(|package| {
            relation::parse(&package.stanza.provides, architecture)
                .iter()
                .flatten()
                .any(|provided| {
                    let version = provided.bound.as_ref().map(|(_, version)| version);
                    provided.package == relation.package
                        && match (version, &relation.bound) {
                            (_, None) => true,
                            (Some(version), Some(_)) => relation.admits(version),
                            (None, Some(_)) => false,
                        }
                })
        })
}

fn missing(package: &str, needed_by: &str) -> PatchError {
    PatchError::Unsupported {
        what: format!("the package {package}, which {needed_by} needs,"),
        why: "the archive does not offer it".into(),
    }
}
