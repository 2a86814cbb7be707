//! The whole way from apt sources to a verified package, over a toy archive in a folder.
use super::*;
use crate::job::testing::{quiet, test_now};
use crate::toy::{self, ToyKey, ToySuite};
use chrono::TimeDelta;
use std::fs;
use std::path::Path;

/// A toy archive, a cache, and an archive client that knows the toy's folder.
struct World {
    dir: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        toy::write_archive(&dir.path().join("toy"), test_now()).unwrap();
        Self { dir }
    }

    fn with_suites(change: impl Fn(&mut ToySuite)) -> Self {
        let world = Self::new();
        let mut suites = toy::suites(test_now());
        suites.iter_mut().for_each(change);
        let key = ToyKey::load_or_make(&world.toy_dir()).unwrap();
        toy::write_suites(&world.toy_dir(), &key, &suites).unwrap();
        world
    }

    fn toy_dir(&self) -> PathBuf {
        self.dir.path().join("toy")
    }

    fn archive(&self) -> Archive {
        let config = ArchiveConfig {
            toy_dir: Some(self.toy_dir()),
            machine_apt_dir: None,
            ..ArchiveConfig::default()
        };
        Archive::new(self.dir.path().join("cache"), config).unwrap()
    }

    fn suites(&self) -> Result<Suites, PatchError> {
        quiet(|job| {
            self.archive()
                .suites_for(&toy_sources(), &harbour(), "amd64", job)
        })
    }

    fn fetch(&self, package: &str) -> Result<PathBuf, PatchError> {
        let suites = self.suites()?;
        let suite = suites
            .suites
            .iter()
            .find(|suite| suite.is_security)
            .unwrap();
        let stanza = suite.index.find(package).next().unwrap();
        quiet(|job| self.archive().fetch_deb(suite, &stanza, job))
    }

    /// Changes one file of the toy archive.
    fn edit(&self, path: &str, change: impl Fn(Vec<u8>) -> Vec<u8>) {
        let path = self.toy_dir().join(path);
        let content = fs::read(&path).unwrap();
        fs::write(&path, change(content)).unwrap();
    }
}

fn harbour() -> OsRelease {
    OsRelease {
        id: toy::NAME.into(),
        codename: toy::CODENAME.into(),
        ..OsRelease::default()
    }
}

fn toy_sources() -> Vec<AptSource> {
    let text = format!(
        "deb {0} harbour main\ndeb {0} harbour-security main\n",
        toy::ADDRESS
    );
    sources::parse("sources.list", &text)
}

/// The files of a folder, by their content's names.
fn only_file(dir: &Path, ending: &str) -> PathBuf {
    let mut found: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().contains(ending))
        .collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[test]
fn signed_suites_are_loaded_and_packages_fetched() {
    let world = World::new();
    let suites = world.suites().unwrap();
    let labels: Vec<_> = suites
        .suites
        .iter()
        .map(|suite| suite.label.as_str())
        .collect();
    assert_eq!(labels, ["harbour", "harbour-security"]);
    assert!(suites.suites[1].is_security);
    assert_eq!(suites.suites[1].release.date, test_now());
    let ssl = suites.suites[1].index.find("toy-ssl").next().unwrap();
    assert_eq!(ssl.version, "3.0.4-1+t1");
    let deb = deb::Deb::open(&world.fetch("toy-ssl").unwrap()).unwrap();
    let deb::Changelog::Text(changelog) = deb.changelog().unwrap() else {
        panic!("no changelog")
    };
    let ids = changelog::ids_between(&changelog, "3.0.1-1", "3.0.4-1+t1");
    assert_eq!(ids.len(), 4, "{ids:?}");
}

#[test]
fn a_changed_release_is_not_trusted() {
    let world = World::new();
    world.edit("dists/harbour-security/InRelease", |content| {
        String::from_utf8(content)
            .unwrap()
            .replace("Label: Toy", "Label: Boy")
            .into_bytes()
    });
    let error = world.suites().unwrap_err();
    assert!(
        matches!(&error, PatchError::Untrusted { url, .. } if url.contains("harbour-security"))
    );
    assert!(
        error.to_string().contains("does not fit the text"),
        "{error}"
    );
}

