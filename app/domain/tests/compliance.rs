//! Findings as files: each against the schema that its format publishes, and none of it off by a row.
//! Where the schemas come from stands in `schemas/README.md`.
use chrono::{DateTime, TimeDelta, Utc};
use drydock_domain::compliance::export::{About, Format, Sbom, render, render_image};
use drydock_domain::compliance::{
    Closing, ClosingReason, ComplianceFile, Exception, Exposure, ExposureRule, FeedKind, FeedState,
    Finding, FindingKind, FindingQuery, Freshness, Instants, KeptException, Material, Observation,
    ScanOutcome, Severity, Signals, Standing, coverage, finding_id, rows, view,
};
use drydock_domain::lineage::{Configuration, ImageContents, InstalledPackage};
use drydock_domain::patch_report::OperatingSystem;
use jsonschema::Registry;
use serde_json::Value;

fn at(day: u32) -> DateTime<Utc> {
    format!("2026-11-{day:02}T08:00:00Z").parse().unwrap()
}

fn digest(letter: char) -> String {
    format!("sha256:{}", String::from(letter).repeat(64))
}

fn finding(cve: &str, package: &str, letter: char) -> Finding {
    let purl = format!("pkg:deb/debian/{package}@1%2Bb1?arch=amd64&distro=debian-12");
    Finding {
        id: finding_id("harbour", "web/api:1.0", &digest(letter), &purl, cve),
        kind: FindingKind::Vulnerability,
        registry: "harbour".into(),
        repository: "web/api".into(),
        original: "1.0".into(),
        tag: "1.0-1".into(),
        digest: digest(letter),
        platform: "linux/amd64".into(),
        cve: cve.into(),
        package: package.into(),
        purl,
        installed: "1+b1".into(),
        fixed: "2".into(),
        severity: Severity::Unknown,
        instants: Instants {
            first_detected: Some(at(2)),
            evaluated: Some(at(2)),
            fix_available: Some(at(1)),
            ..Instants::default()
        },
        scanner: "drydock 0.1.0".into(),
        database_at: Some(at(2)),
        scan_id: "scan-1".into(),
        opened_at: at(2),
        closing: None,
    }
}

fn closed(mut finding: Finding, day: u32) -> Finding {
    finding.instants.patched_tag_pushed = Some(at(day - 1));
    finding.closing = Some(Closing {
        at: at(day),
        reason: ClosingReason::Patched,
        tag: "1.0-2".into(),
        digest: digest('b'),
        scan_id: "scan-2".into(),
        run_id: "ca7".into(),
    });
    finding
}

fn scan(day: u32, data: Option<u32>) -> Observation {
    Observation {
        id: format!("scan-{day}"),
        registry: "harbour".into(),
        repository: "web/api".into(),
        original: "1.0".into(),
        tag: "1.0-1".into(),
        digest: digest('a'),
        platform: "linux/amd64".into(),
        original_digest: digest('0'),
        at: at(day),
        outcome: ScanOutcome::Complete,
        scanner: "drydock 0.1.0".into(),
        database_at: data.map(at),
        findings: 0,
        os: "debian 12.15".into(),
        is_end_of_life: false,
        note: String::new(),
    }
}

