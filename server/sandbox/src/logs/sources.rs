//! The archives that clients upload for a run: kept for a day, as gzipped tar files.
use super::SourcePath;
use crate::store::files;
use chrono::{DateTime, Days, Utc};
use flate2::read::GzDecoder;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use tempfile::NamedTempFile;

/// What a dry run uploads is a definition and a policy: this is far above them.
pub const MAX_ARCHIVE_BYTES: u64 = 64 << 20;
/// An archive can say of itself that it is larger than any disk.
const MAX_UNPACKED_BYTES: u64 = 256 << 20;

/// Where the archives are, in a folder for each day.
pub struct SourceFolder(PathBuf);

/// The files of an archive by their paths, without a `./` in front.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct SourceFiles(BTreeMap<String, Vec<u8>>);

impl SourceFolder {
    pub fn open(path: PathBuf) -> io::Result<Self> {
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    /// A file that an archive can be written to; `keep` makes it the archive.
    pub fn begin(&self, path: &SourcePath) -> io::Result<NamedTempFile> {
        let folder = self.0.join(&path.day);
        std::fs::create_dir_all(&folder)?;
        files::temporary(&folder)
    }

    pub fn keep(&self, path: &SourcePath, file: NamedTempFile) -> io::Result<()> {
        files::persist(file, &self.file(path))
    }

    /// Removes the days before yesterday: nobody comes back for them.
    pub fn sweep(&self, now: DateTime<Utc>) -> io::Result<()> {
        let yesterday = now.checked_sub_days(Days::new(1)).unwrap_or(now);
        let oldest = SourcePath::new(yesterday).day;
        for folder in std::fs::read_dir(&self.0)? {
            let folder = folder?;
            if folder.file_name().to_string_lossy().as_ref() < oldest.as_str() {
                std::fs::remove_dir_all(folder.path())?;
            }
        }
        Ok(())
    }

    /// Unpacks an archive in memory; `None` when it was not uploaded.
    ///
    /// # Errors
    /// It is no gzipped tar file, or it is larger unpacked than what is read.
    pub fn read(&self, path: &SourcePath) -> io::Result<Option<SourceFiles>> {
        match File::open(self.file(path)) {
            Ok(file) => SourceFiles::unpack(file).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn file(&self, path: &SourcePath) -> PathBuf {
        self.0.join(&path.day).join(format!("{}.tar.gz", path.name))
    }
}

impl SourceFiles {
    fn unpack(archive: impl Read) -> io::Result<Self> {
        let mut left = MAX_UNPACKED_BYTES;
        let mut files = BTreeMap::new();
        // The limit is on the stream, so that sparse and endless entries count as they are read.
        let mut archive = tar::Archive::new(GzDecoder::new(archive).take(MAX_UNPACKED_BYTES));
        for entry in archive.entries()? {
            let mut entry = entry?;
            // The first one of what the az extension packs is a directory without a name.
            if !entry.header().entry_type().is_file() {
                continue;
            }
            let path = entry.path_bytes();
            let path = String::from_utf8_lossy(&path).into_owned();
            let mut content = Vec::new();
            left -= entry.by_ref().take(left).read_to_end(&mut content)? as u64;
            if left == 0 {
                let why = format!("it has more than {MAX_UNPACKED_BYTES} bytes unpacked");
                return Err(io::Error::other(why));
            }
            files.insert(plain(&path).to_owned(), content);
        }
        Ok(Self(files))
    }

    /// Nothing is written to the disk, so a path out of the archive finds nothing.
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.0.get(plain(path)).map(Vec::as_slice)
    }

    /// The paths in one line, for a message.
    pub fn list(&self) -> String {
        let paths: Vec<&str> = self.0.keys().map(String::as_str).collect();
        if paths.is_empty() {
            "no files".to_owned()
        } else {
            paths.join(", ")
        }
    }
}

fn plain(path: &str) -> &str {
    path.trim_start_matches("./")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::testing::archive;

    #[test]
    fn files_are_found_by_their_paths_and_a_directory_without_a_name_is_passed_over() {
        let files = SourceFiles::unpack(&archive(&[("a.yaml", "one"), ("b/c", "two")])[..]);
        let files = files.unwrap();
        assert_eq!(files.get("./a.yaml"), Some(&b"one"[..]));
        assert_eq!(files.get("b/c"), Some(&b"two"[..]));
        assert_eq!(files.get("c"), None);
        assert!(SourceFiles::unpack(&b"not an archive"[..]).is_err());
    }

    #[test]
    fn an_archive_is_kept_today_and_tomorrow() {
        let directory = tempfile::tempdir().unwrap();
        let folder = SourceFolder::open(directory.path().join("sources")).unwrap();
        let now: DateTime<Utc> = "2026-01-05T10:00:00Z".parse().unwrap();
        let path = SourcePath::new(now);
        assert_eq!(folder.read(&path).unwrap(), None);
        let mut file = folder.begin(&path).unwrap();
        io::Write::write_all(&mut file, &archive(&[("a", "b")])).unwrap();
        folder.keep(&path, file).unwrap();
        folder.sweep(now + Days::new(1)).unwrap();
        assert!(folder.read(&path).unwrap().is_some());
        folder.sweep(now + Days::new(2)).unwrap();
        assert_eq!(folder.read(&path).unwrap(), None);
    }
}
