//! Which crate may know which: ARCHITECTURE.md's table, compared with what cargo says.
use cargo_metadata::{DependencyKind, MetadataCommand, Package};
use std::collections::BTreeSet;

/// Per crate: the crates of the workspace that it may depend on, and what it must never name.
const TABLE: [(&str, &[&str], &[&str]); 8] = [
    (
        "drydock-domain",
        &[],
        &[
            "axum", "gloo-net", "leptos", "rand", "reqwest", "sqlx", "tokio", "tracing",
        ],
    ),
    (
        "drydock-azure",
        &["drydock-domain"],
        &["axum", "leptos", "sqlx"],
    ),
    (
        "drydock-patcher",
        &["drydock-domain"],
        &["axum", "azure_core", "leptos", "sqlx"],
    ),
    (
        "drydock-sandbox",
        &["drydock-domain", "drydock-patcher"],
        &["azure_core", "azure_identity", "leptos", "sqlx"],
    ),
    (
        "drydock-ledger",
        &["drydock-domain"],
        &["axum", "azure_core", "leptos"],
    ),
    (
        "drydock-workflow",
        &[
            "drydock-azure",
            "drydock-domain",
            "drydock-ledger",
            "drydock-patcher",
        ],
        &["axum", "leptos", "sqlx"],
    ),
    (
        "drydock-app",
        &["drydock-domain", "drydock-workflow"],
        &["axum", "azure_core", "azure_identity", "sqlx"],
    ),
    (
        "drydock",
        &[
            "drydock-app",
            "drydock-azure",
            "drydock-domain",
            "drydock-ledger",
            "drydock-patcher",
            "drydock-sandbox",
            "drydock-workflow",
        ],
        &["sqlx"],
    ),
];

fn packages() -> Vec<Package> {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    let mut command = MetadataCommand::new();
    command
        .manifest_path(manifest)
        .no_deps()
        .other_options(["--offline".to_owned()]);
    command.exec().unwrap().packages
}

/// What a crate's code can name: its normal dependencies, on every target.
fn names(package: &Package) -> BTreeSet<&str> {
    let normal = package
        .dependencies
        .iter()
        .filter(|edge| edge.kind == DependencyKind::Normal);
    normal.map(|edge| edge.name.as_str()).collect()
}

#[test]
fn every_crate_of_the_workspace_is_in_the_table() {
    let packages = packages();
    let found: BTreeSet<_> = packages
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    assert_eq!(found, TABLE.iter().map(|(name, ..)| *name).collect());
}

#[test]
fn no_crate_depends_on_more_than_the_table_allows() {
    for package in packages() {
        let (_, allowed, _) = TABLE
            .iter()
            .find(|(name, ..)| package.name == *name)
            .unwrap();
        let own = names(&package)
            .into_iter()
            .filter(|name| name.starts_with("drydock"));
        let surplus: Vec<_> = own.filter(|name| !allowed.contains(name)).collect();
        assert_eq!(
            surplus,
            Vec::<&str>::new(),
            "{} depends on these",
            package.name
        );
    }
}

#[test]
fn no_crate_names_what_it_must_never_name() {
    for package in packages() {
        let (_, _, forbidden) = TABLE
            .iter()
            .find(|(name, ..)| package.name == *name)
            .unwrap();
        let names = names(&package);
        let found: Vec<_> = forbidden
            .iter()
            .filter(|name| names.contains(**name))
            .collect();
        assert_eq!(found, Vec::<&&str>::new(), "{} names these", package.name);
    }
}

#[test]
fn the_browser_gets_nothing_of_the_server() {
    let packages = packages();
    let app = packages
        .iter()
        .find(|package| package.name == "drydock-app")
        .unwrap();
    for edge in &app.dependencies {
        let server_only = [
            "drydock-workflow",
            "leptos_axum",
            "http",
            "tokio",
            "tracing",
        ];
        if server_only.contains(&edge.name.as_str()) && edge.kind == DependencyKind::Normal {
            let target = edge
                .target
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default();
            assert_eq!(
                target, "cfg(not(target_arch = \"wasm32\"))",
                "{}",
                edge.name
            );
        }
    }
}
