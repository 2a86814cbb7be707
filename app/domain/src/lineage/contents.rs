//! What an image holds, read out of its own layers, and what differs between two of them.
use super::{InstalledPackage, PackageDiff, VulnerabilityDiff};
use crate::patch_report::OperatingSystem;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// One platform's image. A digest never changes what it names, so this stays true for ever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageContents {
    pub digest: String,
    /// `None` where the image does not say.
    pub os: Option<OperatingSystem>,
    /// By name and architecture.
    pub packages: Vec<InstalledPackage>,
    /// Why the package list is empty; a clause.
    pub note: Option<String>,
    pub configuration: Configuration,
    /// Base first.
    pub layers: Vec<Layer>,
    pub read_at: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layer {
    pub digest: String,
    /// As it is stored, compressed.
    pub size_bytes: u64,
}

/// What an image's configuration tells a runtime.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Configuration {
    pub platform: String,
    pub entrypoint: Vec<String>,
    pub command: Vec<String>,
    /// `PATH` and its like, by name.
    pub environment: BTreeMap<String, String>,
    pub user: String,
    pub working_directory: String,
    /// `80/tcp`.
    pub ports: BTreeSet<String>,
    pub volumes: BTreeSet<String>,
    pub stop_signal: String,
    pub labels: BTreeMap<String, String>,
}

/// A field of the configuration that is not the same in both; `None` where it is not set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// `Entrypoint`, `Environment PATH`, `Label maintainer`.
    pub field: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// Two images side by side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    pub before: String,
    pub after: String,
    pub packages: PackageDiff,
    /// Why a package list is missing; sentences.
    pub notes: Vec<String>,
    pub configuration: Vec<FieldChange>,
    pub layers: LayerDiff,
    pub vulnerabilities: Lookup<ScanComparison>,
}

/// Layers from the base up that both have, and what each has on top.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerDiff {
    pub shared: usize,
    pub only_before: Vec<Layer>,
    pub only_after: Vec<Layer>,
}

/// Scans of two images with the same scanner and data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScanComparison {
    pub difference: VulnerabilityDiff,
    /// Of the earlier of the two scans.
    pub as_of: DateTime<Utc>,
    /// What scanned, and what it cannot see; a sentence.
    pub source: String,
}

/// Something that takes a while to find out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lookup<T> {
    Found(T),
    Underway(Progress),
    /// Why it cannot be known; a sentence.
    Failed(String),
}

/// How far it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What is being done; a clause.
    pub doing: String,
    pub done_bytes: u64,
    /// 0 where nobody can say.
    pub total_bytes: u64,
}

/// A document, a signature or the like that refers to an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    pub digest: String,
    pub kind: AttachmentKind,
    /// `artifactType`, or the tag where the image is named by one.
    pub media_type: String,
    pub size_bytes: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum AttachmentKind {
    Sbom,
    Vex,
    Signature,
    ScanReport,
    PatchReport,
    Attestation,
    Other,
}

impl AttachmentKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sbom => "SBOM",
            Self::Vex => "VEX",
            Self::Signature => "Signature",
            Self::ScanReport => "Scan report",
            Self::PatchReport => "Patch report",
            Self::Attestation => "Attestation",
            Self::Other => "Other",
        }
    }

    /// By the words that the makers of such things use in their media types.
    pub fn of(media_type: &str) -> Self {
        let has = |word: &str| media_type.contains(word);
        if media_type == crate::patch_report::PATCH_REPORT_TYPE {
            Self::PatchReport
        } else if has("vex") {
            Self::Vex
        } else if has("spdx") || has("cyclonedx") || has("sbom") || has("syft") {
            Self::Sbom
        } else if has("signature")
            || has("simplesigning")
            || has(".sig.")
            || media_type.ends_with(".sig")
        {
            Self::Signature
        } else if has("trivy") || has("sarif") || has("scan") {
            Self::ScanReport
        } else if has("in-toto")
            || has("attestation")
            || has("sigstore")
            || media_type.ends_with(".att")
        {
            Self::Attestation
        } else {
            Self::Other
        }
    }
}

