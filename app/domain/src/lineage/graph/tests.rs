use super::*;
use crate::lineage::{ImageLineage, to_dot};
use crate::patch_report::{ImageReference, PackageChange};

fn node(tag: &str, digest: &str, derivation: Derivation) -> LineageNode {
    LineageNode {
        tag: tag.to_owned(),
        digest: digest.to_owned(),
        size_bytes: 7,
        created_at: DateTime::from_timestamp(10, 0),
        updated_at: DateTime::from_timestamp(20, 0),
        platform: "linux/amd64".to_owned(),
        media_type: String::new(),
        report: None,
        note: None,
        derivation,
    }
}

fn with_report(mut node: LineageNode, origin: &str) -> LineageNode {
    node.report = Some(PatchReport {
        origin: ImageReference {
            digest: origin.to_owned(),
            ..ImageReference::default()
        },
        tool: "drydock 0.1.0".to_owned(),
        upgraded: vec![PackageChange::default(); 3],
        vulnerabilities_before: 5,
        vulnerabilities_after: 1,
        sources: vec![IndexSource {
            suite: "bookworm-security".to_owned(),
            ..IndexSource::default()
        }],
        ..PatchReport::default()
    });
    node
}

/// `1.0` was pushed again after its first patch, and the floating tag moved.
fn lineage() -> RepositoryLineage {
    RepositoryLineage {
        repository: "web".to_owned(),
        images: vec![
            ImageLineage {
                original: "1.0".to_owned(),
                node: Some(node("1.0", "sha256:new", Derivation::Original)),
                patches: vec![
                    with_report(
                        node("1.0-1", "sha256:p1", Derivation::Drifted),
                        "sha256:old",
                    ),
                    node("1.0-2", "sha256:p2", Derivation::Verified),
                    node("1.0-patched", "sha256:p2", Derivation::Verified),
                ],
            },
            ImageLineage {
                original: "9".to_owned(),
                node: None,
                patches: vec![node("9-1", "sha256:q", Derivation::Unverified)],
            },
        ],
    }
}

fn facts() -> GraphFacts {
    let sighting = |tag: &str, digest: &str, second| {
        let at = DateTime::from_timestamp(second, 0);
        let digest = digest.to_owned();
        (tag.to_owned(), Sighting { digest, at })
    };
    GraphFacts {
        runs: BTreeMap::from([(
            "sha256:p1".to_owned(),
            ("ca3".to_owned(), Some("ca2".to_owned())),
        )]),
        sightings: vec![
            sighting("1.0-patched", "sha256:p1", 5),
            sighting("1.0-patched", "sha256:p0", 1),
            sighting("1.0-patched", "sha256:p1", 9),
            sighting("1.0", "sha256:old", 1),
            sighting("gone", "sha256:x", 1),
            sighting("1.0-1", "sha256:p1", 2),
        ],
    }
}

#[test]
fn nodes_are_digests_and_tags_are_labels() {
    let graph = graph(&lineage(), &facts());
    let nodes: Vec<_> = graph
        .nodes
        .iter()
        .map(|node| (node.digest.as_str(), node.tags.join(" ")))
        .collect();
    let label = |text: &str| text.to_owned();
    assert_eq!(
        nodes,
        [
            ("sha256:new", label("1.0")),
            ("sha256:p1", label("1.0-1")),
            ("sha256:p2", label("1.0-2 1.0-patched")),
            ("sha256:old", label("")),
            ("sha256:q", label("9-1")),
        ]
    );
}

#[test]
fn an_edge_says_what_made_the_patch() {
    let graph = graph(&lineage(), &facts());
    let ends: Vec<_> = graph
        .edges
        .iter()
        .map(|edge| (edge.from.as_str(), edge.to.as_str()))
        .collect();
    let expected = [("sha256:old", "sha256:p1"), ("sha256:new", "sha256:p2")];
    assert_eq!(ends, expected);
    let made = &graph.edges[0].made;
    assert_eq!(
        (made.run.as_deref(), made.scan.as_deref()),
        (Some("ca3"), Some("ca2"))
    );
    assert_eq!(made.tool.as_deref(), Some("drydock 0.1.0"));
    assert_eq!(made.sources[0].suite, "bookworm-security");
    assert_eq!(graph.edges[0].packages_changed, 3);
    assert_eq!(graph.edges[0].vulnerabilities_after, Some(1));
    assert_eq!(
        (
            graph.edges[1].made.run.as_deref(),
            graph.edges[1].vulnerabilities_after
        ),
        (None, None)
    );
}

#[test]
fn a_tag_that_moved_has_its_history() {
    let graph = graph(&lineage(), &facts());
    let histories: Vec<_> = graph
        .pointers
        .iter()
        .map(|pointer| {
            let digests: Vec<_> = pointer
                .history
                .iter()
                .map(|it| it.digest.as_str())
                .collect();
            (pointer.tag.as_str(), pointer.is_floating, digests)
        })
        .collect();
    let floating = vec!["sha256:p0", "sha256:p1", "sha256:p2"];
    let expected = [
        ("1.0", false, vec!["sha256:old", "sha256:new"]),
        ("1.0-patched", true, floating),
    ];
    assert_eq!(histories, expected);
}

#[test]
fn json_and_dot_have_everything_and_end_no_string_early() {
    let mut lineage = lineage();
    lineage.repository = "we\"b\\".to_owned();
    let graph = graph(&lineage, &facts());
    let json = serde_json::to_string(&graph).unwrap();
    assert_eq!(serde_json::from_str::<LineageGraph>(&json).unwrap(), graph);
    let dot = to_dot(&graph);
    assert!(
        dot.starts_with("digraph \"we\\\"b\\\\\" {\n  rankdir=LR;\n"),
        "{dot}"
    );
    for line in [
        "  \"sha256:p2\" [label=\"1.0-2\\n1.0-patched\\np2\"];",
        "  \"sha256:old\" [label=\"untagged\\nold\", style=dashed];",
        "  \"sha256:old\" -> \"sha256:p1\" [label=\"3 packages\\nca3\\ndrydock 0.1.0\", style=dashed];",
        "  \"sha256:new\" -> \"sha256:p2\" [label=\"\"];",
        "  \"tag:1.0-patched\" [label=\"1.0-patched\", shape=cds];",
        "  \"tag:1.0-patched\" -> \"sha256:p2\";",
        "  \"tag:1.0-patched\" -> \"sha256:p0\" [style=dotted];",
    ] {
        assert!(dot.lines().any(|found| found == line), "{line}\n{dot}");
    }
    assert!(dot.ends_with("}\n"));
}

#[test]
fn an_original_that_was_moved_onto_its_patch_is_no_patch_of_itself() {
    let mut lineage = lineage();
    let image = &mut lineage.images[0];
    image.patches.truncate(1);
    image.patches[0].report = None;
    let digest = image.patches[0].digest.clone();
    image.node.as_mut().unwrap().digest = digest;
    assert_eq!(graph(&lineage, &GraphFacts::default()).edges, []);
}
