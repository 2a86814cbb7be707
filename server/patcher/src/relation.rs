//! Relations between packages: `Depends: libc6 (>= 2.36), debconf | debconf-2.0`.
//! <https://www.debian.org/doc/debian-policy/ch-relationships.html>
use crate::version;
use std::cmp::Ordering;

/// One alternative of a clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    pub package: String,
    /// After the colon of `python3:any`.
    pub qualifier: Option<String>,
    pub bound: Option<(Operator, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Earlier,
    EarlierOrEqual,
    Equal,
    LaterOrEqual,
    Later,
}

impl Relation {
    /// Does this version satisfy the bound? A relation without one is satisfied by any.
    pub fn admits(&self, candidate: &str) -> bool {
        let Some((operator, bound)) = &self.bound else {
            return true;
        };
        let order = version::compare(candidate, bound);
        match operator {
            Operator::Earlier => order == Ordering::Less,
            Operator::EarlierOrEqual => order != Ordering::Greater,
            Operator::Equal => order == Ordering::Equal,
            Operator::LaterOrEqual => order != Ordering::Less,
            Operator::Later => order == Ordering::Greater,
        }
    }
}

/// A relation field: clauses that must all hold, each a list of alternatives of which one
/// must. Alternatives limited to other architectures by `[…]` are left out.
pub fn parse(field: &str, architecture: &str) -> Vec<Vec<Relation>> {
    field
        .split(',')
        .map(|clause| {
            clause
                .split('|')
                .filter_map(|one| parse_one(one.trim(), architecture))
                .collect()
        })
        .filter(|clause: &Vec<Relation>| !clause.is_empty())
        .collect()
}

fn parse_one(text: &str, architecture: &str) -> Option<Relation> {
    let name_end = text
        .find([' ', '(', '[', '<', '\n', '\t'])
        .unwrap_or(text.len());
    let (name, rest) = text.split_at(name_end);
    if name.is_empty() || !applies_to(rest, architecture) {
        return None;
    }
    let (package, qualifier) = match name.split_once(':') {
        Some((package, qualifier)) => (package, Some(qualifier.to_owned())),
        None => (name, None),
    };
    let bound = rest
        .split_once('(')
        .and_then(|(_, rest)| rest.split_once(')'))
        .and_then(|(bound, _)| parse_bound(bound.trim()));
    Some(Relation {
        package: package.to_owned(),
        qualifier,
        bound,
    })
}

fn parse_bound(text: &str) -> Option<(Operator, String)> {
    let version_at = text.find(|c| !matches!(c, '<' | '>' | '='))?;
    let (operator, version) = text.split_at(version_at);
    let operator = match operator {
        "<<" => Operator::Earlier,
        // The two deprecated spellings mean "or equal".
        "<=" | "<" => Operator::EarlierOrEqual,
        "=" => Operator::Equal,
        ">=" | ">" => Operator::LaterOrEqual,
        ">>" => Operator::Later,
        _ => return None,
    };
    Some((operator, version.trim().to_owned()))
}

fn applies_to(rest: &str, architecture: &str) -> bool {
    let Some((list, _)) = rest
        .split_once('[')
        .and_then(|(_, rest)| rest.split_once(']'))
    else {
        return true;
    };
    let mut names = list.split_whitespace().peekable();
    let negated = names.peek().is_some_and(|name| name.starts_with('!'));
    let listed = names.any(|name| name.trim_start_matches('!') == architecture);
    listed != negated
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_alternatives_bounds_and_qualifiers_are_read() {
        let clauses = parse(
            "libc6 (>= 2.36), debconf (>= 0.5) | debconf-2.0, python3:any",
            "amd64",
        );
        assert_eq!(clauses.len(), 3);
        assert_eq!(
            clauses[0][0].bound,
            Some((Operator::LaterOrEqual, "2.36".into()))
        );
        assert_eq!(clauses[1][1].package, "debconf-2.0");
        assert_eq!(clauses[2][0].qualifier.as_deref(), Some("any"));
        assert_eq!(clauses[2][0].package, "python3");
    }

    #[test]
    fn a_relation_of_another_architecture_is_left_out() {
        assert_eq!(parse("a [arm64], b [!arm64], c [amd64]", "amd64").len(), 2);
    }

    #[test]
    fn bounds_admit_what_they_say() {
        let admits = |relation: &str, version: &str| parse(relation, "amd64")[0][0].admits(version);
        assert!(admits("a (= 1-1)", "1-1"));
        assert!(!admits("a (= 1-1)", "1-1+b1"));
        assert!(admits("a (<< 2)", "2~rc1"));
        assert!(!admits("a (>> 2)", "2"));
        assert!(admits("a", "anything"));
    }
}
