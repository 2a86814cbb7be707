//! Addresses are promises: bookmarks, the server's routes and the browser tests hold on to them.
use drydock_app::paths;

#[test]
fn every_page_has_the_address_that_was_promised() {
    let check = |actual: String, expected: &str| assert_eq!(actual, expected);
    check(paths::overview("dock"), "/registries/dock");
    check(paths::policy("dock"), "/registries/dock/policy");
    check(paths::dry_run("dock"), "/registries/dock/dry-run");
    check(paths::schedule("dock"), "/registries/dock/schedule");
    check(paths::runs("dock"), "/registries/dock/runs");
    check(paths::run("dock", "ca1"), "/registries/dock/runs/ca1");
    check(
        paths::run_log_text("dock", "ca1"),
        "/registries/dock/runs/ca1/log.txt",
    );
    check(
        paths::images_file("dock", "csv"),
        "/registries/dock/images.csv",
    );
    check(paths::images("dock"), "/registries/dock/images");
    check(
        paths::lineage("dock", "library/debian"),
        "/registries/dock/images/library/debian",
    );
    check(paths::compliance("dock"), "/registries/dock/compliance");
    check(
        paths::compliance_export("dock"),
        "/registries/dock/compliance/export",
    );
    check(
        paths::compliance_pack("dock"),
        "/registries/dock/compliance/pack",
    );
    check(paths::settings("dock"), "/registries/dock/settings");
}

#[test]
fn a_name_cannot_leave_its_place_in_the_address() {
    assert_eq!(
        paths::run("dock", "../x?y#z"),
        "/registries/dock/runs/..%2Fx%3Fy%23z"
    );
    assert_eq!(
        paths::lineage("dock", "a b/c%"),
        "/registries/dock/images/a%20b/c%25"
    );
}

#[test]
fn a_page_knows_its_registry() {
    let check = |path, expected| assert_eq!(paths::registry_of(path), expected);
    check("/registries/dock", Some("dock"));
    check("/registries/dock/runs/ca1", Some("dock"));
    check("/registries/", None);
    check("/audit", None);
    check("/", None);
}

#[test]
fn every_page_has_one_above_it_but_the_first() {
    let check = |path, expected| assert_eq!(paths::above(path), expected, "{path}");
    check("/", None);
    check("/audit", Some("/"));
    check("/registries/a", Some("/"));
    check("/registries/a/", Some("/"));
    check("/registries/a/runs", Some("/registries/a"));
    check("/registries/a/runs/ca1", Some("/registries/a/runs"));
    check("/registries/a/images/web/api", Some("/registries/a/images"));
}