/// One of each kind: open, fixed, accepted, without a fix, a missed run, and hostile text.
fn material() -> Material {
    let mut unfixed = finding("CVE-2026-4", "zlib1g", 'a');
    unfixed.fixed.clear();
    unfixed.instants.fix_available = None;
    let mut hostile = finding("CVE-2026-5", "=cmd|' /C calc'!A0", 'a');
    hostile.repository = "web/<b>\"&'".into();
    hostile.purl = "pkg:deb/debian/%3Dcmd@1".into();
    let mut missed = finding("MISSED-2026-11-03", "", 'a');
    missed.kind = FindingKind::MissedRun;
    (missed.repository, missed.digest, missed.purl) = Default::default();
    (missed.tag, missed.installed, missed.fixed) = Default::default();
    let exception = Exception {
        cve: "CVE-2026-3".into(),
        package: String::new(),
        repositories: "web/*".into(),
        reason: "not reachable".into(),
        owner: "platform".into(),
        expires_at: at(30),
    };
    Material {
        registry: "harbour".into(),
        findings: vec![
            finding("CVE-2026-1", "libssl3", 'a'),
            closed(finding("CVE-2026-2", "libc6", 'a'), 5),
            finding("CVE-2026-3", "tar", 'a'),
            unfixed,
            hostile,
            missed,
        ],
        observations: vec![scan(2, Some(2))],
        tags: vec![("web/api".into(), "1.0".into())],
        exceptions: vec![KeptException {
            id: "e1".into(),
            exception,
            created_at: at(3),
            withdrawn_at: None,
            accepted_by: "grace".into(),
            entry: 12,
            doubt: None,
        }],
        feeds: FeedKind::ALL.map(FeedState::absent).to_vec(),
        ..Material::default()
    }
}

fn query(pairs: &str) -> FindingQuery {
    FindingQuery::read(|name| {
        let mut pairs = pairs.split('&').filter_map(|pair| pair.split_once('='));
        let found = pairs.find(|(known, _)| *known == name);
        found.map_or_else(String::new, |(_, value)| value.to_owned())
    })
}

fn file_of(material: &Material, pairs: &str, day: u32) -> ComplianceFile {
    let query = query(pairs);
    let (profile, rows) = rows(material, &query, at(day));
    ComplianceFile {
        registry: "harbour".into(),
        login_server: "harbour.azurecr.io".into(),
        query,
        as_of: at(day),
        profile,
        rows,
        coverage: coverage(material, at(day)),
        feeds: material.feeds.clone(),
        generated_at: at(day),
        generator: "drydock 0.1.0".into(),
        chain_head: "7:abcd".into(),
    }
}

fn file(pairs: &str) -> ComplianceFile {
    file_of(&material(), pairs, 20)
}

fn contents() -> ImageContents {
    let package = |name: &str, version: &str| InstalledPackage {
        name: name.into(),
        architecture: "amd64".into(),
        version: version.into(),
    };
    ImageContents {
        digest: digest('a'),
        os: Some(OperatingSystem {
            family: "debian".into(),
            name: "12.15".into(),
            end_of_life: false,
        }),
        packages: vec![package("libssl3", "1+b1"), package("tar", "1:1.34~x")],
        note: None,
        configuration: Configuration::default(),
        layers: Vec::new(),
        read_at: at(2),
    }
}

