//! What is different between two dry runs, such as the last one and this one.
use crate::hash::HashMap;
use crate::verdict::{TagVerdict, Verdict};
use serde::{Deserialize, Serialize};

/// In the order of the new dry run, and of the old one for what is gone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DryRunDiff {
    pub added: Vec<TagVerdict>,
    pub removed: Vec<TagVerdict>,
    pub changed: Vec<VerdictChange>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictChange {
    pub before: TagVerdict,
    pub after: TagVerdict,
}

impl VerdictChange {
    /// Before and after, where it is another one.
    pub fn verdict(&self) -> Option<(Verdict, Verdict)> {
        let (before, after) = (self.before.verdict, self.after.verdict);
        (before != after).then_some((before, after))
    }

    pub fn has_other_scan(&self) -> bool {
        self.before.scan != self.after.scan
    }

    pub fn has_other_next(&self) -> bool {
        self.before.next != self.after.next
    }
}

impl DryRunDiff {
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

/// Compares verdicts by repository and tag. A sentence that is put in other words is no change.
pub fn diff(before: &[TagVerdict], after: &[TagVerdict]) -> DryRunDiff {
    let mut old: HashMap<(&str, &str), &TagVerdict> = before
        .iter()
        .map(|verdict| (key(verdict), verdict))
        .collect();
    let mut diff = DryRunDiff::default();
    for new in after {
        match old.remove(&key(new)) {
            None => diff.added.push(new.clone()),
            Some(old) if decision(old) != decision(new) => diff.changed.push(VerdictChange {
                before: old.clone(),
                after: new.clone(),
            }),
            Some(_) => {}
        }
    }
    let is_gone = |verdict: &&TagVerdict| old.contains_key(&key(verdict));
    diff.removed = before.iter().filter(is_gone).cloned().collect();
    diff
}

fn key(verdict: &TagVerdict) -> (&str, &str) {
    (&verdict.repository, &verdict.tag)
}

fn decision(verdict: &TagVerdict) -> (Verdict, &Option<String>, &Option<String>) {
    (verdict.verdict, &verdict.scan, &verdict.next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(tag: &str, verdict: Verdict, next: &str) -> TagVerdict {
        TagVerdict {
            repository: "r".to_owned(),
            tag: tag.to_owned(),
            verdict,
            reason: format!("a sentence about {next}"),
            scan: None,
            next: Some(next.to_owned()),
            notes: Vec::new(),
        }
    }

    #[test]
    fn tags_come_go_and_get_another_target() {
        let before = [
            verdict("a", Verdict::WillScan, "a-1"),
            verdict("b", Verdict::WillScan, "b-1"),
            verdict("c", Verdict::WillScan, "c-1"),
            verdict("d", Verdict::WillScan, "d-1"),
        ];
        let mut same = verdict("c", Verdict::WillScan, "c-1");
        same.reason = "other words".to_owned();
        let after = [
            verdict("e", Verdict::WillScan, "e-1"),
            same,
            verdict("b", Verdict::WillScan, "b-2"),
            verdict("a", Verdict::Disabled, "a-1"),
        ];
        let found = diff(&before, &after);
        assert_eq!(found.added, after[..1]);
        assert_eq!(found.removed, before[3..]);
        let [b, a] = found.changed.as_slice() else {
            panic!("{found:?}")
        };
        assert!(b.has_other_next() && !b.has_other_scan() && b.verdict().is_none());
        assert_eq!(a.verdict(), Some((Verdict::WillScan, Verdict::Disabled)));
        assert!(!found.is_empty() && diff(&before, &before).is_empty());
    }
}
