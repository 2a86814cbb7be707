//! The reasons for verdicts, and their sentences.
use super::Verdict;
use super::evidence::{
    Drift, PlanEvidence, RegistryObstacle, ScanEvidence, ScanResult, write_scan,
};
use crate::inventory::{Inventory, InventoryTag, Obstacle};
use crate::nearest::nearest;
use crate::selection::{Collision, IMAGE_LIMIT, Selected};
use crate::tag::{MAX_PATCH_NUMBER, TagKind, kind};
use std::fmt;

/// Why a tag has its verdict. `Display` is the sentence for a person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cause<'a> {
    WillScan {
        row: &'a Selected,
    },
    /// `wanted` is the tag that the policy names.
    RegexLeak {
        row: &'a Selected,
        wanted: &'a str,
    },
    /// `row` is absent at a patch tag that is not the latest.
    PhantomBase {
        tag: &'a str,
        base: &'a str,
        row: Option<&'a Selected>,
    },
    SeriesFull {
        row: &'a Selected,
    },
    Obstacle {
        row: &'a Selected,
        obstacle: Obstacle,
    },
    OverLimit {
        matches: usize,
    },
    PatchTag {
        tag: &'a str,
        base: &'a str,
        state: PatchState<'a>,
    },
    OtherConvention {
        tag: &'a str,
        base: &'a str,
    },
    Reserved {
        tag: &'a str,
        /// `None` for a tag that is nothing but the ending.
        base: Option<&'a str>,
    },
    KeyCollision {
        collision: &'a Collision,
    },
    Disabled {
        repository: &'a str,
    },
    /// No row names the repository.
    RepositoryNotNamed {
        repository: &'a str,
    },
    /// Rows name the repository, and other tags of it.
    TagNotNamed {
        tag: &'a str,
        repository: &'a str,
    },
    TagNotFound {
        tag: &'a str,
        repository: &'a str,
        /// What is there: the sentence names what was probably meant.
        tags: &'a [InventoryTag],
    },
    RepositoryNotFound {
        repository: &'a str,
        inventory: &'a Inventory,
    },
    /// `*` beside other tags.
    LiteralWildcard {
        repository: &'a str,
    },
    Unreadable {
        repository: &'a str,
        status: u16,
        /// It stops the whole run: the listing broke off half-way.
        is_fatal: bool,
    },
    /// Whether it is there at all is not said.
    OutsideAccess {
        repository: &'a str,
    },
    /// What the last scan says about the run that is to come.
    Scanned {
        row: &'a Selected,
        scan: &'a ScanEvidence,
        plan: Option<PlanEvidence>,
        result: ScanResult,
    },
    /// It was to be looked into, and could not be.
    Uninspected {
        row: &'a Selected,
        why: &'a str,
    },
    BaseDrift {
        row: &'a Selected,
        drift: &'a Drift,
    },
    RegistryObstacle {
        obstacle: RegistryObstacle,
    },
    PullThroughCache {
        repository: &'a str,
    },
}

/// Where a patch tag stands among the patches of its base.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PatchState<'a> {
    /// The latest: scanned in place of its base.
    Scanned { next: &'a str },
    /// A later one is scanned.
    Superseded { by: &'a str },
    /// The base is not selected.
    Idle,
}

impl Cause<'_> {
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::WillScan { .. } => Verdict::WillScan,
            Self::RegexLeak { .. } => Verdict::RegexLeak,
            Self::PhantomBase { .. } => Verdict::PhantomBase,
            Self::SeriesFull { .. } => Verdict::SeriesFull,
            Self::Obstacle { obstacle, .. } => match obstacle {
                Obstacle::Windows => Verdict::Windows,
                Obstacle::MultiArch => Verdict::MultiArch,
                Obstacle::NotAnImage => Verdict::NotAnImage,
            },
            Self::OverLimit { .. } => Verdict::OverLimit,
            Self::PatchTag { .. } => Verdict::PatchTag,
            Self::OtherConvention { .. } => Verdict::OtherConvention,
            Self::Reserved { .. } => Verdict::Reserved,
            Self::KeyCollision { .. } => Verdict::KeyCollision,
            Self::Disabled { .. } => Verdict::Disabled,
            Self::RepositoryNotNamed { .. } | Self::TagNotNamed { .. } => Verdict::NotSelected,
            Self::TagNotFound { .. }
            | Self::RepositoryNotFound { .. }
            | Self::LiteralWildcard { .. } => Verdict::NotFound,
            Self::Unreadable { .. } | Self::Uninspected { .. } | Self::OutsideAccess { .. } => {
                Verdict::Unreadable
            }
            Self::Scanned { result, .. } => result.verdict(),
            Self::BaseDrift { .. } => Verdict::BaseDrift,
            Self::RegistryObstacle { obstacle } => obstacle.verdict(),
            Self::PullThroughCache { .. } => Verdict::PullThroughCache,
        }
    }
}

