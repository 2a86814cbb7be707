//! Which candidates can be upgraded together without installing or removing any package, and
//! without breaking a relation that held before.
use crate::archive::PackageStanza;
use crate::dpkg::{Database, Installed};
use crate::plan::Candidate;
use crate::relation::{self, Relation};
use std::collections::{BTreeMap, HashMap};

/// Package and architecture.
pub type Name = (String, String);

/// Why each candidate that cannot be upgraded cannot. `refused` are those that must stay
/// whatever the others do; what they drag along is found here.
pub fn keep_back(
    database: &Database,
    candidates: &[Candidate<'_>],
    refused: &BTreeMap<Name, String>,
) -> BTreeMap<Name, String> {
    let mut world = World::new(database, candidates);
    let mut kept = refused.clone();
    for member in &mut world.members {
        member.upgraded = member.new.is_some() && !kept.contains_key(&member.name);
    }
    // Each round keeps one package back, so the rounds end.
    while let Some((member, reason)) = world.find_problem() {
        world.members[member].upgraded = false;
        kept.insert(world.members[member].name.clone(), reason);
    }
    kept
}

/// The name of a package in the database.
pub fn name_of(installed: &Installed) -> Name {
    (installed.package.clone(), installed.architecture.clone())
}

struct World {
    members: Vec<Member>,
    /// Members by their own names and by what they provide, now or once upgraded.
    by_name: HashMap<String, Vec<usize>>,
}

struct Member {
    name: Name,
    old: Facts,
    new: Option<Facts>,
    upgraded: bool,
}

struct Facts {
    version: String,
    /// Depends and Pre-Depends.
    needs: Vec<Vec<Relation>>,
    /// Conflicts and Breaks.
    refuses: Vec<Relation>,
    provides: Vec<Relation>,
}

impl Facts {
    fn of_installed(installed: &Installed, architecture: &str) -> Self {
        let field = |name| installed.stanza.get(name).unwrap_or_default();
        Self::new(
            &installed.version,
            [field("Depends"), field("Pre-Depends")],
            [field("Conflicts"), field("Breaks")],
            field("Provides"),
            architecture,
        )
    }

    fn of_offer(offer: &PackageStanza, architecture: &str) -> Self {
        Self::new(
            &offer.version,
            [&offer.depends, &offer.pre_depends],
            [&offer.conflicts, &offer.breaks],
            &offer.provides,
            architecture,
        )
    }

    fn new(
        version: &str,
        needs: [&str; 2],
        refuses: [&str; 2],
        provides: &str,
        architecture: &str,
    ) -> Self {
        let parse = |field: &str| relation::parse(field, architecture);
        Self {
            version: version.to_owned(),
            needs: needs.iter().flat_map(|field| parse(field)).collect(),
            refuses: refuses
                .iter()
                .flat_map(|field| parse(field))
                .flatten()
                .collect(),
            provides: parse(provides).into_iter().flatten().collect(),
        }
    }

    /// Is it what the relation asks for, by its own name or by what it provides?
    fn answers(&self, package: &str, relation: &Relation) -> bool {
        if package == relation.package {
            return relation.admits(&self.version);
        }
        self.provides
            .iter()
            .filter(|provided| provided.package == relation.package)
            .any(|provided| match (&relation.bound, &provided.bound) {
                (None, _) => true,
                (Some(_), Some((_, version))) => relation.admits(version),
                (Some(_), None) => false,
            })
    }
}

impl Member {
    fn facts(&self) -> &Facts {
        match &self.new {
            Some(new) if self.upgraded => new,
            _ => &self.old,
        }
    }
}

impl World {
    fn new(database: &Database, candidates: &[Candidate<'_>]) -> Self {
        let offers: HashMap<Name, &PackageStanza> = candidates
            .iter()
            .map(|one| (name_of(one.installed), &one.offer))
            .collect();
        let architecture = &database.architecture;
        let mut members = Vec::new();
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for installed in database.present() {
            let name = name_of(installed);
            let old = Facts::of_installed(installed, architecture);
            let new = offers
                .get(&name)
                .map(|offer| Facts::of_offer(offer, architecture));
            let provided = old
                .provides
                .iter()
                .chain(new.iter().flat_map(|facts| &facts.provides));
            for alias in provided.map(|provided| &provided.package).chain([&name.0]) {
                let place = by_name.entry(alias.clone()).or_default();
                if place.last() != Some(&members.len()) {
                    place.push(members.len());
                }
            }
            members.push(Member {
                name,
                old,
                new,
                upgraded: false,
            });
        }
        Self { members, by_name }
    }

    fn named(&self, package: &str) -> impl Iterator<Item = usize> {
        self.by_name.get(package).into_iter().flatten().copied()
    }

    /// The first broken relation: which upgrade to give up, and why.
    fn find_problem(&self) -> Option<(usize, String)> {
        (0..self.members.len()).find_map(|at| self.unmet_need(at).or_else(|| self.new_conflict(at)))
    }

    fn unmet_need(&self, at: usize) -> Option<(usize, String)> {
        let member = &self.members[at];
        for clause in &member.facts().needs {
            if self.is_met(clause, Member::facts) || self.was_unmet(member, clause) {
                continue;
            }
            if member.upgraded {
                return Some((at, self.describe_need(clause)));
            }
            let culprit = clause.iter().flat_map(|one| self.named(&one.package));
            let culprit = culprit
                .into_iter()
                .find(|other| self.members[*other].upgraded);
            if let Some(culprit) = culprit {
                let (package, version) = (&member.name.0, &member.old.version);
                return Some((culprit, format!("{package} {version} needs it as it is")));
            }
        }
        None
    }

    fn is_met(&self, clause: &[Relation], facts: impl Fn(&Member) -> &Facts) -> bool {
        clause.iter().any(|relation| {
            self.named(&relation.package)
                .map(|other| &self.members[other])
                .any(|other| facts(other).answers(&other.name.0, relation))
        })
    }

    /// A need that was not met before either, as distroless images have many, is none of ours.
    fn was_unmet(&self, member: &Member, clause: &[Relation]) -> bool {
        let names = |clause: &[Relation]| -> Vec<String> {
            clause
                .iter()
                .map(|relation| relation.package.clone())
                .collect()
        };
        let wanted = names(clause);
        member
            .old
            .needs
            .iter()
            .any(|before| names(before) == wanted && !self.is_met(before, |one| &one.old))
    }

    fn new_conflict(&self, at: usize) -> Option<(usize, String)> {
        let member = &self.members[at];
        for relation in &member.facts().refuses {
            for other_at in self.named(&relation.package).filter(|other| *other != at) {
                let other = &self.members[other_at];
                let same_package = other.name.0 == member.name.0;
                if same_package || !other.facts().answers(&other.name.0, relation) {
                    continue;
                }
                let stood_before = member.old.refuses.iter().any(|before| {
                    before.package == relation.package && other.old.answers(&other.name.0, before)
                });
                match (stood_before, member.upgraded, other.upgraded) {
                    (true, _, _) | (false, false, false) => {}
                    (false, true, _) => {
                        let (package, version) = (&other.name.0, &other.facts().version);
                        return Some((at, format!("it does not go with {package} {version}")));
                    }
                    (false, false, true) => {
                        let (package, version) = (&member.name.0, &member.old.version);
                        return Some((
                            other_at,
                            format!("{package} {version} does not go with it"),
                        ));
                    }
                }
            }
        }
        None
    }

    fn describe_need(&self, clause: &[Relation]) -> String {
        let wanted: Vec<String> = clause.iter().map(describe).collect();
        let wanted = wanted.join(" or ");
        let present = clause
            .iter()
            .flat_map(|one| self.named(&one.package))
            .next();
        match present {
            Some(other) => {
                let other = &self.members[other];
                format!(
                    "it needs {wanted}, and {} stays at {}",
                    other.name.0,
                    other.facts().version
                )
            }
            None => format!("it needs {wanted}, which the image does not have"),
        }
    }
}

fn describe(relation: &Relation) -> String {
    use relation::Operator::{Earlier, EarlierOrEqual, Equal, Later, LaterOrEqual};
    let Some((operator, version)) = &relation.bound else {
        return relation.package.clone();
    };
    let operator = match operator {
        Earlier => "<<",
        EarlierOrEqual => "<=",
        Equal => "=",
        LaterOrEqual => ">=",
        Later => ">>",
    };
    format!("{} ({operator} {version})", relation.package)
}
