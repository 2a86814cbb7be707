use crate::format;
use crate::paths;
use crate::ui::{Cell, Table, Time};
use crate::widgets::{DerivationBadge, DigestText};
use drydock_domain::lineage::{Derivation, GraphEdge, GraphNode, LineageGraph, Pointer};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Beyond so many the drawing helps nobody; the table and the downloads have them all.
const DRAWN: usize = 60;
const ROW: usize = 64;
const BOX_WIDTH: usize = 260;
const BOX_HEIGHT: usize = 48;
const GAP: usize = 160;

/// The digests as boxes, patches as arrows from left to right.
#[component]
pub fn Graph(registry: String, graph: LineageGraph) -> AnyView {
    let n_nodes = graph.nodes.len();
    let layout = Layout::of(&graph);
    let (width, height) = layout.size();
    let label = format!(
        "{} and {}; the table below says the same",
        format::count(n_nodes as u64, "image", "images"),
        format::count(graph.edges.len() as u64, "patch", "patches")
    );
    let edges: Vec<_> = graph
        .edges
        .iter()
        .filter_map(|edge| arrow(edge, &layout))
        .collect();
    let repository = graph.repository;
    let nodes: Vec<_> = graph
        .nodes
        .into_iter()
        .filter_map(|node| {
            let place = *layout.places.get(&node.digest)?;
            let href = format!(
                "{}?image={}#contents",
                paths::lineage(&registry, &repository),
                paths::query_value(&node.digest)
            );
            Some(boxed(node, place, href))
        })
        .collect();
    let left_out = (n_nodes > DRAWN).then(|| {
        view! {
            <p class="muted">
                {format!("Drawn: {DRAWN} of {} images. The table and the downloads have all.", format::thousands(n_nodes as u64))}
            </p>
        }
    });
    view! {
        <div class="graph-region" tabindex="0" role="region" aria-label="Lineage graph">
            <svg
                class="graph"
                role="group"
                aria-label=label
                width=width
                height=height
                viewBox=format!("0 0 {width} {height}")
            >
                {edges}
                {nodes}
            </svg>
        </div>
        {left_out}
    }
    .into_any()
}

/// Where each digest stands: what was made of nothing on the left, each patch one column further.
struct Layout {
    places: BTreeMap<String, (usize, usize)>,
    columns: usize,
    rows: usize,
}

impl Layout {
    fn of(graph: &LineageGraph) -> Self {
        let mut made: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for edge in &graph.edges {
            made.entry(&edge.from).or_default().push(&edge.to);
        }
        let is_made = |digest: &str| graph.edges.iter().any(|edge| edge.to == digest);
        let mut layout = Self {
            places: BTreeMap::new(),
            columns: 1,
            rows: 0,
        };
        let roots = graph.nodes.iter().filter(|node| !is_made(&node.digest));
        for node in roots.chain(&graph.nodes) {
            layout.put(&node.digest, 0, &made);
        }
        layout
    }

    /// The first child stands beside its parent, the others below.
    fn put(&mut self, digest: &str, column: usize, made: &BTreeMap<&str, Vec<&str>>) {
        if self.places.contains_key(digest) || self.places.len() >= DRAWN {
            return;
        }
        self.places.insert(digest.to_owned(), (column, self.rows));
        self.columns = self.columns.max(column + 1);
        let row = self.rows;
        for child in made.get(digest).into_iter().flatten() {
            self.put(child, column + 1, made);
        }
        self.rows = self.rows.max(row + 1);
    }

    fn size(&self) -> (usize, usize) {
        let width = self.columns * BOX_WIDTH + (self.columns - 1) * GAP + 2;
        (width, self.rows * ROW)
    }
}

fn corner((column, row): (usize, usize)) -> (usize, usize) {
    (column * (BOX_WIDTH + GAP) + 1, row * ROW + 8)
}

fn boxed(node: GraphNode, place: (usize, usize), href: String) -> AnyView {
    let (x, y) = corner(place);
    let tags = match node.tags.as_slice() {
        [] => "no tag any more".to_owned(),
        tags => cut(&tags.join(", "), 32),
    };
    let size = match node.size_bytes {
        0 => String::new(),
        size => format!(" · {}", format::bytes(size)),
    };
    let facts = format!("{}{size}", format::short_digest(&node.digest));
    let kind = if node.tags.is_empty() { "gone" } else { "here" };
    // Around the link, which without it would be HTML's, and not be drawn.
    view! {
        <g class="graph-node" data-kind=kind>
            <a href=href>
                <rect x=x y=y width=BOX_WIDTH height=BOX_HEIGHT rx="8"></rect>
                <text class="graph-tags" x=x + 12 y=y + 20>{tags}</text>
                <text class="graph-facts" x=x + 12 y=y + 38>{facts}</text>
            </a>
        </g>
    }
    .into_any()
}

fn arrow(edge: &GraphEdge, layout: &Layout) -> Option<AnyView> {
    let (x, y) = corner(*layout.places.get(&edge.from)?);
    let (to_x, to_y) = corner(*layout.places.get(&edge.to)?);
    let (x, y) = (x + BOX_WIDTH, y + BOX_HEIGHT / 2);
    let to_y = to_y + BOX_HEIGHT / 2;
    let middle = x + GAP / 2;
    // What claims to be made of each other has no room on its left.
    let tip = to_x.saturating_sub(7);
    let path = format!("M{x} {y} C{middle} {y} {middle} {to_y} {tip} {to_y}");
    let head = format!("M{tip} {} l7 5 l-7 5 z", to_y - 5);
    let label = match edge.packages_changed {
        0 => None,
        n => Some(format::count(n as u64, "package", "packages")),
    };
    let text_y = to_y - 6;
    let label = label.map(|label| {
        view! { <text class="graph-label" x=tip y=text_y text-anchor="end">{label}</text> }
    });
    Some(
        view! {
            <g class="graph-edge" data-derivation=super::node::derivation_name(edge.derivation)>
                <path d=path></path>
                <path class="graph-head" d=head></path>
                {label}
            </g>
        }
        .into_any(),
    )
}

