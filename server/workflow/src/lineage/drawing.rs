//! A repository's lineage as a graph, with what the runs and earlier looks tell of it.
use crate::{Answer, Caller, Workflow};
use chrono::{DateTime, TimeDelta, Utc};
use drydock_domain::access::Operation;
use drydock_domain::lineage::{
    GraphFacts, LineageDrawing, LineageNode, RepositoryLineage, Sighting, graph,
};
use drydock_domain::run::{ImageEnding, RunTree};
use std::collections::BTreeMap;

/// A registry's clock and the task service's need not agree to the second.
const CLOCKS_APART: TimeDelta = TimeDelta::minutes(1);

impl Workflow {
    /// A repository's lineage with its graph. What the tags point to is remembered, so that the
    /// history of a tag that moves can be told later.
    pub async fn draw_lineage(
        &self,
        caller: &Caller,
        registry: &str,
        repository: &str,
    ) -> Answer<LineageDrawing> {
        caller.authorise(Operation::Read)?;
        let room = self.room(caller, registry).await?;
        caller.require_repository(&room.registry.name, repository)?;
        let (lineage, trees) = tokio::try_join!(
            self.get_lineage(caller, registry, repository),
            self.trees(&room)
        )?;
        let now = self.inner.clock.now();
        let seen = self.inner.sightings.add(&room.registry.name, &lineage, now);
        let mut facts = GraphFacts {
            runs: makers(&lineage, &trees),
            sightings: seen.await?,
        };
        facts.sightings.extend(reported(&lineage));
        Ok(LineageDrawing {
            graph: graph(&lineage, &facts),
            lineage,
            as_of: now,
        })
    }
}

fn nodes(lineage: &RepositoryLineage) -> impl Iterator<Item = &LineageNode> {
    let images = lineage.images.iter();
    images.flat_map(|image| image.node.iter().chain(&image.patches))
}

/// What patch reports say of the tag that they were pushed under.
fn reported(lineage: &RepositoryLineage) -> impl Iterator<Item = (String, Sighting)> {
    let reports = nodes(lineage).filter_map(|node| node.report.as_ref());
    reports
        .filter(|report| !report.patched.tag.is_empty() && !report.patched.digest.is_empty())
        .map(|report| {
            let sighting = Sighting {
                digest: report.patched.digest.clone(),
                at: report.created_at,
            };
            (report.patched.tag.clone(), sighting)
        })
}

/// Patch and scan runs by the digest that they made: the run that pushed a tag, where the tag was
/// pushed while it ran.
fn makers(
    lineage: &RepositoryLineage,
    trees: &[RunTree],
) -> BTreeMap<String, (String, Option<String>)> {
    let images = trees.iter().flat_map(|tree| &tree.images);
    let patched = images.filter(|image| {
        image.repository == lineage.repository && image.ending == Some(ImageEnding::Patched)
    });
    let mut makers = BTreeMap::new();
    for image in patched {
        let Some(run) = &image.patch else { continue };
        let ended = run
            .finished_at
            .unwrap_or(DateTime::<Utc>::MAX_UTC - CLOCKS_APART);
        let ran = run.created_at - CLOCKS_APART..=ended + CLOCKS_APART;
        let made = nodes(lineage).find(|node| {
            let pushed = node.updated_at.or(node.created_at);
            node.tag == image.next && pushed.is_some_and(|at| ran.contains(&at))
        });
        if let Some(node) = made {
            let scan = image.scan.as_ref().map(|scan| scan.id.clone());
            makers.insert(node.digest.clone(), (run.id.clone(), scan));
        }
    }
    makers
}
