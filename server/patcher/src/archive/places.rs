//! Where an image's archives are: its own apt sources, the machine's, or the settings'.
use super::keys::KeyRing;
use super::{AptSource, ArchiveConfig, sources};
use crate::toy;
use crate::{OsRelease, PatchError};
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;

/// Releases by codename, to tell a distribution's suite from somebody else's, and to find
/// an image's suites on a machine of another release. Names only, never addresses.
const DEBIAN_CODENAMES: [&str; 8] = [
    "stretch", "buster", "bullseye", "bookworm", "trixie", "forky", "duke", "sid",
];
const UBUNTU_CODENAMES: [&str; 8] = [
    "trusty", "xenial", "bionic", "focal", "jammy", "noble", "plucky", "questing",
];

/// One of the three places, with the sources it names for an image.
#[derive(Debug)]
pub(super) struct Place {
    /// In words, for messages: "the image's apt sources".
    pub name: &'static str,
    pub sources: Vec<AptSource>,
    /// An image is written by strangers: it may not name files of this machine.
    pub is_image: bool,
}

/// The places to try, in order; one that names nothing is still listed, to be named in an
/// error.
pub(super) fn in_order(image: &[AptSource], os: &OsRelease, config: &ArchiveConfig) -> Vec<Place> {
    let machine = config
        .machine_apt_dir
        .as_deref()
        .map(read_machine)
        .unwrap_or_default();
    vec![
        Place {
            name: "the image's apt sources",
            sources: image.to_vec(),
            is_image: true,
        },
        Place {
            name: "the machine's apt sources",
            sources: translate(&machine, os),
            is_image: false,
        },
        Place {
            name: "the settings' sources",
            sources: translate(&config.sources, os),
            is_image: false,
        },
    ]
}

/// Why a source is not even asked, if it is not.
pub(super) fn refusal(
    source: &AptSource,
    place: &Place,
    os: &OsRelease,
    architecture: &str,
    config: &ArchiveConfig,
) -> Option<String> {
    let is_remote = source.uri.starts_with("http://") || source.uri.starts_with("https://");
    let others = &source.architectures;
    if place.is_image && !is_remote {
        Some("an image may only name http and https addresses".into())
    } else if place.is_image && is_inside(source) && address(&source.uri, config) == source.uri {
        Some(
            "an image may not send this machine into its own network: if that is your archive, \
             name it in --sources"
                .into(),
        )
    } else if !others.is_empty() && !others.iter().any(|one| one == architecture) {
        Some(format!("it is for {} only", others.join(", ")))
    } else if !os.codename.is_empty() && stem(&source.suite) != os.codename {
        Some(format!("it is not a suite of {}", os.codename))
    } else if is_third_party(source) && config.key_files.is_empty() {
        Some("its key is none of the distribution's: not patchable by the built-in engine".into())
    } else {
        None
    }
}

/// The distribution's own security fixes, which must never be left out silently.
pub(super) fn is_security(suite: &str, os: &OsRelease) -> bool {
    let suite = suite.trim_end_matches('/');
    stem(suite) == os.codename && (suite.ends_with("-security") || suite.ends_with("/updates"))
}

/// An address of this machine or of a private network, written as such: images are written by
/// strangers, and what they name is asked from here.
fn is_inside(source: &AptSource) -> bool {
    let host = reqwest::Url::parse(&source.uri)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned));
    let Some(host) = host else { return true };
    let host = host.trim_matches(['[', ']']);
    match host.parse() {
        Ok(IpAddr::V4(address)) => is_inner(address),
        Ok(IpAddr::V6(address)) => {
            address.is_loopback()
                || address.is_unspecified()
                || address.is_unique_local()
                || address.is_unicast_link_local()
                || address.to_ipv4_mapped().is_some_and(is_inner)
        }
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

fn is_inner(address: Ipv4Addr) -> bool {
    address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_unspecified()
}

/// The address to fetch from: the toy archive's folder, a mirror, or the address itself.
pub(super) fn address(uri: &str, config: &ArchiveConfig) -> String {
    let uri = uri.trim_end_matches('/');
    if let Some(dir) = toy_dir(uri, config) {
        return format!("file:{}", dir.display());
    }
    config
        .rewrites
        .iter()
        .find_map(|rewrite| {
            let rest = uri.strip_prefix(rewrite.from.trim_end_matches('/'))?;
            let is_whole = rest.is_empty() || rest.starts_with('/');
            is_whole.then(|| format!("{}{rest}", rewrite.to.trim_end_matches('/')))
        })
        .unwrap_or_else(|| uri.to_owned())
}

/// The toy archive is trusted by its own key, and that key for nothing else.
pub(super) fn toy_keys(uri: &str, config: &ArchiveConfig) -> Result<Option<KeyRing>, PatchError> {
    let Some(dir) = toy_dir(uri.trim_end_matches('/'), config) else {
        return Ok(None);
    };
    let mut keys = KeyRing::default();
    keys.add_file(&dir.join(toy::PUBLIC_KEY_FILE))?;
    Ok(Some(keys))
}

fn toy_dir<'a>(uri: &str, config: &'a ArchiveConfig) -> Option<&'a Path> {
    config.toy_dir.as_deref().filter(|_| uri == toy::ADDRESS)
}

