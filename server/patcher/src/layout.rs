//! OCI layouts on disk: a directory of blobs with an index of tags.
//! <https://github.com/opencontainers/image-spec/blob/main/image-layout.md>
use crate::image::manifest::sha256;
use crate::{BlobInfo, BlobStore, Engine, Job, PatchError, PatchOutcome, ReadSeek, TrivyReport};
use drydock_domain::patch_report::ImageReference;
use drydock_domain::tag::Tag;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

const TAG: &str = "org.opencontainers.image.ref.name";
/// An index of tags larger than this is none.
const INDEX_BYTES: u64 = 16 << 20;

/// `oci:DIR:TAG`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayoutReference {
    pub directory: PathBuf,
    pub tag: String,
}

/// Reads a reference as skopeo writes it. The tag may not be left out, and is one by the
/// grammar of the OCI distribution specification.
pub fn parse_reference(text: &str) -> Result<LayoutReference, PatchError> {
    let refuse = |why: &str| PatchError::Name(format!("{text:?} names no image: {why}"));
    let rest = text
        .strip_prefix("oci:")
        .ok_or_else(|| refuse("an image is written oci:DIR:TAG"))?;
    let (directory, tag) = rest
        .rsplit_once(':')
        .ok_or_else(|| refuse("it has no tag: write oci:DIR:TAG"))?;
    if directory.is_empty() || tag.is_empty() || tag.contains('/') {
        return Err(refuse("it has no tag: write oci:DIR:TAG"));
    }
    check_tag(tag)?;
    Ok(LayoutReference {
        directory: directory.into(),
        tag: tag.to_owned(),
    })
}

fn check_tag(tag: &str) -> Result<(), PatchError> {
    match Tag::parse(tag) {
        Ok(_) => Ok(()),
        Err(error) => Err(PatchError::Name(error.to_string())),
    }
}

/// Scans the image that a reference names.
pub fn scan_layout(reference: &str, engine: &Engine, job: &Job) -> Result<TrivyReport, PatchError> {
    let parsed = parse_reference(reference)?;
    let store = LayoutStore::open(&parsed.directory)?;
    let manifest = store.manifest(&parsed.tag)?;
    engine.scan(&store, &manifest, reference, job)
}

/// Patches the image that a reference names, and tags the result in the same layout. Where there
/// is nothing to patch, the new tag is not made. The original's own tag is refused as the new one:
/// the original would lose its name.
pub fn patch_layout(
    reference: &str,
    to_tag: &str,
    engine: &Engine,
    job: &Job,
) -> Result<PatchOutcome, PatchError> {
    let parsed = parse_reference(reference)?;
    check_tag(to_tag)?;
    if to_tag == parsed.tag {
        return Err(PatchError::Name(format!(
            "{to_tag} is the tag of the original, which patching would take its name from: \
             name another tag for the patched image"
        )));
    }
    let store = LayoutStore::open(&parsed.directory)?;
    let manifest = store.manifest(&parsed.tag)?;
    let origin = ImageReference {
        repository: parsed.directory.display().to_string(),
        tag: parsed.tag,
        digest: sha256(&manifest),
    };
    let outcome = engine.patch(&store, &manifest, origin, to_tag, job)?;
    if let PatchOutcome::Patched {
        manifest,
        media_type,
        ..
    } = &outcome
    {
        store.put_manifest(to_tag, media_type, manifest)?;
    }
    Ok(outcome)
}

/// An OCI layout.
#[derive(Clone, Debug)]
pub struct LayoutStore {
    root: PathBuf,
}

