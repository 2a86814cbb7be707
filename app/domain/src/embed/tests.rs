use super::*;

fn scope(view: EmbedView, repositories: &[&str]) -> EmbedScope {
    EmbedScope {
        view,
        registry: "harbour".into(),
        repositories: repositories
            .iter()
            .map(|text| RepositoryPattern::parse(text).unwrap())
            .collect(),
        statuses: Vec::new(),
        role: Role::Viewer,
    }
}

#[track_caller]
fn refused(given: &EmbedScope, asked: &EmbedScope, field: &str) {
    assert_eq!(given.narrow(asked).unwrap_err().field, field);
}

#[test]
fn only_exact_secure_origins_may_embed() {
    for (text, origin) in [
        ("https://portal.example", "https://portal.example"),
        (" HTTPS://Portal.example:443/ ", "https://portal.example"),
        ("https://portal.example:8443", "https://portal.example:8443"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        (
            "http://portal.localhost:3000",
            "http://portal.localhost:3000",
        ),
        ("http://[::1]:3000", "http://[::1]:3000"),
    ] {
        assert_eq!(Origin::parse(text).unwrap().as_str(), origin);
    }
    use ParseOriginError::{Plain, Shape, Wildcard};
    for (text, why) in [
        ("https://*.example", Wildcard),
        ("*", Wildcard),
        ("http://portal.example", Plain),
        ("http://localhost.example", Plain),
        ("http://127.0.0.1.example", Plain),
        ("portal.example", Shape),
        ("ftp://portal.example", Shape),
        ("https://portal.example/path", Shape),
        ("https://portal.example?x", Shape),
        ("https://user@portal.example", Shape),
        ("https://portal.example:0", Shape),
        ("https://portal.example:99999", Shape),
        ("https://portal.example:+80", Shape),
        ("https://portal.example; script-src *", Wildcard),
        ("https://portal.example; script-src x", Shape),
        ("https://a b", Shape),
        ("https://", Shape),
        ("https://-a.example", Shape),
        ("null", Shape),
    ] {
        assert_eq!(Origin::parse(text), Err(why), "{text}");
    }
}

#[test]
fn a_pattern_covers_what_it_matches_and_nothing_else() {
    let pattern = |text| RepositoryPattern::parse(text).unwrap();
    assert!(pattern("web/*").matches("web/shop"));
    assert!(!pattern("web/*").matches("website"));
    assert!(pattern("*").matches("anything"));
    assert!(!pattern("web").matches("web/shop"));
    assert!(pattern("web/*").covers(&pattern("web/shop")));
    assert!(pattern("web/*").covers(&pattern("web/shop*")));
    assert!(!pattern("web/shop").covers(&pattern("web/shop*")));
    assert!(!pattern("web/*").covers(&pattern("*")));
    for text in ["", "we*b", "Web", "../web", "web/**", "/*", "web shop"] {
        assert!(RepositoryPattern::parse(text).is_err(), "{text}");
    }
}

#[test]
fn a_visitor_never_sees_more_than_the_embed_shows() {
    let given = scope(EmbedView::Lineage, &["web/*"]);
    assert_eq!(
        given.narrow(&scope(EmbedView::Lineage, &["web/shop"])),
        Ok(scope(EmbedView::Lineage, &["web/shop"]))
    );
    refused(&given, &scope(EmbedView::Runs, &[]), "view");
    refused(&given, &scope(EmbedView::Lineage, &["*"]), "repos");
    refused(&given, &scope(EmbedView::Lineage, &[]), "repos");
    let mut other = scope(EmbedView::Lineage, &["web/shop"]);
    other.registry = "quay".into();
    refused(&given, &other, "registry");
    let mut auditor = scope(EmbedView::Lineage, &["web/shop"]);
    auditor.role = Role::Auditor;
    refused(&given, &auditor, "role");
    auditor.role = Role::Admin;
    refused(&given, &auditor, "role");
}

#[test]
fn a_lock_can_be_narrowed_and_never_lifted() {
    let mut given = scope(EmbedView::Runs, &[]);
    given.statuses = vec![ImageStatus::Failed, ImageStatus::Skipped];
    let asked = scope(EmbedView::Runs, &[]);
    assert_eq!(given.narrow(&asked).unwrap().statuses, given.statuses);
    let with = |statuses: &[ImageStatus]| EmbedScope {
        statuses: statuses.to_vec(),
        ..asked.clone()
    };
    let narrowed = given.narrow(&with(&[ImageStatus::Failed])).unwrap();
    assert_eq!(narrowed.statuses, [ImageStatus::Failed]);
    refused(&given, &with(&[ImageStatus::Succeeded]), "locked");
    let mut overview = scope(EmbedView::Overview, &[]);
    overview.statuses = vec![ImageStatus::Failed];
    assert_eq!(overview.check().unwrap_err().field, "locked");
}

#[test]
fn a_route_leads_only_where_its_view_does() {
    let route = |text| EmbedRoute::parse(text).unwrap();
    let lineage = scope(EmbedView::Lineage, &["web/*"]);
    assert!(lineage.shows(&route("/images/web/shop")));
    assert!(!lineage.shows(&route("/images/other")));
    assert!(!lineage.shows(&route("/runs/ca1")));
    assert!(scope(EmbedView::Runs, &[]).shows(&route("/runs/ca1")));
    assert!(!scope(EmbedView::Overview, &[]).shows(&route("/runs/ca1")));
    assert_eq!(route("/images/web/shop").to_string(), "/images/web/shop");
    for text in [
        "",
        "runs",
        "/runs",
        "/runs/",
        "/policy/x",
        "/runs/a/b",
        "/images/a b",
        "//x",
    ] {
        assert_eq!(EmbedRoute::parse(text), None, "{text}");
    }
}
