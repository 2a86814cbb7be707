//! One installed package.
use crate::deb822::Stanza;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    pub stanza: Stanza,
    pub package: String,
    pub version: String,
    /// `amd64`, `all`.
    pub architecture: String,
    pub source: String,
    pub source_version: String,
    /// Marked to stay at its version.
    pub held: bool,
    pub state: State,
    pub conffiles: Vec<Conffile>,
    pub place: Place,
}

/// How far the package got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    Installed,
    /// There, but not whole: dpkg's word for it.
    Partial(String),
    /// Only its configuration or its memory remains.
    Removed,
}

/// Where the package's record is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The stanza's number in `var/lib/dpkg/status`.
    Status(usize),
    /// The name of a file in `var/lib/dpkg/status.d`, as distroless images have it.
    StatusD(String),
}

/// A configuration file as the package brought it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conffile {
    pub path: String,
    pub md5: String,
    /// No longer part of the package.
    pub obsolete: bool,
}

impl Installed {
    /// `None` for a stanza that names no package or version.
    pub fn parse(stanza: Stanza, place: Place) -> Option<Self> {
        let package = stanza.get("Package")?.to_owned();
        let state = parse_state(stanza.get("Status"), &place);
        let version = match stanza.get("Version") {
            Some(version) => version.to_owned(),
            None if state == State::Removed => String::new(),
            None => return None,
        };
        let (source, source_version) = source(stanza.get("Source"), &package, &version);
        Some(Self {
            architecture: stanza.get("Architecture").unwrap_or("all").to_owned(),
            held: stanza
                .get("Status")
                .is_some_and(|status| status.starts_with("hold ")),
            conffiles: stanza
                .get("Conffiles")
                .map(parse_conffiles)
                .unwrap_or_default(),
            stanza,
            package,
            version,
            source,
            source_version,
            state,
            place,
        })
    }

    pub fn is_present(&self) -> bool {
        self.state != State::Removed
    }

    /// Does its record carry its architecture in its name?
    pub fn is_multi_arch_same(&self) -> bool {
        self.stanza.get("Multi-Arch") == Some("same")
    }

    /// `libc6:amd64` or `bash`: what the names of its files in `info` begin with.
    pub fn info_name(&self) -> String {
        info_name(&self.stanza)
    }
}

/// The name that files of `var/lib/dpkg/info` begin with for a package with this stanza.
pub fn info_name(stanza: &Stanza) -> String {
    let field = |name| stanza.get(name).unwrap_or_default();
    if field("Multi-Arch") == "same" {
        format!("{}:{}", field("Package"), field("Architecture"))
    } else {
        field("Package").to_owned()
    }
}

/// Name and version of the source, from `glibc (2.36-9)`, `glibc`, or nothing.
pub fn source(field: Option<&str>, package: &str, version: &str) -> (String, String) {
    match field.map(|field| field.split_once(" (").unwrap_or((field, ""))) {
        None => (package.to_owned(), version.to_owned()),
        Some((name, "")) => (name.to_owned(), version.to_owned()),
        Some((name, source_version)) => (
            name.to_owned(),
            source_version.trim_end_matches(')').to_owned(),
        ),
    }
}

/// A file of `status.d` need not say: what has a file there is installed.
fn parse_state(status: Option<&str>, place: &Place) -> State {
    let Some(status) = status else {
        return match place {
            Place::StatusD(_) => State::Installed,
            Place::Status(_) => State::Removed,
        };
    };
    match status.split_whitespace().last().unwrap_or_default() {
        "installed" | "triggers-pending" | "triggers-awaited" => State::Installed,
        "not-installed" | "config-files" => State::Removed,
        other => State::Partial(other.to_owned()),
    }
}

fn parse_conffiles(field: &str) -> Vec<Conffile> {
    let parse_line = |line: &str| {
        let mut words = line.split_whitespace();
        let (path, md5) = (words.next()?, words.next()?);
        let obsolete = words.next() == Some("obsolete");
        let path = path.trim_start_matches('/').to_owned();
        Some(Conffile {
            path,
            md5: md5.to_owned(),
            obsolete,
        })
    };
    field.lines().filter_map(parse_line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deb822;

    fn installed(text: &str) -> Installed {
        Installed::parse(deb822::parse(text).remove(0), Place::Status(0)).unwrap()
    }

    #[test]
    fn a_stanza_of_status_is_read() {
        let package = installed(
            "Package: libssl3\nStatus: hold ok installed\nArchitecture: amd64\nMulti-Arch: same\n\
             Source: openssl (3.0-1)\nVersion: 3.0-1+b1\nConffiles:\n /etc/ssl/openssl.cnf 0af1\n \
             /etc/old 0af2 obsolete\n",
        );
        assert!(package.held && package.state == State::Installed);
        assert_eq!(package.info_name(), "libssl3:amd64");
        assert_eq!(
            (package.source.as_str(), package.source_version.as_str()),
            ("openssl", "3.0-1")
        );
        assert_eq!(package.conffiles[0].path, "etc/ssl/openssl.cnf");
        assert!(package.conffiles[1].obsolete);
    }

    #[test]
    fn states_are_told_apart() {
        let state = |word: &str| {
            installed(&format!(
                "Package: a\nVersion: 1\nStatus: install ok {word}\n"
            ))
            .state
        };
        assert_eq!(state("triggers-pending"), State::Installed);
        assert_eq!(state("config-files"), State::Removed);
        assert_eq!(
            state("half-configured"),
            State::Partial("half-configured".into())
        );
    }
}
