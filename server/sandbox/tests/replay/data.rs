//! What the commands send.
use base64::{Engine as _, engine::general_purpose::STANDARD};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

pub const TASKS: [&str; 3] = [
    "cssc-patch-image",
    "cssc-scan-image",
    "cssc-trigger-workflow",
];
pub const POLICY: &str = r#"{"version": "v1", "tag-convention": "incremental", "repositories": [{"repository": "app", "tags": ["*"]}]}"#;
const TEMPLATE: &str = include_str!("../data/template.json");
const DRY_RUN: &str =
    "steps:\n- cmd: acr cssc patch --dry-run --filter-policy-file {{.Values.CONFIGPATH}} > out\n";
const CONTENTS: [&str; 3] = [
    "steps:\n- cmd: trivy image x\n- cmd: copa patch -i x\n",
    "steps:\n- cmd: trivy image x\n- cmd: az acr task run --name cssc-patch-image\n",
    "steps:\n- cmd: acr cssc patch --dry-run\n- cmd: az acr task run --name cssc-scan-image\n",
];

/// The content of a task, in base64.
pub fn content(task: usize) -> String {
    STANDARD.encode(CONTENTS[task])
}

pub fn deployment(registry: &str, schedule: &str) -> Value {
    let template: Value = serde_json::from_str(TEMPLATE).unwrap();
    let value = |value: &str| json!({"value": value});
    json!({"properties": {
        "template": template,
        "parameters": {
            "AcrName": value(registry),
            "AcrLocation": value("local"),
            "taskSchedule": value(schedule),
            "imagePatchingEncodedTask": value(&content(0)),
            "imageScanningEncodedTask": value(&content(1)),
            "registryScanningEncodedTask": value(&content(2)),
        },
        "mode": "Incremental",
    }})
}

/// A gzipped tar with a directory without a name, the definition of the dry run, and the policy.
pub fn source_archive() -> Vec<u8> {
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let mut root = tar::Header::new_ustar();
    root.set_entry_type(tar::EntryType::Directory);
    root.set_size(0);
    root.set_cksum();
    builder.append(&root, std::io::empty()).unwrap();
    for (path, content) in [
        ("tmp_dry_run_template.yaml", DRY_RUN),
        ("policy.json", POLICY),
    ] {
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        builder
            .append_data(&mut header, path, content.as_bytes())
            .unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

pub fn dry_run(source: &str) -> Value {
    json!({
        "type": "FileTaskRunRequest",
        "isArchiveEnabled": false,
        "taskFilePath": "tmp_dry_run_template.yaml",
        "values": [{"name": "CONFIGPATH", "value": "policy.json"}],
        "platform": {"os": "Linux", "architecture": "amd64"},
        "sourceLocation": source,
        "credentials": {},
    })
}
