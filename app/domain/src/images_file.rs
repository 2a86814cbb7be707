//! A whole registry as a file: a line for each tag, as many as the Images page counts.
use crate::console::{RegistryTags, TagFacts};
use crate::dry_run::push_csv_cell;
use crate::tag::{TagKind, kind};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageLine {
    pub repository: String,
    pub tag: String,
    pub kind: ImageKind,
    /// The tag that a patch is named after; of an original itself.
    pub original: String,
    pub digest: String,
    pub size_bytes: u64,
    /// `linux/amd64`; empty for an index.
    pub platform: String,
    pub media_type: String,
    pub updated_at: Option<DateTime<Utc>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImageKind {
    Original,
    Patch,
    /// The tag that moves with every patch.
    FloatingPatch,
}

impl ImageKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Patch => "patch",
            Self::FloatingPatch => "floating-patch",
        }
    }
}

/// The registry's tags by repository, and when they were so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImagesFile {
    pub as_of: Option<DateTime<Utc>>,
    pub images: Vec<ImageLine>,
}

impl From<&RegistryTags> for ImagesFile {
    fn from(registry: &RegistryTags) -> Self {
        let images = registry.repositories.iter().flat_map(|repository| {
            let tags = repository.tags.iter();
            tags.map(|tag| line(&repository.repository, tag))
        });
        Self {
            as_of: registry.as_of,
            images: images.collect(),
        }
    }
}

fn line(repository: &str, tag: &TagFacts) -> ImageLine {
    let (kind, original) = match kind(&tag.tag) {
        TagKind::Original => (ImageKind::Original, tag.tag.as_str()),
        TagKind::Incremental { base, .. } => (ImageKind::Patch, base),
        TagKind::Floating { base } => (ImageKind::FloatingPatch, base),
    };
    ImageLine {
        repository: repository.to_owned(),
        kind,
        original: original.to_owned(),
        tag: tag.tag.clone(),
        digest: tag.digest.clone(),
        size_bytes: tag.size_bytes,
        platform: match (tag.os.as_str(), tag.architecture.as_str()) {
            ("", _) | (_, "") => String::new(),
            (os, architecture) => format!("{os}/{architecture}"),
        },
        media_type: tag.media_type.clone(),
        updated_at: tag.updated_at,
    }
}

const COLUMNS: &str =
    "repository,tag,kind,original,digest,size_bytes,platform,media_type,updated_at,as_of\r\n";

/// RFC 4180, with a line of column names. No cell is a formula to a spreadsheet.
pub fn to_csv(file: &ImagesFile) -> String {
    let instant = |at: Option<DateTime<Utc>>| at.map_or_else(String::new, |at| at.to_rfc3339());
    let as_of = instant(file.as_of);
    let mut text = COLUMNS.to_owned();
    for image in &file.images {
        let cells = [
            image.repository.as_str(),
            &image.tag,
            image.kind.as_str(),
            &image.original,
            &image.digest,
            &image.size_bytes.to_string(),
            &image.platform,
            &image.media_type,
            &instant(image.updated_at),
            &as_of,
        ];
        for (index, cell) in cells.into_iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            push_csv_cell(&mut text, cell);
        }
        text.push_str("\r\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::RepositoryTags;

    #[test]
    fn every_tag_is_a_line_of_its_kind() {
        let tag = |tag: &str| TagFacts {
            tag: tag.to_owned(),
            digest: "sha256:a".to_owned(),
            os: "linux".to_owned(),
            architecture: "amd64".to_owned(),
            size_bytes: 7,
            ..TagFacts::default()
        };
        let file = ImagesFile::from(&RegistryTags {
            repositories: vec![RepositoryTags {
                repository: "web".to_owned(),
                tags: vec![tag("1.0"), tag("1.0-2"), tag("1.0-patched")],
            }],
            within: None,
            as_of: DateTime::from_timestamp(0, 0),
        });
        let csv = to_csv(&file);
        let lines: Vec<_> = csv.split_terminator("\r\n").collect();
        assert_eq!(lines.len(), 4);
        assert_eq!(
            lines[2],
            "\"web\",\"1.0-2\",\"patch\",\"1.0\",\"sha256:a\",\"7\",\"linux/amd64\",\"\",\"\",\
             \"1970-01-01T00:00:00+00:00\""
        );
        assert!(lines[3].contains("\"floating-patch\",\"1.0\""), "{csv}");
    }
}
