//! What each sample image is made of. Names of packages and releases only: the addresses
//! are the archive's configuration.
use crate::toy;

/// One image under one or more tags.
#[derive(Clone, Debug)]
pub(super) struct Recipe {
    pub repository: &'static str,
    pub tags: &'static [&'static str],
    pub release: ReleaseName,
    pub contents: Contents,
}

/// The release that an image is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ReleaseName {
    /// Of os-release: `debian`.
    pub id: &'static str,
    pub codename: &'static str,
    /// `/bin`, `/lib` and `/sbin` are links into `/usr`.
    pub merged_usr: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Contents {
    /// An operating system with dpkg's records: one layer for each list of packages, the
    /// first with everything essential too.
    System {
        layers: Vec<&'static [&'static str]>,
        /// From the release as it was published, so that fixes exist; or from all suites.
        updated: bool,
        command: &'static [&'static str],
    },
    /// The named packages alone, recorded in `status.d`, without dpkg or a shell.
    Distroless {
        packages: &'static [&'static str],
        command: &'static [&'static str],
    },
}

const BOOKWORM: ReleaseName = ReleaseName {
    id: "debian",
    codename: "bookworm",
    merged_usr: true,
};
const BULLSEYE: ReleaseName = ReleaseName {
    id: "debian",
    codename: "bullseye",
    merged_usr: false,
};
const HARBOUR: ReleaseName = ReleaseName {
    id: toy::NAME,
    codename: toy::CODENAME,
    merged_usr: true,
};
const JETTY: ReleaseName = ReleaseName {
    id: toy::NAME,
    codename: toy::LEGACY_CODENAME,
    merged_usr: false,
};

/// `usr-is-merged` comes first: it is the small alternative to converting an installed system.
const BASE: &[&str] = &["usr-is-merged", "apt", "openssl"];
const SHELL: &[&str] = &["/bin/sh"];

/// The samples from a Debian archive.
pub(super) fn debian() -> Vec<Recipe> {
    vec![
        Recipe {
            repository: "debian/base",
            tags: &["12"],
            release: BOOKWORM,
            contents: system(vec![BASE], false),
        },
        Recipe {
            repository: "web/nginx",
            // The second tag ends like a patch tag, and is none.
            tags: &["1.22", "1.22-debian-12", "latest"],
            release: BOOKWORM,
            contents: Contents::System {
                layers: vec![BASE, &["nginx"]],
                updated: false,
                command: &["nginx", "-g", "daemon off;"],
            },
        },
        Recipe {
            repository: "tools/clean",
            tags: &["1.0"],
            release: BOOKWORM,
            contents: system(vec![&["usr-is-merged"]], true),
        },
        Recipe {
            repository: "distroless/openssl",
            tags: &["12"],
            release: ReleaseName {
                merged_usr: false,
                ..BOOKWORM
            },
            contents: Contents::Distroless {
                packages: &[
                    "base-files",
                    "netbase",
                    "tzdata",
                    "libc6",
                    "libssl3",
                    "openssl",
                    "libexpat1",
                ],
                command: &["/usr/bin/openssl", "version"],
            },
        },
        Recipe {
            repository: "legacy/bullseye",
            tags: &["11"],
            release: BULLSEYE,
            contents: system(vec![&["libssl1.1"]], false),
        },
    ]
}

/// The samples from the toy archive.
pub(super) fn toy() -> Vec<Recipe> {
    vec![
        Recipe {
            repository: "toy/base",
            tags: &["2"],
            release: HARBOUR,
            contents: system(vec![&["toy-ssl-tools"]], false),
        },
        Recipe {
            repository: "toy/web",
            tags: &["1.22", "1.22-toy-2", "latest"],
            release: HARBOUR,
            contents: system(vec![&["toy-ssl-tools"], &["toy-web"]], false),
        },
        Recipe {
            repository: "toy/clean",
            tags: &["1.0"],
            release: HARBOUR,
            contents: system(vec![&["toy-web"]], true),
        },
        Recipe {
            repository: "toy/static",
            tags: &["2"],
            release: ReleaseName {
                merged_usr: false,
                ..HARBOUR
            },
            contents: Contents::Distroless {
                packages: &["base-files", "toy-libc", "toy-ssl"],
                command: &["/usr/bin/toy-ssl"],
            },
        },
        Recipe {
            repository: "toy/legacy",
            tags: &["1"],
            release: JETTY,
            contents: system(vec![&["toy-ssl-tools"]], false),
        },
    ]
}

fn system(layers: Vec<&'static [&'static str]>, updated: bool) -> Contents {
    Contents::System {
        layers,
        updated,
        command: SHELL,
    }
}