impl LayoutStore {
    /// A layout that is there.
    pub fn open(root: &Path) -> Result<Self, PatchError> {
        let marker = root.join("oci-layout");
        match fs::metadata(&marker) {
            Ok(_) => Ok(Self {
                root: root.to_owned(),
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(PatchError::Image {
                what: root.display().to_string(),
                why: "it is not an OCI layout: there is no file oci-layout in it".into(),
            }),
            Err(error) => Err(PatchError::io(format!("opening {}", marker.display()))(
                error,
            )),
        }
    }

    /// Makes an empty layout, or opens the one that is there.
    pub fn create(root: &Path) -> Result<Self, PatchError> {
        let make = || -> io::Result<()> {
            fs::create_dir_all(root.join("blobs/sha256"))?;
            if !root.join("index.json").exists() {
                let index = json!({"schemaVersion": 2, "manifests": []});
                write_whole(root, &root.join("index.json"), index.to_string().as_bytes())?;
            }
            // Last, because it is what makes the directory a layout.
            write_whole(
                root,
                &root.join("oci-layout"),
                br#"{"imageLayoutVersion":"1.0.0"}"#,
            )
        };
        make().map_err(PatchError::io(format!(
            "making a layout in {}",
            root.display()
        )))?;
        Ok(Self {
            root: root.to_owned(),
        })
    }

    /// Tags, in the order of the index.
    pub fn tags(&self) -> Result<Vec<String>, PatchError> {
        let index = self.read_index()?;
        let entries = index["manifests"].as_array().into_iter().flatten();
        Ok(entries
            .filter_map(|entry| entry["annotations"][TAG].as_str().map(str::to_owned))
            .collect())
    }

    /// The bytes of the manifest that a tag names, their digest verified.
    pub fn manifest(&self, tag: &str) -> Result<Vec<u8>, PatchError> {
        let index = self.read_index()?;
        let what = format!("tag {tag} in {}", self.root.display());
        let entries = index["manifests"].as_array().into_iter().flatten();
        let entry = entries
            .into_iter()
            .find(|entry| entry["annotations"][TAG] == tag);
        let Some(digest) = entry.and_then(|entry| entry["digest"].as_str()) else {
            let tags = self.tags()?.join(", ");
            let why = format!("there is no such tag; the layout has: {tags}");
            return Err(PatchError::Image { what, why });
        };
        let mut bytes = Vec::new();
        let blob = self.open_blob(digest).map_err(|error| PatchError::Image {
            what: what.clone(),
            why: format!("its manifest {digest} cannot be opened: {error}"),
        })?;
        let read = blob.take(INDEX_BYTES).read_to_end(&mut bytes);
        read.map_err(PatchError::io(format!("reading manifest {digest}")))?;
        if sha256(&bytes) != digest {
            let why = format!(
                "its manifest's bytes have the digest {}, not {digest}",
                sha256(&bytes)
            );
            return Err(PatchError::Image { what, why });
        }
        Ok(bytes)
    }

    /// Stores a manifest and lets a tag name it, at once for every reader.
    pub fn put_manifest(
        &self,
        tag: &str,
        media_type: &str,
        manifest: &[u8],
    ) -> Result<String, PatchError> {
        let what = || format!("tagging {tag} in {}", self.root.display());
        let blob = self.put(&mut &*manifest).map_err(PatchError::io(what()))?;
        // Two processes that tag at the same time would lose one of the tags.
        let lock = File::open(self.root.join("oci-layout")).map_err(PatchError::io(what()))?;
        lock.lock().map_err(PatchError::io(what()))?;
        let mut index = self.read_index()?;
        let Some(entries) = index["manifests"].as_array_mut() else {
            return Err(self.index_refused("it has no list of manifests"));
        };
        entries.retain(|entry| entry["annotations"][TAG] != tag);
        entries.push(json!({
            "mediaType": media_type,
            "digest": blob.digest,
            "size": blob.size_bytes,
            "annotations": {TAG: tag},
        }));
        let path = self.root.join("index.json");
        write_whole(&self.root, &path, index.to_string().as_bytes())
            .map_err(PatchError::io(what()))?;
        Ok(blob.digest)
    }

    fn read_index(&self) -> Result<Value, PatchError> {
        let path = self.root.join("index.json");
        let mut bytes = Vec::new();
        let read =
            File::open(&path).and_then(|file| file.take(INDEX_BYTES).read_to_end(&mut bytes));
        read.map_err(PatchError::io(format!("reading {}", path.display())))?;
        let index: Value = serde_json::from_slice(&bytes)
            .map_err(|error| self.index_refused(&format!("it is not JSON: {error}")))?;
        if index.is_object() {
            Ok(index)
        } else {
            Err(self.index_refused("it is not a JSON object"))
        }
    }

    fn index_refused(&self, why: &str) -> PatchError {
        let what = self.root.join("index.json").display().to_string();
        PatchError::Image {
            what,
            why: why.to_owned(),
        }
    }

    fn open_blob(&self, digest: &str) -> io::Result<File> {
        let hexadecimal = digest.strip_prefix("sha256:").unwrap_or_default();
        let is_digest =
            hexadecimal.len() == 64 && hexadecimal.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_digest {
            let why = format!("{digest:?} is not a digest of sha256");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        File::open(self.root.join("blobs/sha256").join(hexadecimal))
    }
}

impl BlobStore for LayoutStore {
    fn open(&self, digest: &str) -> io::Result<Box<dyn ReadSeek>> {
        Ok(Box::new(self.open_blob(digest)?))
    }

    fn put(&self, content: &mut dyn Read) -> io::Result<BlobInfo> {
        let directory = self.root.join("blobs/sha256");
        fs::create_dir_all(&directory)?;
        let mut file = tempfile::Builder::new()
            .prefix(".drydock-")
            .tempfile_in(&self.root)?;
        let mut hash = Sha256::new();
        let mut size_bytes = 0;
        let mut buffer = vec![0; 128 << 10];
        loop {
            let length = content.read(&mut buffer)?;
            if length == 0 {
                break;
            }
            hash.update(&buffer[..length]);
            file.write_all(&buffer[..length])?;
            size_bytes += length as u64;
        }
        let hexadecimal = hex::encode(hash.finalize());
        publish(file, &directory.join(&hexadecimal))?;
        Ok(BlobInfo {
            digest: format!("sha256:{hexadecimal}"),
            size_bytes,
        })
    }
}

fn write_whole(directory: &Path, path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = tempfile::Builder::new()
        .prefix(".drydock-")
        .tempfile_in(directory)?;
    file.write_all(content)?;
    publish(file, path)
}

/// Readable as other tools make it, on the disk, then in its place.
fn publish(file: tempfile::NamedTempFile, path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.as_file()
            .set_permissions(fs::Permissions::from_mode(0o644))?;
    }
    file.as_file().sync_data()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (tempfile::TempDir, LayoutStore) {
        let directory = tempfile::tempdir().unwrap();
        let store = LayoutStore::create(directory.path()).unwrap();
        (directory, store)
    }

    #[test]
    fn a_reference_has_a_directory_and_a_tag() {
        let parsed = parse_reference("oci:/a/b:c:1.0-1").unwrap();
        assert_eq!(
            (parsed.directory.to_str(), parsed.tag.as_str()),
            (Some("/a/b:c"), "1.0-1")
        );
        for wrong in [
            "docker://a",
            "oci:/a/b",
            "oci::1",
            "oci:/a:b/c",
            "oci:/a:",
            "oci:/a:-b",
            "oci:/a:b c",
        ] {
            assert!(parse_reference(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_tag_names_the_last_manifest_that_was_put() {
        let (directory, store) = store();
        store.put_manifest("1", "application/x", b"{}").unwrap();
        store.put_manifest("2", "application/x", b"[]").unwrap();
        store.put_manifest("1", "application/x", b"[1]").unwrap();
        assert_eq!(store.manifest("1").unwrap(), b"[1]");
        assert_eq!(store.tags().unwrap(), ["2", "1"]);
        let message = store.manifest("3").unwrap_err().to_string();
        assert!(message.contains("the layout has: 2, 1"), "{message}");
        // Making it again changes nothing.
        LayoutStore::create(directory.path()).unwrap();
        assert_eq!(store.tags().unwrap(), ["2", "1"]);
    }

    #[test]
    fn a_manifest_whose_bytes_were_changed_is_refused() {
        let (directory, store) = store();
        let digest = store.put_manifest("1", "application/x", b"{}").unwrap();
        let path = directory.path().join("blobs/sha256").join(&digest[7..]);
        fs::write(path, b"{} ").unwrap();
        assert!(
            store
                .manifest("1")
                .unwrap_err()
                .to_string()
                .contains(&digest)
        );
    }

    #[test]
    fn a_content_that_breaks_off_leaves_nothing() {
        struct Breaking;
        impl Read for Breaking {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("gone"))
            }
        }
        let (directory, store) = store();
        assert!(store.put(&mut b"start".chain(Breaking)).is_err());
        assert_eq!(
            fs::read_dir(directory.path().join("blobs/sha256"))
                .unwrap()
                .count(),
            0
        );
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 3);
    }

    #[test]
    fn a_directory_that_is_no_layout_says_so() {
        let directory = tempfile::tempdir().unwrap();
        let message = LayoutStore::open(directory.path()).unwrap_err().to_string();
        assert!(message.contains("not an OCI layout"), "{message}");
    }
}