fn schema(name: &str) -> Value {
    let path = format!("{}/tests/schemas/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Every fault that the published schema finds.
fn faults(schema_name: &str, document: &Value) -> Vec<String> {
    let beside = [
        (
            "http://cyclonedx.org/schema/spdx.SNAPSHOT.schema.json",
            "spdx-licenses",
        ),
        (
            "http://cyclonedx.org/schema/jsf-0.82.SNAPSHOT.schema.json",
            "jsf-0.82",
        ),
    ];
    let mut registry = Registry::new();
    for (address, name) in beside {
        registry = registry.add(address, schema(name)).unwrap();
    }
    let registry = registry.prepare().unwrap();
    let validator = jsonschema::options()
        .with_registry(&registry)
        .should_validate_formats(true)
        .build(&schema(schema_name))
        .unwrap();
    let faults = validator.iter_errors(document);
    faults
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect()
}

fn document(format: Format, pairs: &str) -> Value {
    let file = file(pairs);
    let contents = contents();
    let sbom = Sbom {
        file: &file,
        repository: "web/api",
        tag: "1.0-1",
        contents: &contents,
    };
    let text = render(format, &file).or_else(|| render_image(format, &sbom));
    serde_json::from_str(&text.unwrap()).unwrap()
}

#[track_caller]
fn is_valid(format: Format, schema_name: &str) {
    for pairs in ["status=all", "", "text=nothing-is-called-so"] {
        if format == Format::OpenVex && pairs.starts_with("text") {
            assert_eq!(
                render(format, &file(pairs)),
                None,
                "it knows no empty document"
            );
            continue;
        }
        let document = document(format, pairs);
        assert_eq!(faults(schema_name, &document), [""; 0], "{pairs}");
    }
    // The schema was read: it finds what is wrong.
    let broken = serde_json::json!({"version": 7});
    assert_ne!(faults(schema_name, &broken), [""; 0]);
}

#[test]
fn sarif_is_valid() {
    is_valid(Format::Sarif, "sarif-2.1.0");
    let sarif = document(Format::Sarif, "status=all");
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 6);
    let of = |cve: &str| results.iter().find(|it| it["ruleId"] == cve).unwrap();
    assert_eq!(of("CVE-2026-2")["baselineState"], "absent");
    assert_eq!(of("CVE-2026-3")["suppressions"][0]["status"], "accepted");
    for (index, rule) in sarif["runs"][0]["tool"]["driver"]["rules"]
        .as_array()
        .unwrap()
        .iter()
        .enumerate()
    {
        let result = of(rule["id"].as_str().unwrap());
        assert_eq!(result["ruleIndex"], index);
    }
}

#[test]
fn openvex_is_valid() {
    is_valid(Format::OpenVex, "openvex-0.2.0");
    let vex = document(Format::OpenVex, "status=all");
    let statements = vex["statements"].as_array().unwrap();
    let fixed: Vec<_> = statements
        .iter()
        .filter(|it| it["status"] == "fixed")
        .collect();
    assert_eq!(fixed.len(), 1);
    let product = fixed[0]["products"][0]["@id"].as_str().unwrap();
    assert!(product.contains(&"b".repeat(64)), "{product}");
    assert!(
        !vex.to_string().contains("MISSED"),
        "a missed run is no vulnerability"
    );
}

#[test]
fn cyclonedx_is_valid() {
    is_valid(Format::CycloneDx, "cyclonedx-1.6");
    let bom = document(Format::CycloneDx, "");
    assert_eq!(bom["components"].as_array().unwrap().len(), 2);
    assert_eq!(
        bom["components"][1]["purl"],
        "pkg:deb/debian/tar@1.34~x?arch=amd64&distro=debian-12.15&epoch=1"
    );
}

#[test]
fn spdx_is_valid() {
    is_valid(Format::Spdx, "spdx-2.3");
    let packages = document(Format::Spdx, "")["packages"]
        .as_array()
        .unwrap()
        .len();
    assert_eq!(packages, 3, "the image and its packages");
}

#[test]
fn oscal_assessment_results_are_valid() {
    is_valid(
        Format::OscalAssessmentResults,
        "oscal-assessment-results-1.0.6",
    );
    let results = document(Format::OscalAssessmentResults, "status=all");
    let risks = &results["assessment-results"]["results"][0]["risks"];
    let of = |cve: &str| {
        let mut risks = risks.as_array().unwrap().iter();
        risks
            .find(|it| it["title"].as_str().unwrap().starts_with(cve))
            .unwrap()
    };
    assert_eq!(of("CVE-2026-1")["status"], "open");
    assert_eq!(of("CVE-2026-2")["status"], "closed");
    assert_eq!(
        of("CVE-2026-2")["remediations"][0]["lifecycle"],
        "completed"
    );
    assert_eq!(of("CVE-2026-3")["status"], "deviation-approved");
}

#[test]
fn an_oscal_plan_of_action_is_valid() {
    is_valid(Format::OscalPoam, "oscal-poam-1.0.6");
    let plan = document(Format::OscalPoam, "status=all");
    let items = plan["plan-of-action-and-milestones"]["poam-items"]
        .as_array()
        .unwrap();
    assert_eq!(items.len(), 5, "what is fixed is no item");
}

#[test]
fn every_format_tells_the_same_rows_and_is_the_same_twice() {
    let file = file("status=all");
    let about = About::of(&file);
    assert_eq!(about.rows, 6);
    for format in Format::ALL {
        let Some(text) = render(format, &file) else {
            continue;
        };
        assert_eq!(Some(&text), render(format, &file).as_ref());
        let text = text.replace("\r\n ", "");
        for part in [&about.rows_sha256, &about.chain_head, &about.generator] {
            assert!(
                text.contains(part.as_str()),
                "{format:?} does not say {part}"
            );
        }
        for cve in ["CVE-2026-1", "CVE-2026-4"] {
            assert!(text.contains(cve), "{format:?} does not name {cve}");
        }
    }
}

#[test]
fn csv_has_a_line_for_each_row_and_no_formula() {
    let csv = render(Format::Csv, &file("status=all")).unwrap();
    let lines: Vec<&str> = csv.split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 1 + 6);
    assert!(
        lines[0].starts_with("\"id\",\"kind\",\"cve\""),
        "{}",
        lines[0]
    );
    let columns = lines[0].matches("\",\"").count();
    for line in &lines {
        assert_eq!(line.matches("\",\"").count(), columns, "{line}");
    }
    assert!(csv.contains(",\"'=cmd|' /C calc'!A0\","), "{csv}");
    let none = render(Format::Csv, &file("text=nothing-is-called-so")).unwrap();
    assert_eq!(
        none.split_terminator("\r\n").collect::<Vec<_>>(),
        lines[..1]
    );
}

