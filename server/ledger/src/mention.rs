//! Which names an entry is found under.
use std::collections::BTreeSet;

/// A longer word is no name that anybody looks for.
const TERM_LIMIT: usize = 200;
/// So that one long sentence does not fill the index.
const TERMS: usize = 64;

/// The object, and every word that looks like the id of something: it holds a digit, `/`, `:` or
/// `@`, or is all that a text says. Of a reference `web/api:3.11@sha256:…` also the repository, the
/// tagged name and the digest.
pub(crate) fn mentions(texts: [&str; 2]) -> BTreeSet<&str> {
    let mut terms = BTreeSet::new();
    for text in texts {
        let words = text.split(|c: char| c.is_whitespace() || ",;()[]{}\"'`<>=".contains(c));
        for word in words {
            let word = word.trim_matches(|c: char| ".:!?…".contains(c));
            if word == text || word.contains(|c: char| c.is_ascii_digit() || "/:@".contains(c)) {
                add(&mut terms, word);
            }
        }
    }
    terms
}

fn add<'t>(terms: &mut BTreeSet<&'t str>, word: &'t str) {
    let (name, digest) = word.split_once('@').unwrap_or((word, ""));
    let repository = match name.rsplit_once(':') {
        // The colon of `sha256:…` or of a URL stands before no tag.
        Some((repository, tag)) if repository != "sha256" && !tag.contains('/') => repository,
        _ => name,
    };
    for term in [word, name, digest, repository] {
        if !term.is_empty() && term.len() <= TERM_LIMIT && terms.len() < TERMS {
            terms.insert(term);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(object: &str, detail: &str, expected: &[&str]) {
        let found: Vec<&str> = mentions([object, detail]).into_iter().collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn an_id_is_found_and_a_common_word_is_not() {
        check("harbour", "started the run ca1.", &["ca1", "harbour"]);
        check("", "cab", &["cab"]);
        check("", "nothing was done", &[]);
    }

    #[test]
    fn a_reference_is_found_by_its_parts() {
        check(
            "web/api:3.11@sha256:ab",
            "",
            &[
                "sha256:ab",
                "web/api",
                "web/api:3.11",
                "web/api:3.11@sha256:ab",
            ],
        );
        check("localhost:5000/web", "", &["localhost:5000/web"]);
    }
}