impl fmt::Display for Cause<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::WillScan { row } => write_plan(out, row),
            Self::RegexLeak { row, wanted } => write_leak(out, row, wanted),
            Self::PhantomBase { tag, base, row } => write_phantom(out, tag, base, row),
            Self::SeriesFull { row } => write_series_full(out, row),
            Self::Obstacle { row, obstacle } => write_obstacle(out, row, obstacle),
            Self::OverLimit { matches } => write!(
                out,
                "{matches} images match, and the limit is {IMAGE_LIMIT}. The whole run fails, \
                 and nothing is scanned or patched."
            ),
            Self::PatchTag { tag, base, state } => write_patch(out, tag, base, state),
            Self::OtherConvention { tag, base } => write!(
                out,
                "{} The policy uses the other convention, so it is passed over.",
                Ending { tag, base }
            ),
            Self::Reserved { tag, base } => write_reserved(out, tag, base),
            Self::Disabled { repository } => write!(
                out,
                "The policy has a row for it in `{repository}`, which is switched off."
            ),
            Self::RepositoryNotNamed { repository } => {
                write!(out, "No row of the policy names `{repository}`.")
            }
            Self::TagNotNamed { tag, repository } => write!(
                out,
                "The policy names other tags of `{repository}`, not `{tag}`."
            ),
            Self::KeyCollision { collision } => write_collision(out, collision),
            Self::TagNotFound {
                tag,
                repository,
                tags,
            } => write_tag_not_found(out, tag, repository, tags),
            Self::RepositoryNotFound {
                repository,
                inventory,
            } => write_repository_not_found(out, repository, inventory),
            Self::LiteralWildcard { repository } => write!(
                out,
                "`*` means all tags only where it stands alone. Beside other tags Azure looks \
                 in `{repository}` for a tag that is called `*`."
            ),
            Self::Unreadable {
                repository,
                status,
                is_fatal,
            } => write_unreadable(out, repository, status, is_fatal),
            Self::OutsideAccess { repository } => write!(
                out,
                "Cannot tell: `{repository}` is outside your access. Whoever reaches all of the \
                 registry sees what the policy does with it."
            ),
            Self::Scanned {
                row,
                scan,
                plan,
                result,
            } => write_scan(out, row, scan, plan, result),
            Self::Uninspected { row, why } => {
                write!(
                    out,
                    "Cannot tell: `{}` could not be looked into. {why}",
                    row.scan
                )
            }
            Self::BaseDrift { row, drift } => write_drift(out, row, drift),
            Self::RegistryObstacle { obstacle } => out.write_str(obstacle.sentence()),
            Self::PullThroughCache { repository } => write!(
                out,
                "`{repository}` is filled by a cache rule. Azure does not support continuous \
                 patching there: a patch cannot be pushed."
            ),
        }
    }
}

type Write<'f, 'g> = &'f mut fmt::Formatter<'g>;

fn write_plan(out: Write<'_, '_>, row: &Selected) -> fmt::Result {
    let Selected {
        original,
        scan,
        next,
        ..
    } = row;
    if scan == original {
        write!(
            out,
            "It is scanned. If it has fixable OS vulnerabilities, a patch is pushed as `{next}`."
        )
    } else {
        write!(
            out,
            "Its latest patch `{scan}` is scanned. If that has fixable OS vulnerabilities, \
             `{original}` is patched anew, as `{next}`."
        )
    }
}

fn write_leak(out: Write<'_, '_>, row: &Selected, wanted: &str) -> fmt::Result {
    let picked = &row.scan;
    if picked.starts_with(wanted) {
        write!(
            out,
            "The policy names `{wanted}`, and Azure picks whatever ends in -patched and digits \
             after it, so `{picked}` as an image of its own. "
        )?;
    } else {
        write!(
            out,
            "The policy names `{wanted}`, and Azure reads a dot as any one character, so it \
             picks `{picked}` too. "
        )?;
    }
    match (picked == &row.original, kind(picked)) {
        (false, TagKind::Incremental { base, number }) => write!(
            out,
            "It takes that for patch {number} of `{base}`, whose next patch would be `{}`.",
            row.next
        ),
        _ => write_plan(out, row),
    }
}

fn write_phantom(out: Write<'_, '_>, tag: &str, base: &str, row: Option<&Selected>) -> fmt::Result {
    write!(
        out,
        "{} But `{base}` does not exist. ",
        Ending { tag, base }
    )?;
    match row {
        Some(row) => write!(
            out,
            "So it is scanned, and patching `{base}` into `{}` fails whenever the scan finds \
             something. Leave it out by naming tags instead of `*`, or push it under a tag with \
             another ending.",
            row.next
        ),
        None => write!(
            out,
            "So it is never scanned and never patched: a later one is."
        ),
    }
}

fn write_series_full(out: Write<'_, '_>, row: &Selected) -> fmt::Result {
    write!(
        out,
        "Its patches have reached {MAX_PATCH_NUMBER}, the last number. `{}` is still scanned, and \
         a patch fails each time; push the image under a new tag to go on.",
        row.scan
    )
}

