//! The audit trail of a pack, and the heads of it that were published.
use super::{Member, PackFault, PackTrust};
use crate::audit::{
    Position, PublicKey, SignedStatement, Statement, Trust, Verification, Verifier, parse_witness,
    statement_line,
};
use chrono::DateTime;

pub(super) const TRAIL: &str = "audit.ndjson";
/// The document that the registry held when the pack was made.
const PUBLISHED_HEAD: &str = "published-head.json";

/// The published head, as a member of a pack.
pub fn published_head_of(head: &SignedStatement) -> Member {
    Member {
        name: PUBLISHED_HEAD.to_owned(),
        bytes: (statement_line(head) + "\n").into_bytes(),
    }
}

/// What became of comparing a pack with a head that the reader brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Comparison {
    /// The reader brought none.
    #[default]
    None,
    /// The trail holds this entry as it was published.
    Agrees { head: i64 },
    /// Published after the pack was made: it says nothing of a trail that ends with entry `last`.
    Later { head: i64, last: i64 },
    /// The trail begins behind it: what it speaks about was pruned.
    Pruned { head: i64 },
}

#[derive(Clone, Debug, Default)]
pub(super) struct CheckedTrail {
    pub trail: Option<Verification>,
    pub published: Option<i64>,
    pub comparison: Comparison,
}

/// Is the trail whole, does it hold the head that lies beside it, and the one that the reader brought?
pub(super) fn check_trail(
    files: &[Member],
    key: PublicKey,
    generated_at: &str,
    trust: &PackTrust,
) -> Result<CheckedTrail, PackFault> {
    let find = |name: &str| files.iter().find(|file| file.name == name);
    let Some(trail) = find(TRAIL) else {
        return match trust.witness {
            None => Ok(CheckedTrail::default()),
            Some(_) => Err(fault(
                TRAIL,
                "it is missing, and a head is to be compared".into(),
            )),
        };
    };
    let inside = find(PUBLISHED_HEAD)
        .map(|file| read_head(file, key))
        .transpose()?;
    let found = read(trail, key, inside.as_ref().map(Position::from))?;
    let comparison = match &trust.witness {
        None => Comparison::None,
        Some(witness) => compare(trail, key, witness, (&found, generated_at))?,
    };
    Ok(CheckedTrail {
        published: found.witnessed,
        trail: Some(found),
        comparison,
    })
}

fn fault(file: &str, why: String) -> PackFault {
    PackFault {
        file: file.to_owned(),
        why,
    }
}

fn read_head(file: &Member, key: PublicKey) -> Result<SignedStatement, PackFault> {
    let document = String::from_utf8_lossy(&file.bytes);
    let head = parse_witness(&document).map_err(|error| fault(&file.name, error.to_string()))?;
    match head.key == key {
        true => Ok(head),
        false => Err(fault(
            &file.name,
            format!(
                "it is signed with the key {}, and the pack with {key}",
                head.key
            ),
        )),
    }
}

fn compare(
    trail: &Member,
    key: PublicKey,
    witness: &SignedStatement,
    (found, generated_at): (&Verification, &str),
) -> Result<Comparison, PackFault> {
    if witness.key != key {
        let why = format!(
            "the published head that it is compared with is signed with the key {}, and the pack \
             with {key}",
            witness.key
        );
        return Err(fault(&trail.name, why));
    }
    let head = Position::from(witness).sequence;
    let last = found.last.unwrap_or(found.pruned_through);
    if head > last && is_later(witness, generated_at) {
        return Ok(Comparison::Later { head, last });
    }
    let compared = read(trail, key, Some(Position::from(witness)))?;
    Ok(match compared.witnessed {
        Some(head) => Comparison::Agrees { head },
        None => Comparison::Pruned { head },
    })
}

/// Was it published after the pack was made? A pack that does not say when it was made was not before.
fn is_later(witness: &SignedStatement, generated_at: &str) -> bool {
    let (Statement::Checkpoint { at, .. } | Statement::Tombstone { at, .. }) = witness.statement;
    DateTime::parse_from_rfc3339(generated_at).is_ok_and(|made| at > made.timestamp_micros())
}

fn read(
    file: &Member,
    key: PublicKey,
    witness: Option<Position>,
) -> Result<Verification, PackFault> {
    let trust = Trust {
        keys: vec![key],
        witness,
    };
    let mut verifier = Verifier::new(&trust);
    let text = String::from_utf8_lossy(&file.bytes);
    for line in text.lines() {
        if !verifier.read(line) {
            break;
        }
    }
    let found = verifier.finish();
    match &found.broken {
        Some(broken) => Err(fault(&file.name, format!("the trail breaks at {broken}"))),
        None => Ok(found),
    }
}