#[test]
fn ndjson_has_an_object_to_a_line_with_the_fields_of_a_report() {
    let ndjson = render(Format::Ndjson, &file("status=all")).unwrap();
    let lines: Vec<Value> = ndjson
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["export"]["rows"], 6);
    assert_eq!(lines.len(), 1 + 6);
    for name in [
        "id",
        "cve",
        "purl",
        "installed",
        "fixed",
        "image",
        "platform",
        "detected_at",
        "scanner",
        "scanner_data_at",
        "evaluated_at",
        "internet_reachable",
        "likely_exploitable",
        "kev",
        "due_at",
        "status",
        "accepted_by",
        "patched_digest",
        "verified_by_scan_id",
        "adopted_at",
    ] {
        assert!(lines[1].get(name).is_some(), "{name}");
    }
    assert_eq!(lines[1]["kev"], "unknown", "no catalogue was imported");
}

#[test]
fn a_printed_page_holds_hostile_names_as_text() {
    let html = render(Format::Html, &file("status=all")).unwrap();
    assert!(html.contains("web/&lt;b&gt;&quot;&amp;&#39;"), "{html}");
    assert!(!html.contains("<b>"));
    assert!(!html.contains("<script"));
}

#[test]
fn due_dates_are_events_of_what_is_open_and_has_a_date() {
    let file = file("status=all");
    let ics = render(Format::Ics, &file).unwrap();
    let dated = file.rows.iter();
    let dated = dated.filter(|row| row.deadline.due.is_some() && row.deadline.standing.is_open());
    assert_eq!(ics.matches("BEGIN:VEVENT\r\n").count(), dated.count());
    assert!(ics.split("\r\n").all(|line| line.len() <= 75));
}

#[test]
fn a_view_counts_what_its_filter_shows_and_pages_it() {
    let mut material = material();
    for number in 0..120 {
        material
            .findings
            .push(finding(&format!("CVE-2025-{number}"), "libx", 'a'));
    }
    let shown = |pairs: &str| view(&material, &query(pairs), at(20), false);
    assert_eq!(
        (shown("").total, shown("").pages, shown("").rows.len()),
        (125, 3, 50)
    );
    assert_eq!(shown("page=3").rows.len(), 25);
    assert_eq!(shown("page=99").page, 3);
    assert_eq!(
        shown("status=met").total + shown("status=met-late").total,
        1
    );
    assert_eq!(shown("text=LIBSSL").total, 1);
    assert_eq!(shown("status=accepted").total, 1);
    assert_eq!(shown("severity=critical").total, 0);
    let counted = shown("text=nothing-is-called-so").indicators;
    assert_eq!(
        (counted.open, counted.fixed, counted.detection_failures),
        (125, 1, 1)
    );
}