/// `bookworm` of `bookworm-security`, `bookworm/updates`, `bookworm-updates`.
fn stem(suite: &str) -> &str {
    let suite = suite.trim_end_matches('/');
    suite.split(['-', '/']).next().unwrap_or(suite)
}

/// A keyring that the entry names and that is not the distribution's.
fn is_third_party(source: &AptSource) -> bool {
    const OWN: [&str; 3] = ["debian-archive", "ubuntu-archive", toy::NAME];
    source
        .signed_by
        .as_ref()
        .is_some_and(|keyring| !OWN.iter().any(|own| keyring.contains(own)))
}

/// The sources of a machine of one release, as an image of another release would have them:
/// the same addresses with the image's codename. Sources that are not of the image's
/// distribution are left out.
fn translate(sources: &[AptSource], os: &OsRelease) -> Vec<AptSource> {
    let known: &[&str] = match family(os) {
        "ubuntu" => &UBUNTU_CODENAMES,
        "debian" => &DEBIAN_CODENAMES,
        _ => &[],
    };
    let mut translated: Vec<AptSource> = Vec::new();
    for source in sources {
        let stem = stem(&source.suite);
        let is_own = stem == os.codename && !os.codename.is_empty();
        if !is_own && (!known.contains(&stem) || os.codename.is_empty()) {
            continue;
        }
        let mut source = source.clone();
        source.suite = source.suite.replacen(stem, &os.codename, 1);
        if !translated.contains(&source) {
            translated.push(source);
        }
    }
    translated
}

fn family(os: &OsRelease) -> &str {
    match os.id.as_str() {
        "debian" | "ubuntu" => &os.id,
        _ => "",
    }
}