#[test]
fn a_release_of_another_suite_does_not_pass_for_this_one() {
    let world = World::new();
    let older = fs::read(world.toy_dir().join("dists/harbour/InRelease")).unwrap();
    world.edit("dists/harbour-security/InRelease", |_| older.clone());
    let error = world.suites().unwrap_err();
    assert!(
        error.to_string().contains("not of harbour-security"),
        "{error}"
    );
}

#[test]
fn security_fixes_signed_by_a_stranger_are_an_error_not_an_absence() {
    let world = World::new();
    let stranger = ToyKey::load_or_make(&world.dir.path().join("stranger")).unwrap();
    let suites = toy::suites(test_now());
    let security: Vec<_> = suites
        .into_iter()
        .filter(|suite| suite.name == "harbour-security")
        .collect();
    toy::write_suites(&world.toy_dir(), &stranger, &security).unwrap();
    let error = world.suites().unwrap_err();
    assert!(matches!(error, PatchError::Untrusted { .. }), "{error}");
    assert!(
        error.to_string().contains("no such key is known"),
        "{error}"
    );
}

#[test]
fn an_expired_release_is_refused_and_says_since_when() {
    let world = World::with_suites(|suite| {
        suite.date = test_now() - TimeDelta::days(9);
        suite.valid_until = Some(test_now() - TimeDelta::days(2));
    });
    let error = world.suites().unwrap_err();
    assert!(matches!(error, PatchError::Expired { .. }), "{error}");
    assert!(
        error.to_string().contains("valid until 2026-11-19"),
        "{error}"
    );
}

#[test]
fn an_old_release_without_expiry_is_used_and_flagged() {
    let world = World::with_suites(|suite| suite.date = test_now() - TimeDelta::days(90));
    let notes = world.suites().unwrap().notes;
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(
        notes[0].contains("harbour-security is 90 days old"),
        "{notes:?}"
    );
}

#[test]
fn a_cut_or_changed_index_is_damaged() {
    let by_hash = "dists/harbour/main/binary-amd64/by-hash/SHA256";
    for (change, message) in [
        (
            (|bytes| bytes[..bytes.len() / 2].to_vec()) as fn(Vec<u8>) -> Vec<u8>,
            "bytes where",
        ),
        (
            |mut bytes| {
                bytes[40] ^= 1;
                bytes
            },
            "its SHA-256 is",
        ),
    ] {
        let world = World::new();
        let folder = world.toy_dir().join(by_hash);
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let content = fs::read(&path).unwrap();
            fs::write(&path, change(content)).unwrap();
        }
        let error = world.suites().unwrap_err();
        assert!(matches!(error, PatchError::Corrupt { .. }), "{error}");
        assert!(error.to_string().contains(message), "{error}");
        assert!(
            error.to_string().contains("harbour/main/binary-amd64"),
            "{error}"
        );
    }
}

#[test]
fn a_package_that_is_not_the_signed_one_is_damaged_and_not_kept() {
    let world = World::new();
    let pool = world.toy_dir().join("pool/main");
    let file = only_file(&pool, "toy-ssl_3.0.4");
    let honest = fs::read(&file).unwrap();
    let mut changed = honest.clone();
    *changed.last_mut().unwrap() ^= 1;
    fs::write(&file, changed).unwrap();
    let error = world.fetch("toy-ssl").unwrap_err();
    assert!(matches!(error, PatchError::Corrupt { .. }), "{error}");
    fs::write(&file, honest).unwrap();
    assert!(world.fetch("toy-ssl").is_ok(), "the next try starts afresh");
}

#[test]
fn a_missing_package_names_its_address() {
    let world = World::new();
    fs::remove_file(only_file(
        &world.toy_dir().join("pool/main"),
        "toy-ssl_3.0.4",
    ))
    .unwrap();
    let error = world.fetch("toy-ssl").unwrap_err();
    assert!(
        matches!(&error, PatchError::NotFound { url } if url.ends_with("amd64.deb")),
        "{error}"
    );
}