#[test]
fn the_state_of_a_day_is_what_was_known_then() {
    let standing = |day| {
        let shown = view(
            &material(),
            &query("status=all&text=CVE-2026-2"),
            at(day),
            true,
        );
        shown.rows.first().map(|row| row.deadline.standing)
    };
    assert_eq!(standing(1), None);
    assert_eq!(standing(3), Some(Standing::Running));
    assert_eq!(standing(20), Some(Standing::Met));
    let accepted = |day| {
        view(&material(), &query(""), at(day), true)
            .indicators
            .accepted
    };
    assert_eq!((accepted(2), accepted(3)), (0, 1));
}

#[test]
fn the_same_seed_draws_the_same_sample() {
    let draw = |seed: &str| -> Vec<String> {
        let pairs = format!("view=soc2&seed={seed}&n=3");
        let (_, rows) = rows(&material(), &query(&pairs), at(20));
        rows.into_iter().map(|row| row.finding.id).collect()
    };
    let first = draw("2026-q4");
    assert_eq!(first.len(), 3);
    assert_eq!(first, draw("2026-q4"));
    let others: Vec<_> = (0..20).map(|seed| draw(&seed.to_string())).collect();
    assert!(
        others.iter().any(|other| *other != first),
        "a seed makes a difference"
    );
}

/// A stale scanner database never shows green.
#[test]
fn day_one_check_12_stale_unknown_or_absent_data_is_never_green() {
    let freshness = |scans: Vec<Observation>, day| {
        let material = Material {
            observations: scans,
            ..material()
        };
        let found = view(&material, &query(""), at(day), false);
        assert_eq!(
            found.coverage.is_complete(),
            found.coverage.tags[0].freshness == Freshness::Current
        );
        let is_doubted = found
            .doubts
            .iter()
            .any(|doubt| doubt.contains("1 of 1 tags"));
        assert_eq!(is_doubted, !found.coverage.is_complete());
        found.coverage.tags[0].freshness
    };
    assert_eq!(freshness(vec![scan(20, Some(19))], 20), Freshness::Current);
    assert_eq!(
        freshness(vec![scan(20, Some(12))], 20),
        Freshness::StaleDatabase
    );
    assert_eq!(
        freshness(vec![scan(20, None)], 20),
        Freshness::StaleDatabase
    );
    assert_eq!(freshness(vec![], 20), Freshness::NeverScanned);
    let unreadable = Observation {
        outcome: ScanOutcome::Unreadable,
        ..scan(20, Some(19))
    };
    assert_eq!(
        freshness(vec![scan(19, Some(19)), unreadable], 20),
        Freshness::Unreadable
    );
    // What was current in its day is old after thirty of them.
    let material = Material {
        observations: vec![scan(1, Some(1))],
        ..material()
    };
    let later = at(1) + TimeDelta::days(31);
    assert_eq!(coverage(&material, later).tags[0].freshness, Freshness::Old);
    let nothing = Material::default();
    assert!(
        !coverage(&nothing, at(20)).is_complete(),
        "no tags are no proof"
    );
}

#[test]
fn exposure_decides_by_repository() {
    let mut material = material();
    material.settings.exposure = vec![ExposureRule {
        pattern: "web/*".into(),
        exposure: Exposure::Internal,
    }];
    material
        .signals
        .insert("CVE-2026-1".into(), Signals::default());
    let (_, rows) = rows(&material, &query("text=CVE-2026-1"), at(20));
    assert_eq!(rows[0].exposure, Exposure::Internal);
    assert_eq!(rows[0].deadline.standing, Standing::NextUpgrade);
}
