//! NIST OSCAL: a repository is a component, a scan an observation, a vulnerability a risk, a patch its
//! response. OSCAL has no empty lists: what has nothing in it is left out.
use super::{About, instant, uuid};
use crate::compliance::{ComplianceFile, FindingRow, Standing};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const OSCAL_VERSION: &str = "1.0.6";
const NAMESPACE: &str = "https://drydock.invalid/ns/oscal";

pub fn to_assessment_results(file: &ComplianceFile) -> Value {
    let about = About::of(file);
    let plan = uuid(&["oscal-plan", &about.registry]);
    let mut result = Map::new();
    let mut add = |name: &str, value: Value| result.insert(name.to_owned(), value);
    add(
        "uuid",
        uuid(&[
            "oscal-result",
            &about.registry,
            &about.rows_sha256,
            &about.as_of,
        ])
        .into(),
    );
    add("title", format!("Findings of {}", file.registry).into());
    add("description", description(file).into());
    add("start", start(file).into());
    add("end", instant(file.as_of).into());
    add("props", props(&about));
    if !file.rows.is_empty() {
        add("local-definitions", json!({"components": components(file)}));
    }
    add(
        "reviewed-controls",
        json!({"control-selections": [{"include-all": {}}]}),
    );
    if !file.rows.is_empty() {
        add("observations", observations(file));
        add("risks", risks(file));
    }
    json!({"assessment-results": {
        "uuid": uuid(&["oscal-ar", &about.registry, &about.rows_sha256, &about.as_of]),
        "metadata": metadata(file, "Assessment results"),
        "import-ap": {"href": format!("#{plan}")},
        "results": [result],
        "back-matter": {"resources": [{
            "uuid": plan,
            "title": "Continuous scanning",
            "description": "Every tag's newest image is scanned by Drydock, and by each run of \
                            continuous patching, as the policy and the schedule say.",
        }]},
    }})
}

pub fn to_poam(file: &ComplianceFile) -> Value {
    let about = About::of(file);
    let mut plan = Map::new();
    let mut add = |name: &str, value: Value| plan.insert(name.to_owned(), value);
    add(
        "uuid",
        uuid(&[
            "oscal-poam",
            &about.registry,
            &about.rows_sha256,
            &about.as_of,
        ])
        .into(),
    );
    let mut head = metadata(file, "Plan of action and milestones");
    head["props"] = props(&about);
    add("metadata", head);
    add(
        "system-id",
        json!({"identifier-type": NAMESPACE, "id": file.registry}),
    );
    if !file.rows.is_empty() {
        add("local-definitions", json!({"components": components(file)}));
        add("observations", observations(file));
        add("risks", risks(file));
    }
    add("poam-items", items(file));
    json!({"plan-of-action-and-milestones": plan})
}

fn metadata(file: &ComplianceFile, title: &str) -> Value {
    json!({
        "title": format!("{title}: {}", file.registry),
        "last-modified": instant(file.generated_at),
        "version": instant(file.as_of),
        "oscal-version": OSCAL_VERSION,
    })
}

fn description(file: &ComplianceFile) -> String {
    format!("{}: {}", file.profile.name, file.profile.source)
}

/// The first detection of what is told.
fn start(file: &ComplianceFile) -> String {
    let detected = file.rows.iter();
    let first = detected
        .filter_map(|row| row.finding.instants.first_detected)
        .min();
    instant(first.unwrap_or(file.as_of))
}

fn props(about: &About) -> Value {
    let pairs = about.pairs().into_iter();
    // A value may not be empty, nor begin or end with a blank.
    let pairs = pairs.filter(|(_, value)| !value.trim().is_empty());
    pairs
        .map(|(name, value)| {
            json!({"name": name.replace('_', "-"), "ns": NAMESPACE, "value": value.trim()})
        })
        .collect()
}

fn component_id(row: &FindingRow) -> String {
    uuid(&[
        "oscal-component",
        &row.finding.registry,
        &row.finding.repository,
    ])
}

fn components(file: &ComplianceFile) -> Value {
    let mut repositories = BTreeMap::new();
    for row in &file.rows {
        repositories.insert(&row.finding.repository, component_id(row));
    }
    let component = |(repository, id): (&String, String)| {
        let name = match repository.as_str() {
            "" => file.registry.clone(),
            repository => format!("{}/{repository}", file.login_server),
        };
        json!({
            "uuid": id, "type": "software", "title": name,
            "description": "A repository of container images.",
            "status": {"state": "operational"},
        })
    };
    repositories.into_iter().map(component).collect()
}

fn observation_id(row: &FindingRow) -> String {
    let finding = &row.finding;
    uuid(&[
        "oscal-observation",
        &finding.scan_id,
        &finding.digest,
        &finding.repository,
    ])
}

