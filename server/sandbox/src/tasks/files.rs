//! A folder of JSON documents, one file each, replaced as a whole: a process killed in mid-write
//! leaves the old document or the new one, never a half.
use crate::store::files;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

/// The documents of type `T` under one folder. Names are file stems, chosen by the caller from a
/// safe alphabet.
#[derive(Debug)]
pub struct JsonFolder<T> {
    path: PathBuf,
    documents: PhantomData<fn() -> T>,
}

/// Why saved state could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {cause}", path = .path.display())]
pub struct FileError {
    pub path: PathBuf,
    pub cause: Cause,
}

#[derive(Debug, thiserror::Error)]
pub enum Cause {
    #[error("cannot be read or written: {0}")]
    Io(#[from] io::Error),
    #[error("is not a document of this version: {0}; move it away, or restore it from a backup")]
    Json(#[from] serde_json::Error),
}

impl<T: Serialize + DeserializeOwned> JsonFolder<T> {
    /// Opens the folder, making it where it is missing, and clears what an earlier process did
    /// not finish.
    pub fn open(path: PathBuf) -> Result<Self, FileError> {
        let opened = std::fs::create_dir_all(&path).and_then(|()| clear_unfinished(&path));
        match opened {
            Ok(()) => Ok(Self {
                path,
                documents: PhantomData,
            }),
            Err(cause) => Err(failed(&path, cause)),
        }
    }

    /// Every document, in no particular order.
    pub fn load(&self) -> Result<Vec<T>, FileError> {
        let listing = std::fs::read_dir(&self.path).map_err(|cause| failed(&self.path, cause))?;
        let mut documents = Vec::new();
        for file in listing {
            let path = file.map_err(|cause| failed(&self.path, cause))?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "json")
            {
                let bytes = std::fs::read(&path).map_err(|cause| failed(&path, cause))?;
                let document =
                    serde_json::from_slice(&bytes).map_err(|cause| failed(&path, cause))?;
                documents.push(document);
            }
        }
        Ok(documents)
    }

    pub fn write(&self, name: &str, document: &T) -> Result<(), FileError> {
        let path = self.file(name);
        let written = serde_json::to_vec_pretty(document)
            .map_err(Cause::from)
            .and_then(|bytes| Ok(files::write_private(&path, &bytes)?));
        written.map_err(|cause| FileError { path, cause })
    }

    /// Removes a document; one that is not there is no error.
    pub fn delete(&self, name: &str) -> Result<(), FileError> {
        let path = self.file(name);
        files::remove(&path).map_err(|cause| failed(&path, cause))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path.join(format!("{name}.json"))
    }
}

fn failed(path: &Path, cause: impl Into<Cause>) -> FileError {
    FileError {
        path: path.to_owned(),
        cause: cause.into(),
    }
}

fn clear_unfinished(folder: &Path) -> io::Result<()> {
    for file in std::fs::read_dir(folder)? {
        let file = file?;
        if file
            .file_name()
            .to_string_lossy()
            .starts_with(files::TEMPORARY_PREFIX)
        {
            std::fs::remove_file(file.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_loaded_by_the_next_process_and_half_written_files_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let documents = JsonFolder::<String>::open(folder.path().join("runs")).unwrap();
        documents.write("one", &"first".to_owned()).unwrap();
        documents.write("one", &"second".to_owned()).unwrap();
        documents.write("two", &"gone".to_owned()).unwrap();
        documents.delete("two").unwrap();
        documents.delete("two").unwrap();
        let half = folder.path().join("runs").join(".tmp-abc");
        std::fs::write(&half, "{\"ha").unwrap();

        let again = JsonFolder::<String>::open(folder.path().join("runs")).unwrap();
        assert_eq!(again.load().unwrap(), ["second"]);
        assert!(!half.exists());
    }

    #[test]
    fn a_document_that_is_not_ours_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let documents = JsonFolder::<String>::open(folder.path().to_owned()).unwrap();
        std::fs::write(folder.path().join("bad.json"), "{").unwrap();
        let message = documents.load().unwrap_err().to_string();
        assert!(message.contains("bad.json"), "{message}");
    }
}