#[test]
fn a_fetched_package_is_read_from_the_cache() {
    let world = World::new();
    let first = world.fetch("toy-ssl").unwrap();
    fs::remove_dir_all(world.toy_dir().join("pool")).unwrap();
    assert_eq!(world.fetch("toy-ssl").unwrap(), first);
}

#[test]
fn other_peoples_archives_are_skipped_with_a_reason() {
    let world = World::new();
    let mut sources = toy_sources();
    sources.extend(sources::parse(
        "sources.list",
        "deb [signed-by=/etc/apt/keyrings/docker.asc] https://docker.test/linux harbour stable\n",
    ));
    let suites = quiet(|job| {
        world
            .archive()
            .suites_for(&sources, &harbour(), "amd64", job)
    })
    .unwrap();
    assert_eq!(suites.suites.len(), 2);
    assert_eq!(suites.skipped.len(), 1);
    assert!(
        suites.skipped[0]
            .why
            .contains("not patchable by the built-in engine")
    );
}

#[test]
fn without_any_archive_the_error_names_the_places_that_were_tried() {
    let world = World::new();
    let error = quiet(|job| world.archive().suites_for(&[], &harbour(), "amd64", job)).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("no archive of harbour is known"), "{text}");
    assert!(text.contains("the machine's apt sources"), "{text}");
}

#[test]
fn where_an_image_names_no_archive_the_settings_do() {
    let world = World::new();
    let config = ArchiveConfig {
        toy_dir: Some(world.toy_dir()),
        machine_apt_dir: None,
        sources: toy_sources(),
        ..ArchiveConfig::default()
    };
    let archive = Archive::new(world.dir.path().join("cache"), config).unwrap();
    let suites = quiet(|job| archive.suites_for(&[], &harbour(), "amd64", job)).unwrap();
    assert_eq!(suites.suites.len(), 2);
    assert!(
        suites.notes[0].contains("the settings' sources"),
        "{:?}",
        suites.notes
    );
}

/// Serves a folder over HTTP for as many requests as come; returns its address.
fn serve(dir: PathBuf) -> String {
    use std::io::{BufRead, BufReader, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = BufReader::new(stream.try_clone().unwrap()).lines();
            let request = head.next().unwrap().unwrap();
            while head.next().is_some_and(|line| !line.unwrap().is_empty()) {}
            let path = request
                .split(' ')
                .nth(1)
                .unwrap()
                .trim_start_matches('/')
                .to_owned();
            let (status, body) = match fs::read(dir.join(path)) {
                Ok(body) => ("200 OK", body),
                Err(_) => ("404 Not Found", Vec::new()),
            };
            let length = body.len();
            write!(
                stream,
                "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
            )
            .unwrap();
            stream.write_all(&body).unwrap();
        }
    });
    format!("http://{address}")
}

#[test]
fn a_private_mirror_with_a_configured_key_works_and_offline_its_last_index_does() {
    let world = World::new();
    let address = serve(world.toy_dir());
    let config = ArchiveConfig {
        machine_apt_dir: None,
        key_files: vec![world.toy_dir().join(toy::PUBLIC_KEY_FILE)],
        rewrites: vec![Rewrite {
            from: toy::ADDRESS.into(),
            to: address,
        }],
        ..ArchiveConfig::default()
    };
    let load = |config: ArchiveConfig| {
        let archive = Archive::new(world.dir.path().join("cache"), config).unwrap();
        quiet(|job| archive.suites_for(&toy_sources(), &harbour(), "amd64", job))
    };
    let online = load(config.clone()).unwrap();
    assert_eq!(
        (online.suites.len(), online.notes.len()),
        (2, 0),
        "{:?}",
        online.notes
    );
    let offline = load(ArchiveConfig {
        offline: true,
        ..config.clone()
    })
    .unwrap();
    assert_eq!(offline.suites[1].index.len(), online.suites[1].index.len());
    assert!(
        offline.notes[0].contains("its index of 2026-11-21"),
        "{:?}",
        offline.notes
    );
    let stranger = load(ArchiveConfig {
        key_files: Vec::new(),
        ..config
    })
    .unwrap_err();
    assert!(
        stranger.to_string().contains("no such key is known"),
        "{stranger}"
    );
}
