//! The graph in the language of Graphviz. Its JSON is that of the nouns themselves.
use super::{Derivation, GraphEdge, LineageGraph};

/// Content as boxes with their tags, patches as arrows: solid where the layers prove them, dashed
/// where the original has drifted, dotted where nothing proves them. A tag that moved is drawn with
/// where it has pointed.
pub fn to_dot(graph: &LineageGraph) -> String {
    let mut out = String::from("digraph ");
    push_quoted(&mut out, &[&graph.repository]);
    out.push_str(" {\n  rankdir=LR;\n  node [shape=box];\n");
    for node in &graph.nodes {
        out.push_str("  ");
        push_quoted(&mut out, &[&node.digest]);
        out.push_str(" [label=");
        let mut lines: Vec<&str> = node.tags.iter().map(String::as_str).collect();
        if lines.is_empty() {
            lines.push("untagged");
        }
        lines.push(short(&node.digest));
        push_quoted(&mut out, &lines);
        out.push_str(if node.tags.is_empty() {
            ", style=dashed];\n"
        } else {
            "];\n"
        });
    }
    for edge in &graph.edges {
        push_edge(&mut out, edge);
    }
    for pointer in &graph.pointers {
        let name = format!("tag:{}", pointer.tag);
        out.push_str("  ");
        push_quoted(&mut out, &[&name]);
        out.push_str(" [label=");
        push_quoted(&mut out, &[&pointer.tag]);
        out.push_str(", shape=cds];\n");
        for (index, sighting) in pointer.history.iter().enumerate() {
            push_arrow(&mut out, &name, &sighting.digest);
            let is_now = index + 1 == pointer.history.len();
            out.push_str(if is_now { ";\n" } else { " [style=dotted];\n" });
        }
    }
    out.push_str("}\n");
    out
}

fn push_edge(out: &mut String, edge: &GraphEdge) {
    let packages = match edge.packages_changed {
        0 => String::new(),
        1 => "1 package".to_owned(),
        many => format!("{many} packages"),
    };
    let facts = [
        Some(packages.as_str()),
        edge.made.run.as_deref(),
        edge.made.tool.as_deref(),
    ];
    let lines: Vec<&str> = facts
        .into_iter()
        .flatten()
        .filter(|fact| !fact.is_empty())
        .collect();
    push_arrow(out, &edge.from, &edge.to);
    out.push_str(" [label=");
    push_quoted(out, &lines);
    out.push_str(match edge.derivation {
        Derivation::Original | Derivation::Verified => "];\n",
        Derivation::Drifted => ", style=dashed];\n",
        Derivation::Unverified => ", style=dotted];\n",
    });
}

fn push_arrow(out: &mut String, from: &str, to: &str) {
    out.push_str("  ");
    push_quoted(out, &[from]);
    out.push_str(" -> ");
    push_quoted(out, &[to]);
}

/// Lines as one string.
fn push_quoted(out: &mut String, lines: &[&str]) {
    out.push('"');
    for (index, line) in lines.iter().enumerate() {
        if index > 0 {
            out.push_str("\\n");
        }
        for character in line.chars() {
            match character {
                '"' | '\\' => {
                    out.push('\\');
                    out.push(character);
                }
                control if control.is_control() => out.push(' '),
                other => out.push(other),
            }
        }
    }
    out.push('"');
}

/// The first 12 digits of a digest.
fn short(digest: &str) -> &str {
    let hex = digest.split_once(':').map_or(digest, |(_, hex)| hex);
    hex.get(..12).unwrap_or(hex)
}
