//! An image's packages and configuration, by the patcher's own view of images.
use chrono::{DateTime, Utc};
use drydock_domain::lineage::{Configuration, ImageContents, InstalledPackage, Layer};
use drydock_patcher::scan::Subject;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn contents(subject: &Subject<'_>, read_at: DateTime<Utc>) -> ImageContents {
    let mut packages: Vec<InstalledPackage> = Vec::new();
    for package in subject
        .database
        .iter()
        .flat_map(|database| database.present())
    {
        packages.push(InstalledPackage {
            name: package.package.clone(),
            architecture: package.architecture.clone(),
            version: package.version.clone(),
        });
    }
    packages.sort();
    let layers = subject.manifest.layers.iter().map(|layer| Layer {
        digest: layer.digest.clone(),
        size_bytes: layer.size_bytes,
    });
    ImageContents {
        digest: subject.manifest.digest.clone(),
        os: subject.system.as_ref().map(|system| system.to_report()),
        note: packages.is_empty().then(|| no_packages(subject)),
        packages,
        configuration: configuration(&subject.config),
        layers: layers.collect(),
        read_at,
    }
}

fn no_packages(subject: &Subject<'_>) -> String {
    match (&subject.system, &subject.database) {
        (_, Some(_)) => "its package database is empty".into(),
        (Some(system), None) => format!(
            "{} {} has no dpkg database, and no other kind is read yet",
            system.family, system.name
        ),
        (None, None) => "it has no package database and does not say what system it holds".into(),
    }
}

/// Of OCI's and Docker's configuration alike; `labels` in lower case is where Copa writes its own.
fn configuration(config: &Value) -> Configuration {
    let runtime = &config["config"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let words = |value: &Value| -> Vec<String> {
        value.as_array().into_iter().flatten().map(text).collect()
    };
    let names = |value: &Value| -> BTreeSet<String> {
        let names = value.as_object().into_iter().flatten();
        names.map(|(name, _)| name.clone()).collect()
    };
    let mut labels = BTreeMap::new();
    for key in ["labels", "Labels"] {
        let found = runtime[key].as_object().into_iter().flatten();
        labels.extend(found.map(|(name, value)| (name.clone(), text(value))));
    }
    let platform: Vec<String> = ["os", "architecture", "variant"]
        .iter()
        .map(|key| text(&config[*key]))
        .filter(|word| !word.is_empty())
        .collect();
    Configuration {
        platform: platform.join("/"),
        entrypoint: words(&runtime["Entrypoint"]),
        command: words(&runtime["Cmd"]),
        environment: words(&runtime["Env"])
            .iter()
            .map(|line| line.split_once('=').unwrap_or((line, "")))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        user: text(&runtime["User"]),
        working_directory: text(&runtime["WorkingDir"]),
        ports: names(&runtime["ExposedPorts"]),
        volumes: names(&runtime["Volumes"]),
        stop_signal: text(&runtime["StopSignal"]),
        labels,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_configuration_is_read_with_labels_of_either_case() {
        let read = configuration(&json!({
            "os": "linux", "architecture": "arm64", "variant": "v8",
            "config": {
                "Env": ["PATH=/bin:/usr/bin", "EMPTY=", "BARE"],
                "Entrypoint": ["/run"], "Cmd": null, "ExposedPorts": {"80/tcp": {}},
                "Labels": {"a": "1"}, "labels": {"BaseImage": "debian:12"},
            },
        }));
        assert_eq!(read.platform, "linux/arm64/v8");
        assert_eq!(read.entrypoint, ["/run"]);
        assert_eq!(read.command, [""; 0]);
        assert_eq!(read.environment["PATH"], "/bin:/usr/bin");
        assert_eq!(read.environment["BARE"], "");
        assert_eq!(read.labels["BaseImage"], "debian:12");
        assert_eq!(read.labels["a"], "1");
        assert!(read.ports.contains("80/tcp"));
    }
}