/// `sources.list` and what is in `sources.list.d`, in the order of their names.
fn read_machine(dir: &Path) -> Vec<AptSource> {
    let mut files = vec![dir.join("sources.list")];
    let mut more: Vec<_> = std::fs::read_dir(dir.join("sources.list.d"))
        .map(|entries| {
            entries
                .filter_map(|entry| Some(entry.ok()?.path()))
                .collect()
        })
        .unwrap_or_default();
    more.retain(|path| {
        path.extension()
            .is_some_and(|end| end == "list" || end == "sources")
    });
    more.sort();
    files.append(&mut more);
    files
        .iter()
        .filter_map(|path| {
            let text = std::fs::read_to_string(path).ok()?;
            Some(sources::parse(&path.to_string_lossy(), &text))
        })
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::Rewrite;
    use super::*;

    fn source(uri: &str, suite: &str) -> AptSource {
        AptSource {
            uri: uri.into(),
            suite: suite.into(),
            ..AptSource::default()
        }
    }

    fn bullseye() -> OsRelease {
        OsRelease {
            id: "debian".into(),
            codename: "bullseye".into(),
            ..OsRelease::default()
        }
    }

    #[test]
    fn a_machine_of_another_release_lends_its_addresses() {
        let machine = [
            source("http://a.test/debian", "bookworm"),
            source("http://a.test/debian", "bookworm-updates"),
            source("http://a.test/security", "trixie-security"),
            source("http://b.test/node", "nodistro"),
            source("http://c.test/ubuntu", "noble"),
        ];
        let suites: Vec<_> = translate(&machine, &bullseye())
            .into_iter()
            .map(|source| source.suite)
            .collect();
        assert_eq!(
            suites,
            ["bullseye", "bullseye-updates", "bullseye-security"]
        );
    }

    #[test]
    fn a_machines_sources_are_read_from_both_kinds_of_files() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("sources.list.d")).unwrap();
        std::fs::write(
            dir.path().join("sources.list"),
            "deb http://a.test x main\n",
        )
        .unwrap();
        let stanza = "Types: deb\nURIs: http://b.test\nSuites: y\nComponents: main\n";
        std::fs::write(dir.path().join("sources.list.d/b.sources"), stanza).unwrap();
        std::fs::write(
            dir.path().join("sources.list.d/c.save"),
            "deb http://c.test z main",
        )
        .unwrap();
        let uris: Vec<_> = read_machine(dir.path())
            .into_iter()
            .map(|source| source.uri)
            .collect();
        assert_eq!(uris, ["http://a.test", "http://b.test"]);
    }

    #[test]
    fn a_rewrite_fits_whole_parts_of_an_address() {
        let mut config = ArchiveConfig::default();
        let (from, to) = (
            "http://a.test/debian".to_owned(),
            "https://mirror.test/d/".to_owned(),
        );
        config.rewrites.push(Rewrite { from, to });
        assert_eq!(
            address("http://a.test/debian/", &config),
            "https://mirror.test/d"
        );
        assert_eq!(
            address("http://a.test/debian/x", &config),
            "https://mirror.test/d/x"
        );
        assert_eq!(
            address("http://a.test/debian-security", &config),
            "http://a.test/debian-security"
        );
    }

    #[test]
    fn sources_that_are_not_the_images_own_release_are_refused_with_a_reason() {
        let config = ArchiveConfig::default();
        let place = Place {
            name: "test",
            sources: Vec::new(),
            is_image: true,
        };
        let check = |source: &AptSource| refusal(source, &place, &bullseye(), "amd64", &config);
        assert_eq!(check(&source("http://a.test", "bullseye-security")), None);
        assert!(
            check(&source("http://a.test", "bookworm"))
                .unwrap()
                .contains("not a suite")
        );
        assert!(
            check(&source("file:/etc", "bullseye"))
                .unwrap()
                .contains("http")
        );
        let mut foreign = source("http://a.test", "bullseye");
        foreign.signed_by = Some("/etc/apt/keyrings/docker.asc".into());
        assert!(check(&foreign).unwrap().contains("built-in engine"));
        foreign.signed_by = Some("/usr/share/keyrings/debian-archive-keyring.gpg".into());
        assert_eq!(check(&foreign), None);
        foreign.architectures = vec!["arm64".into()];
        assert!(check(&foreign).unwrap().contains("arm64 only"));
    }

    #[test]
    fn an_image_cannot_point_into_the_machines_own_network() {
        let place = Place {
            name: "test",
            sources: Vec::new(),
            is_image: true,
        };
        let check = |uri: &str, config: &ArchiveConfig| {
            refusal(
                &source(uri, "bullseye"),
                &place,
                &bullseye(),
                "amd64",
                config,
            )
        };
        let inner = [
            "http://127.0.0.1:5080/debian",
            "http://localhost/debian",
            "http://169.254.169.254/debian",
            "http://10.1.2.3/debian",
            "http://[::1]/debian",
            "http://[::ffff:192.168.0.1]/debian",
            "http://2130706433/debian",
        ];
        for uri in inner {
            let why = check(uri, &ArchiveConfig::default());
            assert!(why.is_some_and(|why| why.contains("--sources")), "{uri}");
        }
        let outer = [
            "http://deb.test/debian",
            "http://203.0.113.7/debian",
            "http://[2001:db8::7]/debian",
        ];
        for uri in outer {
            assert_eq!(check(uri, &ArchiveConfig::default()), None, "{uri}");
        }
        let mut config = ArchiveConfig::default();
        config.rewrites.push(Rewrite {
            from: "http://10.1.2.3/debian".into(),
            to: "http://mirror.test/debian".into(),
        });
        assert_eq!(check("http://10.1.2.3/debian", &config), None);
    }
}
