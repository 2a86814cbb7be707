//! A repository's lineage as a graph: nodes are digests, tags are labels that point to them.
use super::{Derivation, LineageNode, RepositoryLineage};
use crate::patch_report::{IndexSource, PatchReport};
use crate::tag::{TagKind, kind};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Nodes in the order of the lineage; edges from what was patched to what was made of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineageGraph {
    pub repository: String,
    pub nodes: Vec<GraphNode>,
    pub edges: Vec<GraphEdge>,
    /// Tags that have pointed to more than one digest, or that move by convention.
    pub pointers: Vec<Pointer>,
}

/// Content. It has no tag any more where a patch names an original that was pushed again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraphNode {
    pub digest: String,
    pub tags: Vec<String>,
    pub size_bytes: u64,
    pub platform: String,
    pub created_at: Option<DateTime<Utc>>,
}

/// A patch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraphEdge {
    pub from: String,
    pub to: String,
    pub derivation: Derivation,
    pub made: Making,
    pub packages_changed: usize,
    pub vulnerabilities_before: Option<u32>,
    pub vulnerabilities_after: Option<u32>,
}

/// Who made a patch, and out of what; everything that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Making {
    /// Runs of the patch task, and of the scan that asked for it.
    pub run: Option<String>,
    pub scan: Option<String>,
    /// `drydock 0.1.0`.
    pub tool: Option<String>,
    /// The signed indexes that the packages came from, with their dates.
    pub sources: Vec<IndexSource>,
    pub at: Option<DateTime<Utc>>,
}

/// A tag and where it has pointed, oldest first; the last one is where it points now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pointer {
    pub tag: String,
    pub is_floating: bool,
    pub history: Vec<Sighting>,
}

/// A tag was seen to point to a digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    pub digest: String,
    /// `None` for what is seen now, where nobody knows since when.
    pub at: Option<DateTime<Utc>>,
}

/// What the caller knows beyond the registry.
#[derive(Clone, Debug, Default)]
pub struct GraphFacts {
    /// Run and scan by the digest that they made.
    pub runs: BTreeMap<String, (String, Option<String>)>,
    /// Earlier sightings of tags, in any order.
    pub sightings: Vec<(String, Sighting)>,
}

/// Draws the graph. A patch without a report hangs on its original by name, as far as the
/// derivation goes; one whose original does not exist hangs on nothing.
pub fn graph(lineage: &RepositoryLineage, facts: &GraphFacts) -> LineageGraph {
    let mut drawing = Drawing {
        graph: LineageGraph {
            repository: lineage.repository.clone(),
            ..LineageGraph::default()
        },
        places: BTreeMap::new(),
    };
    for image in &lineage.images {
        for node in image.node.iter().chain(&image.patches) {
            drawing.tag(node);
        }
        for patch in &image.patches {
            let report = patch.report.as_ref();
            let named = report.map(|report| report.origin.digest.as_str());
            let original = image.node.as_ref().map(|node| node.digest.as_str());
            let from = named.filter(|digest| !digest.is_empty()).or(original);
            // Where the original's tag was moved onto the patch, they are one content.
            if let Some(from) = from.filter(|from| *from != patch.digest) {
                drawing.place(from);
                let edges = &mut drawing.graph.edges;
                let is_it = |edge: &GraphEdge| edge.from == from && edge.to == patch.digest;
                // Two tags of one content are one patch.
                if !edges.iter().any(is_it) {
                    edges.push(edge(from, patch, report, facts));
                }
            }
        }
    }
    drawing.graph.pointers = pointers(lineage, &facts.sightings);
    drawing.graph
}

struct Drawing {
    graph: LineageGraph,
    places: BTreeMap<String, usize>,
}

impl Drawing {
    fn place(&mut self, digest: &str) -> &mut GraphNode {
        let nodes = &mut self.graph.nodes;
        let index = *self.places.entry(digest.to_owned()).or_insert(nodes.len());
        if index == nodes.len() {
            nodes.push(GraphNode {
                digest: digest.to_owned(),
                ..GraphNode::default()
            });
        }
        &mut nodes[index]
    }

    fn tag(&mut self, node: &LineageNode) {
        let place = self.place(&node.digest);
        place.tags.push(node.tag.clone());
        place.size_bytes = node.size_bytes;
        place.platform.clone_from(&node.platform);
        place.created_at = node.created_at;
    }
}

fn edge(
    from: &str,
    patch: &LineageNode,
    report: Option<&PatchReport>,
    facts: &GraphFacts,
) -> GraphEdge {
    let run = facts.runs.get(&patch.digest);
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    GraphEdge {
        from: from.to_owned(),
        to: patch.digest.clone(),
        derivation: patch.derivation,
        made: Making {
            run: run.map(|(run, _)| run.clone()),
            scan: run.and_then(|(_, scan)| scan.clone()),
            tool: report.and_then(|report| text(&report.tool)),
            sources: report
                .map(|report| report.sources.clone())
                .unwrap_or_default(),
            at: report
                .and_then(|report| report.created_at)
                .or(patch.created_at),
        },
        packages_changed: report.map_or(0, |report| report.upgraded.len()),
        vulnerabilities_before: report.map(|report| report.vulnerabilities_before),
        vulnerabilities_after: report.map(|report| report.vulnerabilities_after),
    }
}

fn pointers(lineage: &RepositoryLineage, sightings: &[(String, Sighting)]) -> Vec<Pointer> {
    let images = lineage.images.iter();
    let nodes = images.flat_map(|image| image.node.iter().chain(&image.patches));
    let mut seen: BTreeMap<&str, Vec<Sighting>> = BTreeMap::new();
    let mut present: BTreeSet<&str> = BTreeSet::new();
    for (tag, sighting) in sightings {
        seen.entry(tag).or_default().push(sighting.clone());
    }
    for history in seen.values_mut() {
        history.sort_by_key(|sighting| sighting.at);
    }
    for node in nodes {
        present.insert(&node.tag);
        seen.entry(&node.tag).or_default().push(Sighting {
            digest: node.digest.clone(),
            at: node.updated_at,
        });
    }
    let pointers = seen.into_iter().map(|(tag, mut history)| {
        // Seen again where it was is no move.
        history.dedup_by(|later, earlier| later.digest == earlier.digest);
        Pointer {
            tag: tag.to_owned(),
            is_floating: matches!(kind(tag), TagKind::Floating { .. }),
            history,
        }
    });
    pointers
        .filter(|pointer| present.contains(pointer.tag.as_str()))
        .filter(|pointer| pointer.is_floating || pointer.history.len() > 1)
        .collect()
}

#[cfg(test)]
mod tests;
