use super::{Body, Hash, Kind, Line, PublicKey, SignedStatement, Statement, Trail, chain_hash};
use std::collections::{BTreeMap, BTreeSet};

/// An entry by its sequence, and its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    pub sequence: i64,
    pub hash: Hash,
}

/// What the verifying side knows from elsewhere.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// Only these may sign; empty for any, and then whoever wrote the file may have made its keys.
    pub keys: Vec<PublicKey>,
    /// A head that was published outside: the trail must reach it, and agree.
    pub witness: Option<Position>,
}

/// What was found. Whole means unchanged since it was written, not that what was written is true.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// The first thing that is wrong; what stands behind it was not looked at.
    pub broken: Option<Break>,
    /// How many entries agree, and the first and last of them.
    pub entries: i64,
    pub first: Option<i64>,
    pub last: Option<i64>,
    /// Where the trail ended: what a later one has to reach, as its [`Trust::witness`].
    pub head: Option<Position>,
    /// Of those, how many are older than the chain and were taken into it later.
    pub imported: i64,
    /// The entries up to here were removed, and a signed tombstone says so; 0 for none.
    pub pruned_through: i64,
    /// The file itself leaves out the entries up to here; 0 for none.
    pub excerpt_after: i64,
    /// The last entry that a signed checkpoint vouches for.
    pub signed_through: Option<i64>,
    pub checkpoints: i64,
    /// The entry of the published head, once the trail was found to hold it as it was published.
    pub witnessed: Option<i64>,
    /// The entry of a published head that lies before what is here: nothing could be compared.
    pub unreached: Option<i64>,
    /// Whose signatures were found.
    pub keys: BTreeSet<PublicKey>,
    /// How many entries have begun and not been completed.
    pub open: i64,
}

/// Where the trail breaks, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// From 1; one past the last for what is missing at the end.
    pub line: u64,
    /// The first entry that is broken or missing; `None` where the fault is beside the chain.
    pub sequence: Option<i64>,
    pub fault: Fault,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Not a line of an audit trail, or of a later version of it.
    Unreadable,
    /// The hash is not that of the body after the entry before.
    Edited,
    /// It names another predecessor than the one that stands before it.
    Unlinked,
    /// Entries are not there, up to and including `through`.
    Missing { through: i64 },
    /// Entry `found` stands in its place.
    OutOfOrder { found: i64 },
    /// It completes an entry that has not begun, or was completed before.
    CompletesNothing { of: i64 },
    /// A signed statement, or the witness, gives the entry another hash.
    Contradicted { by_witness: bool },
    /// The trail ends before, although a checkpoint or the witness saw it reach `through`.
    Truncated { through: i64, by_witness: bool },
    /// The statement does not fit its signature.
    Forged,
    /// Signed with a key that is not among the trusted ones.
    Untrusted { key: PublicKey },
    /// The statement does not stand behind the entry that it speaks about.
    Misplaced,
    /// What is said of a person does not fit the pseudonym.
    Pseudonym { id: String },
}

/// Reads the lines of a trail and says whether it is whole; see [`Line`] for their shapes.
pub fn verify<T: AsRef<str>>(lines: impl IntoIterator<Item = T>, trust: &Trust) -> Verification {
    let mut verifier = Verifier::new(trust);
    for line in lines {
        if !verifier.read(line.as_ref()) {
            break;
        }
    }
    verifier.finish()
}

/// [`verify`] for lines that come one after the other.
pub struct Verifier<'k> {
    trust: &'k Trust,
    found: Verification,
    line: u64,
    /// The entry before the next; `None` while an excerpt has not begun.
    position: Option<Position>,
    /// Begun and not completed: sequence and instant.
    open: BTreeMap<i64, i64>,
}

/// The break is in the findings.
struct Broken;

impl<'k> Verifier<'k> {
    pub fn new(trust: &'k Trust) -> Self {
        let start = Position {
            sequence: 0,
            hash: Hash::NONE,
        };
        Self {
            trust,
            found: Verification::default(),
            line: 0,
            position: Some(start),
            open: BTreeMap::new(),
        }
    }

    /// Reads the next line; `false` when the trail is broken, and nothing more need be read.
    pub fn read(&mut self, text: &str) -> bool {
        self.found.broken.is_none() && self.try_read(text).is_ok()
    }

    fn try_read(&mut self, text: &str) -> Result<(), Broken> {
        self.line += 1;
        match Line::parse(text) {
            None => self.break_at(self.next(), Fault::Unreadable),
            Some(Line::Trail(trail)) => self.begin(&trail),
            Some(Line::Entry {
                body,
                hash,
                previous,
            }) => self.link(body, hash, previous),
            Some(Line::Statement(signed)) => self.check_statement(&signed),
            Some(Line::Personal(personal)) if personal.is_authentic() => Ok(()),
            Some(Line::Personal(personal)) => {
                let id = personal.id.into_owned();
                self.break_at(None, Fault::Pseudonym { id })
            }
        }
    }

    fn begin(&mut self, trail: &Trail<'_>) -> Result<(), Broken> {
        if self.line != 1 || trail.format != super::FORMAT || trail.after < 0 {
            return self.break_at(None, Fault::Unreadable);
        }
        self.found.excerpt_after = trail.after;
        if trail.after > 0 {
            self.position = None;
        }
        Ok(())
    }

