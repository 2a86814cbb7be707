//! What a verification found, in sentences.
use super::{Break, Fault, Verification};
use std::fmt;

impl Verification {
    /// In sentences, what the answer says nothing about.
    pub fn uncovered(&self) -> Vec<String> {
        let mut uncovered = Vec::new();
        if self.pruned_through > 0 {
            uncovered.push(format!(
                "entries 1 to {} were pruned: a signed tombstone vouches for their number and \
                 last hash, not for their content",
                self.pruned_through
            ));
        }
        if self.excerpt_after > 0 {
            uncovered.push(format!(
                "the file is an excerpt: nothing is known of entries 1 to {}",
                self.excerpt_after
            ));
        }
        if self.imported > 0 {
            uncovered.push(format!(
                "{} entries were written before there was a chain: they are as they were when \
                 they were imported",
                self.imported
            ));
        }
        let signed = self.signed_through.unwrap_or(0).max(self.pruned_through);
        if let Some(last) = self.last.filter(|last| *last > signed) {
            uncovered.push(format!(
                "no signed checkpoint covers entries {} to {last}: the chain alone does, and \
                 whoever can write the whole file could have made it anew",
                (signed + 1).max(self.first.unwrap_or(1))
            ));
        }
        match (self.witnessed, self.last) {
            (Some(head), Some(last)) if head < last => uncovered.push(format!(
                "the published head is entry {head}: an end that was cut off behind entry {last}, \
                 with its checkpoints, would not be missed"
            )),
            (None, Some(_)) if let Some(head) = self.unreached => uncovered.push(format!(
                "the published head is entry {head}, which was pruned or left out: nothing was \
                 compared with it; take a later one"
            )),
            (None, Some(last)) => uncovered.push(format!(
                "no published head was compared: an end that was cut off behind entry {last}, with \
                 its checkpoints, would not be missed, nor would entries that the console's own host \
                 wrote and signed anew"
            )),
            _ => {}
        }
        uncovered
    }
}

impl fmt::Display for Break {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.sequence {
            Some(sequence) => write!(formatter, "entry {sequence} (line {}): ", self.line)?,
            None => write!(formatter, "line {}: ", self.line)?,
        }
        self.fault.fmt(formatter)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let witness = |by_witness: bool| {
            if by_witness {
                "the head that was published"
            } else {
                "a signed checkpoint"
            }
        };
        match self {
            Self::Unreadable => formatter.write_str(
                "the line is not one of an audit trail; it was damaged, or a newer Drydock wrote it",
            ),
            Self::Edited => formatter.write_str("it was changed after it was written"),
            Self::Unlinked => formatter.write_str(
                "it does not follow the entry before it: one of the two was replaced",
            ),
            Self::Missing { through } => write!(
                formatter,
                "it is missing, as is everything up to entry {through}"
            ),
            Self::OutOfOrder { found } => write!(formatter, "entry {found} stands in its place"),
            Self::CompletesNothing { of } => write!(
                formatter,
                "it completes entry {of}, which was not under way"
            ),
            Self::Contradicted { by_witness } => write!(
                formatter,
                "{} gives it another hash: it and what follows were written anew",
                witness(*by_witness)
            ),
            Self::Truncated {
                through,
                by_witness,
            } => write!(
                formatter,
                "it is missing: {} saw the trail reach entry {through}",
                witness(*by_witness)
            ),
            Self::Forged => formatter.write_str("the statement about it does not fit its signature"),
            Self::Untrusted { key } => write!(
                formatter,
                "the statement about it is signed with the key {key}, which is not a trusted one"
            ),
            Self::Misplaced => {
                formatter.write_str("the statement about it does not stand behind it")
            }
            Self::Pseudonym { id } => write!(
                formatter,
                "what is said of the person {id} was changed: it does not fit the pseudonym"
            ),
        }
    }
}