/// One for each scan of an image that found something.
fn observations(file: &ComplianceFile) -> Value {
    let mut scans: BTreeMap<String, &FindingRow> = BTreeMap::new();
    for row in &file.rows {
        scans.entry(observation_id(row)).or_insert(row);
    }
    let observation = |(id, row): (String, &FindingRow)| {
        let finding = &row.finding;
        let dated = finding.database_at;
        let dated = dated.map_or_else(|| "of an unknown date".to_owned(), instant);
        let collected = finding.instants.first_detected.unwrap_or(finding.opened_at);
        json!({
            "uuid": id,
            "description": format!("{} by {}, with data of {dated}", finding.image(), finding.scanner),
            "methods": ["TEST"],
            "types": ["finding"],
            "subjects": [{"subject-uuid": component_id(row), "type": "component"}],
            "collected": instant(collected),
        })
    };
    scans.into_iter().map(observation).collect()
}

fn risk_id(row: &FindingRow) -> String {
    let opened = row.finding.opened_at.timestamp().to_string();
    uuid(&["oscal-risk", &row.finding.id, &opened])
}

fn risks(file: &ComplianceFile) -> Value {
    file.rows.iter().map(|row| risk(file, row)).collect()
}

fn risk(file: &ComplianceFile, row: &FindingRow) -> Value {
    let finding = &row.finding;
    let standing = row.deadline.standing;
    let status = match standing {
        Standing::Accepted => "deviation-approved",
        open if open.is_open() => "open",
        _ => "closed",
    };
    let facet =
        |name: &str, value: &str| json!({"name": name, "system": NAMESPACE, "value": value});
    let mut facets = vec![
        facet("severity", row.severity.as_str()),
        facet("known-exploited", row.kev_word()),
        facet("internet-reachable", row.exposure.as_str()),
    ];
    if let Some(epss) = row.signals.epss {
        facets.push(facet("epss", &epss.score()));
    }
    let tool = uuid(&["oscal-tool", &file.generator]);
    let mut risk = json!({
        "uuid": risk_id(row),
        "title": format!("{} in {}", finding.cve, named(&finding.package)),
        "description": format!(
            "{} {} of {}", named(&finding.package), finding.installed, finding.image()
        ),
        "statement": statement(row),
        "status": status,
        "characterizations": [{
            "origin": {"actors": [{"type": "tool", "actor-uuid": tool}]},
            "facets": facets,
        }],
        "remediations": [response(row)],
        "related-observations": [{"observation-uuid": observation_id(row)}],
    });
    if let Some(due) = row.deadline.due {
        risk["deadline"] = instant(due).into();
    }
    risk
}

fn named(text: &str) -> &str {
    match text {
        "" => "detection",
        text => text,
    }
}

fn statement(row: &FindingRow) -> String {
    let mut statement = format!("{}: {}", row.deadline.standing.label(), row.deadline.why);
    for default in &row.deadline.defaults {
        statement.push_str("; ");
        statement.push_str(default);
    }
    if let Some(kept) = &row.acceptance {
        statement.push_str(&format!("; accepted by {}", kept.phrase()));
    }
    statement
}

fn response(row: &FindingRow) -> Value {
    let finding = &row.finding;
    let id = uuid(&["oscal-response", &risk_id(row)]);
    match &finding.closing {
        Some(closing) => json!({
            "uuid": id, "lifecycle": "completed", "title": "Patched image",
            "description": format!(
                "{}: {} {}, verified by the scan {}",
                closing.reason.as_str(), closing.tag, closing.digest, closing.scan_id
            ),
        }),
        None => json!({
            "uuid": id, "lifecycle": "planned", "title": "Patch the image",
            "description": match finding.fixed.as_str() {
                "" => "No fix is offered yet.".to_owned(),
                version => format!("Update {} to {version}.", finding.package),
            },
        }),
    }
}

/// What is open, an item each. The format asks for one at least.
fn items(file: &ComplianceFile) -> Value {
    let open = file.rows.iter();
    let open = open.filter(|row| row.deadline.standing.is_open());
    let items: Vec<Value> = open
        .map(|row| {
            let finding = &row.finding;
            json!({
                "uuid": uuid(&["oscal-item", &risk_id(row)]),
                "title": format!("{} in {}", finding.cve, named(&finding.package)),
                "description": statement(row),
                "related-observations": [{"observation-uuid": observation_id(row)}],
                "related-risks": [{"risk-uuid": risk_id(row)}],
            })
        })
        .collect();
    match items.is_empty() {
        false => items.into(),
        true => json!([{
            "uuid": uuid(&["oscal-item", &file.registry, "none"]),
            "title": "Nothing is open",
            "description": "No finding that the filter names is open; this item is here because a plan \
                            has one at least.",
        }]),
    }
}