    fn link(&mut self, text: &str, hash: Hash, previous: Hash) -> Result<(), Broken> {
        let expected = self.next();
        let Ok(body) = Body::parse(text) else {
            return self.break_at(expected, Fault::Unreadable);
        };
        let due = expected.unwrap_or(self.found.excerpt_after + 1);
        if body.sequence > due {
            let through = body.sequence - 1;
            return self.break_at(Some(due), Fault::Missing { through });
        }
        if body.sequence < due {
            let found = body.sequence;
            return self.break_at(Some(due), Fault::OutOfOrder { found });
        }
        if chain_hash(&previous, text) != hash {
            return self.break_at(Some(due), Fault::Edited);
        }
        if self.position.is_some_and(|before| before.hash != previous) {
            return self.break_at(Some(due), Fault::Unlinked);
        }
        self.match_completion(&body)?;
        self.advance(Position {
            sequence: due,
            hash,
        })?;
        self.found.first.get_or_insert(due);
        self.found.last = Some(due);
        self.found.entries += 1;
        self.found.imported += i64::from(body.imported);
        Ok(())
    }

    fn match_completion(&mut self, body: &Body<'_>) -> Result<(), Broken> {
        if body.kind == Kind::Begin {
            self.open.insert(body.sequence, body.at);
        }
        let (Kind::Complete, Some(of)) = (body.kind, body.of) else {
            // A completion of nothing, or a reference on what is no completion.
            let shaped = body.kind != Kind::Complete && body.of.is_none();
            return if shaped {
                Ok(())
            } else {
                self.break_at(Some(body.sequence), Fault::Unreadable)
            };
        };
        let before_the_file = of < self.found.first.unwrap_or(body.sequence);
        if before_the_file || self.open.remove(&of) == Some(body.begun_at.unwrap_or(i64::MIN)) {
            Ok(())
        } else {
            self.break_at(Some(body.sequence), Fault::CompletesNothing { of })
        }
    }

    fn advance(&mut self, position: Position) -> Result<(), Broken> {
        self.position = Some(position);
        self.found.head = Some(position);
        match self.trust.witness {
            Some(witness) if witness.sequence == position.sequence && witness != position => self
                .break_at(
                    Some(position.sequence),
                    Fault::Contradicted { by_witness: true },
                ),
            Some(witness) if witness == position => {
                self.found.witnessed = Some(position.sequence);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn check_statement(&mut self, signed: &SignedStatement) -> Result<(), Broken> {
        let (sequence, hash) = signed.statement.position();
        let said = Position { sequence, hash };
        if !signed.is_authentic() {
            return self.break_at(Some(sequence), Fault::Forged);
        }
        if !self.trust.keys.is_empty() && !self.trust.keys.contains(&signed.key) {
            return self.break_at(Some(sequence), Fault::Untrusted { key: signed.key });
        }
        self.found.keys.insert(signed.key);
        match &signed.statement {
            Statement::Tombstone { .. } => self.bury(said),
            Statement::Checkpoint { .. } => self.check_checkpoint(said),
        }
    }

    fn bury(&mut self, said: Position) -> Result<(), Broken> {
        let nothing_yet = self.position.is_some_and(|before| before.sequence == 0);
        if !nothing_yet || said.sequence < 1 {
            return self.break_at(Some(said.sequence), Fault::Misplaced);
        }
        self.found.pruned_through = said.sequence;
        self.advance(said)
    }

    fn check_checkpoint(&mut self, said: Position) -> Result<(), Broken> {
        match self.position {
            None if said.sequence == self.found.excerpt_after => self.advance(said)?,
            None => return self.break_at(Some(said.sequence), Fault::Misplaced),
            Some(before) if before.sequence < said.sequence => {
                let (through, by_witness) = (said.sequence, false);
                let missing = Fault::Truncated {
                    through,
                    by_witness,
                };
                return self.break_at(self.next(), missing);
            }
            Some(before) if before.sequence > said.sequence => {
                return self.break_at(Some(said.sequence), Fault::Misplaced);
            }
            Some(before) if before != said => {
                let contradicted = Fault::Contradicted { by_witness: false };
                return self.break_at(Some(said.sequence), contradicted);
            }
            Some(_) => {}
        }
        self.found.checkpoints += 1;
        self.found.signed_through = Some(said.sequence);
        Ok(())
    }

    /// There are no more lines.
    pub fn finish(mut self) -> Verification {
        if self.found.broken.is_some() {
            return self.found;
        }
        self.line += 1;
        self.found.open = i64::try_from(self.open.len()).unwrap_or(i64::MAX);
        let reached = self.position.map_or(0, |position| position.sequence);
        if let Some(witness) = self.trust.witness
            && witness.sequence > reached
        {
            let (through, by_witness) = (witness.sequence, true);
            let truncated = Fault::Truncated {
                through,
                by_witness,
            };
            let _ = self.break_at(Some(reached + 1), truncated);
        } else if self.found.witnessed.is_none() {
            self.found.unreached = self.trust.witness.map(|witness| witness.sequence);
        }
        self.found
    }

    /// The sequence that the next entry has to have.
    fn next(&self) -> Option<i64> {
        self.position.map(|position| position.sequence + 1)
    }

    fn break_at(&mut self, sequence: Option<i64>, fault: Fault) -> Result<(), Broken> {
        self.found.broken = Some(Break {
            line: self.line,
            sequence,
            fault,
        });
        Err(Broken)
    }
}
