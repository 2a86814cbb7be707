//! Failures that a run's log names in words that are known, each with what helps. The words are
//! those of the three tasks, of Copa and apt, of a registry, and of Drydock's own patcher.
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum KnownFailure {
    OverLimit,
    NumbersUsedUp,
    IdentityNotReady,
    EndOfLife,
    NotFound,
    ArchiveKey,
    PackageTooOld,
    ArchiveUnreachable,
    UnsupportedSystem,
}

/// What a line holds when it tells of the failure, in any case; all parts of one row.
const SIGNS: [(KnownFailure, &[&str]); 21] = [
    (
        KnownFailure::OverLimit,
        &["exceeded the maximum limit of 100 images"],
    ),
    (
        KnownFailure::NumbersUsedUp,
        &["new patch tag is greater than 999"],
    ),
    (KnownFailure::IdentityNotReady, &["(authorizationfailed)"]),
    (
        KnownFailure::IdentityNotReady,
        &["error: identity not found"],
    ),
    (
        KnownFailure::IdentityNotReady,
        &["no system-assigned identity"],
    ),
    (
        KnownFailure::EndOfLife,
        &["patching will be skipped as eosl is true"],
    ),
    (KnownFailure::NotFound, &["manifest_unknown"]),
    (KnownFailure::NotFound, &["name_unknown"]),
    (KnownFailure::NotFound, &["manifest unknown"]),
    (KnownFailure::ArchiveKey, &["expkeysig"]),
    (KnownFailure::ArchiveKey, &["no_pubkey"]),
    (KnownFailure::ArchiveKey, &["is not trusted: "]),
    (KnownFailure::ArchiveKey, &["is out of date: "]),
    (
        KnownFailure::PackageTooOld,
        &["downloaded package ", " lower than required "],
    ),
    (
        KnownFailure::PackageTooOld,
        &[" should be at ", " after patching, but "],
    ),
    (
        KnownFailure::ArchiveUnreachable,
        &["cannot be reached: ", "name a mirror"],
    ),
    (
        KnownFailure::ArchiveUnreachable,
        &["temporary failure resolving"],
    ),
    (KnownFailure::ArchiveUnreachable, &["e: failed to fetch "]),
    (KnownFailure::UnsupportedSystem, &["unsupported ostype "]),
    (KnownFailure::UnsupportedSystem, &["unsupported os "]),
    (KnownFailure::UnsupportedSystem, &[" is not supported: "]),
];

impl KnownFailure {
    /// The first failure that a line of the log tells of: what comes after it follows from it.
    pub fn find(log: &str) -> Option<Self> {
        log.lines().find_map(|line| {
            let line = line.to_ascii_lowercase();
            let tells = |signs: &[&str]| signs.iter().all(|sign| line.contains(sign));
            let row = SIGNS.iter().find(|(_, signs)| tells(signs));
            row.map(|(failure, _)| *failure)
        })
    }

    /// What happened, in a few words.
    pub fn title(self) -> &'static str {
        match self {
            Self::OverLimit => "The policy selects more than 100 images",
            Self::NumbersUsedUp => "The patch numbers of this tag are used up",
            Self::IdentityNotReady => "The task's identity may not do this yet",
            Self::EndOfLife => "The distribution is at its end of life",
            Self::NotFound => "The image is not in the registry",
            Self::ArchiveKey => "The package archive cannot be trusted",
            Self::PackageTooOld => "The archive has an older package than the fix needs",
            Self::ArchiveUnreachable => "The package archive cannot be reached",
            Self::UnsupportedSystem => "The image's system cannot be patched",
        }
    }

    /// Why it happens, and what to do.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::OverLimit => {
                "Above the limit the whole cycle fails and nothing is patched. Take repositories or \
                 tags out of the policy; its dry run shows which select the most."
            }
            Self::NumbersUsedUp => {
                "A tag gets at most 999 patches. Push the image under a new original tag, and let \
                 the policy select that one."
            }
            Self::IdentityNotReady => {
                "A new identity takes some minutes until Azure knows it everywhere: run it again \
                 then. If it fails still, repair the workflow in Settings, which gives the role again."
            }
            Self::EndOfLife => {
                "Its vendor ships no fixes any more, so there is nothing to patch with. Move the \
                 image to a release that is still supported."
            }
            Self::NotFound => {
                "The repository or the tag was deleted, or renamed, after the cycle began. Run the \
                 cycle again; if the policy names it, take it out there."
            }
            Self::ArchiveKey => {
                "Its signature is by a key that has expired or is not known, or its index is past \
                 its date. A newer base image brings the new key; a mirror must be brought up to \
                 date."
            }
            Self::PackageTooOld => {
                "The scanner knows a fix that the archive or its mirror does not have yet. The next \
                 cycle tries again; if it stays so, look how old the mirror is."
            }
            Self::ArchiveUnreachable => {
                "The agent could not load packages. Look at its network and its proxy, or name a \
                 mirror that it can reach, and then try again."
            }
            Self::UnsupportedSystem => {
                "Only Linux distributions with a package archive of their own can be patched. Take \
                 the image out of the policy, or build it on another base."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_tells_of_its_failure() {
        let check = |line: &str, expected| {
            let log = format!("2026/11/21 08:00:00 Launching\r\n{line}\r\nRun ID: ca1 failed\r\n");
            assert_eq!(KnownFailure::find(&log), expected, "{line}");
        };
        use KnownFailure as F;
        check(
            "Failing: You have exceeded the maximum limit of 100 images that can",
            Some(F::OverLimit),
        );
        check(
            "New Patch tag is greater than 999. No more",
            Some(F::NumbersUsedUp),
        );
        check(
            "ERROR: (AuthorizationFailed) The client 'x'",
            Some(F::IdentityNotReady),
        );
        check(
            "PATCHING will be skipped as EOSL is true for image a/b:1.0",
            Some(F::EndOfLife),
        );
        check(
            "GET https://r/v2/a: MANIFEST_UNKNOWN: manifest tagged by 1",
            Some(F::NotFound),
        );
        check(
            "W: GPG error: http://x: EXPKEYSIG 0E98404D386FA1D9",
            Some(F::ArchiveKey),
        );
        check(
            "http://x/InRelease is not trusted: the key 1 that signed it has expired",
            Some(F::ArchiveKey),
        );
        check(
            "downloaded package curl version 1 lower than required 2 for update",
            Some(F::PackageTooOld),
        );
        check(
            "http://x cannot be reached: refused; check the network, or name a mirror in",
            Some(F::ArchiveUnreachable),
        );
        check(
            "Error: unsupported osType azurelinux specified",
            Some(F::UnsupportedSystem),
        );
        check("all is well", None);
    }
}