fn cut(text: &str, length: usize) -> String {
    match text.char_indices().nth(length) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The graph's twin: an arrow is a row.
#[component]
pub fn GraphTable(registry: String, graph: LineageGraph) -> AnyView {
    if graph.edges.is_empty() {
        let none = view! { <p class="muted">"Nothing here has been patched yet."</p> };
        return none.into_any();
    }
    let tags: BTreeMap<String, String> = graph
        .nodes
        .into_iter()
        .map(|node| (node.digest, node.tags.join(", ")))
        .collect();
    let repository = graph.repository;
    let rows: Vec<_> = graph
        .edges
        .into_iter()
        .map(|edge| row(&registry, &repository, edge, &tags))
        .collect();
    view! {
        <Table
            caption="Patches"
            columns=&["From", "To", "Derived", "Made by", "Findings", "Packages", "Inside"]
        >
            {rows}
        </Table>
    }
    .into_any()
}

fn row(
    registry: &str,
    repository: &str,
    edge: GraphEdge,
    tags: &BTreeMap<String, String>,
) -> AnyView {
    let name = |digest: &str| match tags.get(digest).map(String::as_str) {
        None | Some("") => "no tag any more".to_owned(),
        Some(tags) => tags.to_owned(),
    };
    let (from, to) = (name(&edge.from), name(&edge.to));
    let run = |id: Option<String>, what: &'static str| {
        id.map(|id| {
            let href = paths::run(registry, &id);
            view! { <a href=href>{format!("{what} {id}")}</a> }.into_any()
        })
    };
    let made = edge.made;
    let data = made.sources.iter().filter_map(|source| source.date).max();
    let findings = match (edge.vulnerabilities_before, edge.vulnerabilities_after) {
        (Some(before), Some(after)) => format!("{before} → {after}"),
        _ => "not reported".to_owned(),
    };
    let packages = match edge.packages_changed {
        0 => "not reported".to_owned(),
        n => format::thousands(n as u64),
    };
    let (patch_run, scan_run) = (run(made.run, "patch"), run(made.scan, "scan"));
    let compare = super::compare::address(registry, repository, &edge.from, &edge.to);
    let label = format!("Compare {from} with {to}");
    let is_gone = edge.derivation == Derivation::Drifted && from == "no tag any more";
    view! {
        <tr role="row">
            <Cell column="From">
                <code>{from}</code>
                " "
                <DigestText digest=edge.from />
            </Cell>
            <Cell column="To">
                <code>{to}</code>
                " "
                <DigestText digest=edge.to />
            </Cell>
            <Cell column="Derived">
                <DerivationBadge derivation=edge.derivation />
            </Cell>
            <Cell column="Made by">
                <span class="made">
                    {patch_run}
                    {scan_run}
                    <span>{made.tool.unwrap_or_else(|| "an unknown tool".to_owned())}</span>
                    {data.map(|at| view! { <span class="muted">"data of " <Time at /></span> })}
                    {made.at.map(|at| view! { <span class="muted">"made " <Time at /></span> })}
                </span>
            </Cell>
            <Cell column="Findings">{findings}</Cell>
            <Cell column="Packages" numeric=true>{packages}</Cell>
            <Cell column="Inside">
                {(!is_gone).then(|| view! { <a href=compare aria-label=label>"Compare"</a> })}
            </Cell>
        </tr>
    }
    .into_any()
}

/// Tags that have moved, or that move by convention.
#[component]
pub fn Pointers(pointers: Vec<Pointer>) -> AnyView {
    let lines = pointers.into_iter().map(|pointer| {
        let kind = pointer.is_floating.then_some(" moves with every patch");
        let moves = pointer.history.into_iter().rev().enumerate();
        let moves = moves.map(|(index, sighting)| {
            let when = sighting.at.map(|at| view! { " since " <Time at /> });
            view! {
                <li>
                    {if index == 0 { "now at " } else { "before at " }}
                    <DigestText digest=sighting.digest />
                    {when}
                </li>
            }
        });
        view! {
            <li>
                <p><code>{pointer.tag}</code>{kind}</p>
                <ol class="notes" role="list">{moves.collect_view()}</ol>
            </li>
        }
    });
    view! { <ul class="notes">{lines.collect_view()}</ul> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use drydock_domain::lineage::Making;

    #[test]
    fn images_whose_reports_claim_each_other_are_drawn() {
        let node = |digest: &str| GraphNode {
            digest: digest.to_owned(),
            ..GraphNode::default()
        };
        let edge = |from: &str, to: &str| GraphEdge {
            from: from.to_owned(),
            to: to.to_owned(),
            derivation: Derivation::Unverified,
            made: Making::default(),
            packages_changed: 1,
            vulnerabilities_before: None,
            vulnerabilities_after: None,
        };
        let graph = LineageGraph {
            nodes: vec![node("sha256:a"), node("sha256:b")],
            edges: vec![edge("sha256:a", "sha256:b"), edge("sha256:b", "sha256:a")],
            ..LineageGraph::default()
        };
        let layout = Layout::of(&graph);
        let draw = |edge| arrow(edge, &layout).map(|view| view.to_html());
        let drawn: Vec<_> = graph.edges.iter().filter_map(draw).collect();
        assert_eq!(drawn.len(), 2);
    }
}