fn write_reserved(out: Write<'_, '_>, tag: &str, base: Option<&str>) -> fmt::Result {
    match base {
        None => write!(
            out,
            "`{tag}` is an ending that Azure writes itself; no policy can pick it."
        ),
        Some(base) => write!(
            out,
            "{} `{base}` does not exist, and a policy cannot name a tag with that ending. Push \
             the image under a tag with another ending to have it patched.",
            Ending { tag, base }
        ),
    }
}

fn write_repository_not_found(
    out: Write<'_, '_>,
    repository: &str,
    inventory: &Inventory,
) -> fmt::Result {
    write!(out, "There is no repository `{repository}`")?;
    let names = inventory.repositories.keys().map(String::as_str);
    write_near(out, nearest(repository, names))
}

fn write_obstacle(out: Write<'_, '_>, row: &Selected, obstacle: Obstacle) -> fmt::Result {
    let original = &row.original;
    match obstacle {
        Obstacle::Windows => write!(
            out,
            "`{original}` is a Windows image. Azure picks it all the same, and can patch Linux \
             only."
        ),
        Obstacle::MultiArch => write!(
            out,
            "`{original}` is an index of several platforms. Azure picks it all the same; it \
             does not support patching one."
        ),
        Obstacle::NotAnImage => write!(
            out,
            "`{original}` is not an image but another artifact, such as a signature. Azure \
             picks it all the same; its scan fails, and it counts against the limit of \
             {IMAGE_LIMIT}."
        ),
    }
}

fn write_patch(out: Write<'_, '_>, tag: &str, base: &str, state: PatchState<'_>) -> fmt::Result {
    write!(out, "{} ", Ending { tag, base })?;
    match state {
        PatchState::Scanned { next } => write!(
            out,
            "It is the latest, so it is scanned in place of `{base}`; the next patch would be \
             `{next}`."
        ),
        PatchState::Superseded { by } => write!(out, "`{by}` came after it and is scanned."),
        PatchState::Idle => write!(out, "No row of the policy picks `{base}`."),
    }
}

fn write_collision(out: Write<'_, '_>, collision: &Collision) -> fmt::Result {
    let Collision {
        repository,
        original,
        kept_repository,
        kept_original,
        ..
    } = collision;
    write!(
        out,
        "Azure joins repository and tag with a hyphen to tell images apart, so \
         `{repository}:{original}` looks to it like `{kept_repository}:{kept_original}`, which \
         comes first. It is neither scanned nor patched; put its row first to choose it instead."
    )
}

fn write_tag_not_found(
    out: Write<'_, '_>,
    tag: &str,
    repository: &str,
    tags: &[InventoryTag],
) -> fmt::Result {
    let names = || tags.iter().map(|tag| tag.name.as_str());
    if let Some(patch) = names().find(|name| kind(name).base() == Some(tag)) {
        return write!(
            out,
            "There is no tag `{tag}` in `{repository}`, although there is `{patch}`. Azure does \
             not go on patching a tag that has been deleted."
        );
    }
    write!(out, "There is no tag `{tag}` in `{repository}`")?;
    let originals = names().filter(|name| kind(name).base().is_none());
    write_near(out, nearest(tag, originals))
}

fn write_near(out: Write<'_, '_>, near: Option<&str>) -> fmt::Result {
    match near {
        Some(near) => write!(out, "; did you mean `{near}`?"),
        None => write!(out, "."),
    }
}

fn write_drift(out: Write<'_, '_>, row: &Selected, drift: &Drift) -> fmt::Result {
    let Selected { original, next, .. } = row;
    let patch = &drift.patch;
    write!(
        out,
        "`{original}` was pushed again after `{patch}` was made of it. `{patch}` is what is \
         scanned, so a clean result is about the old content; only a vulnerability in it brings \
         the new one, as `{next}`."
    )
}

fn write_unreadable(
    out: Write<'_, '_>,
    repository: &str,
    status: u16,
    is_fatal: bool,
) -> fmt::Result {
    if is_fatal {
        write!(
            out,
            "The registry stopped with status {status} in the middle of listing `{repository}`. \
             The whole run fails there."
        )
    } else {
        write!(
            out,
            "The registry answered {status} when asked for the tags of `{repository}`, so what \
             is in it cannot be told. Azure reports it as not existing."
        )
    }
}

/// What Azure reads into a tag's ending, as a sentence.
struct Ending<'a> {
    tag: &'a str,
    base: &'a str,
}

impl fmt::Display for Ending<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let base = self.base;
        match kind(self.tag) {
            TagKind::Incremental { number, .. } => {
                write!(out, "Azure takes it for patch {number} of `{base}`.")
            }
            TagKind::Floating { .. } | TagKind::Original => {
                write!(out, "Azure takes it for the floating patch of `{base}`.")
            }
        }
    }
}
