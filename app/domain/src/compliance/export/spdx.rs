use super::{Sbom, instant, uuid};
use serde_json::{Value, json};

/// SPDX 2.3 of one image. Licences are not looked at, and said to be so.
pub fn to_spdx(sbom: &Sbom<'_>) -> Value {
    let about = sbom.about();
    let (file, contents) = (sbom.file, sbom.contents);
    let image = sbom.image();
    let mut packages = vec![package(
        "SPDXRef-image",
        &format!("{}/{}", file.login_server, sbom.repository),
        &contents.digest,
        &image,
    )];
    packages[0]["primaryPackagePurpose"] = "CONTAINER".into();
    if let Some(hex) = contents.digest.strip_prefix("sha256:") {
        packages[0]["checksums"] = json!([{"algorithm": "SHA256", "checksumValue": hex}]);
    }
    let mut relationships = vec![relationship(
        "SPDXRef-DOCUMENT",
        "DESCRIBES",
        "SPDXRef-image",
    )];
    for (index, installed) in contents.packages.iter().enumerate() {
        let id = format!("SPDXRef-package-{index}");
        let purl = sbom.package(installed);
        packages.push(package(&id, &installed.name, &installed.version, &purl));
        relationships.push(relationship("SPDXRef-image", "CONTAINS", &id));
    }
    let id = uuid(&["spdx", &contents.digest, &about.rows_sha256, &about.as_of]);
    let comment: Vec<String> = about
        .pairs()
        .iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    json!({
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": format!("{}:{}", sbom.repository, sbom.tag),
        "documentNamespace": format!("urn:uuid:{id}"),
        "creationInfo": {
            "created": instant(file.generated_at),
            "creators": [format!("Tool: {}", file.generator.replace(' ', "-"))],
        },
        "comment": comment.join("\n"),
        "packages": packages,
        "relationships": relationships,
    })
}

fn package(id: &str, name: &str, version: &str, purl: &str) -> Value {
    json!({
        "SPDXID": id,
        "name": name,
        "versionInfo": version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": false,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
        "externalRefs": [{
            "referenceCategory": "PACKAGE-MANAGER",
            "referenceType": "purl",
            "referenceLocator": purl,
        }],
    })
}

fn relationship(from: &str, kind: &str, to: &str) -> Value {
    json!({"spdxElementId": from, "relationshipType": kind, "relatedSpdxElement": to})
}