/// Field by field, in the order in which a reader asks.
pub fn compare_configurations(before: &Configuration, after: &Configuration) -> Vec<FieldChange> {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let words = |words: &[String]| (!words.is_empty()).then(|| words.join(" "));
    let set = |set: &BTreeSet<String>| {
        let words: Vec<String> = set.iter().cloned().collect();
        (!words.is_empty()).then(|| words.join(", "))
    };
    let mut changes = Vec::new();
    let mut add = |field: String, before: Option<String>, after: Option<String>| {
        if before != after {
            changes.push(FieldChange {
                field,
                before,
                after,
            });
        }
    };
    let (a, b) = (before, after);
    add("Platform".into(), text(&a.platform), text(&b.platform));
    add(
        "Entrypoint".into(),
        words(&a.entrypoint),
        words(&b.entrypoint),
    );
    add("Command".into(), words(&a.command), words(&b.command));
    add("User".into(), text(&a.user), text(&b.user));
    let directory = |it: &Configuration| text(&it.working_directory);
    add("Working directory".into(), directory(a), directory(b));
    add("Ports".into(), set(&a.ports), set(&b.ports));
    add("Volumes".into(), set(&a.volumes), set(&b.volumes));
    add(
        "Stop signal".into(),
        text(&a.stop_signal),
        text(&b.stop_signal),
    );
    for (word, a, b) in [
        ("Environment", &a.environment, &b.environment),
        ("Label", &a.labels, &b.labels),
    ] {
        let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
        for name in names {
            add(
                format!("{word} {name}"),
                a.get(name).cloned(),
                b.get(name).cloned(),
            );
        }
    }
    changes
}

pub fn compare_layers(before: &[Layer], after: &[Layer]) -> LayerDiff {
    let pairs = before.iter().zip(after);
    let shared = pairs.take_while(|(a, b)| a.digest == b.digest).count();
    LayerDiff {
        shared,
        only_before: before[shared..].to_vec(),
        only_after: after[shared..].to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_entrypoint_variable_and_label_are_told_and_nothing_else() {
        let before = Configuration {
            entrypoint: vec!["/run".into()],
            user: "app".into(),
            environment: [("PATH", "/bin"), ("HOME", "/")].map(own).into(),
            ..Configuration::default()
        };
        let mut after = before.clone();
        after.entrypoint = vec!["/bin/sh".into(), "-c".into()];
        after.environment.remove("HOME");
        after.labels = [("BaseImage", "debian:12")].map(own).into();
        let changes = compare_configurations(&before, &after);
        let told: Vec<_> = changes
            .iter()
            .map(|it| (it.field.as_str(), it.before.as_deref(), it.after.as_deref()))
            .collect();
        assert_eq!(
            told,
            [
                ("Entrypoint", Some("/run"), Some("/bin/sh -c")),
                ("Environment HOME", Some("/"), None),
                ("Label BaseImage", None, Some("debian:12")),
            ]
        );
        assert!(compare_configurations(&before, &before).is_empty());
    }

    fn own((name, value): (&str, &str)) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn only_layers_from_the_base_up_are_shared() {
        let layers = |digests: &str| -> Vec<Layer> {
            let layer = |digest: char| Layer {
                digest: digest.into(),
                size_bytes: 1,
            };
            digests.chars().map(layer).collect()
        };
        let check = |before, after, expected: (usize, &str, &str)| {
            let diff = compare_layers(&layers(before), &layers(after));
            assert_eq!(diff.shared, expected.0);
            assert_eq!(diff.only_before, layers(expected.1));
            assert_eq!(diff.only_after, layers(expected.2));
        };
        check("ab", "abp", (2, "", "p"));
        check("abx", "acx", (1, "bx", "cx"));
        check("", "a", (0, "", "a"));
    }

    #[test]
    fn an_attachment_is_known_by_its_media_type() {
        use AttachmentKind::{Attestation, Other, PatchReport, Sbom, ScanReport, Signature, Vex};
        for (media_type, expected) in [
            ("application/spdx+json", Sbom),
            ("application/vnd.cyclonedx+json", Sbom),
            ("application/vnd.openvex+json", Vex),
            ("application/vnd.cncf.notary.signature", Signature),
            ("application/vnd.dev.cosign.artifact.sig.v1+json", Signature),
            (
                "application/vnd.aquasecurity.trivy.report.v1+json",
                ScanReport,
            ),
            ("application/vnd.in-toto+json", Attestation),
            ("sha256-00.sig", Signature),
            (crate::patch_report::PATCH_REPORT_TYPE, PatchReport),
            ("application/json", Other),
        ] {
            assert_eq!(AttachmentKind::of(media_type), expected, "{media_type}");
        }
    }
}
