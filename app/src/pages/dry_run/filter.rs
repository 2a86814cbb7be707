//! Which lines are shown: it stands in the address, so that it can be sent to somebody.
use crate::paths::query_value;
use crate::widgets::Readable;
use drydock_domain::dry_run::Depth;
use drydock_domain::verdict::{Judgement, Verdict};
use leptos_router::params::ParamsMap;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    pub verdict: Option<Verdict>,
    /// The whole name, empty for all.
    pub repository: String,
    /// A part of `repository:tag`, in any case.
    pub text: String,
    /// From 1.
    pub page: usize,
    /// A policy that the address itself carries, where there is no JavaScript to keep a draft.
    pub policy: Option<String>,
    /// Digest of a kept dry run.
    pub record: Option<String>,
    /// How deep to look, where the address says it.
    pub depth: Option<Depth>,
    /// The original, `repository:tag`, whose contents are shown.
    pub open: Option<String>,
}

/// What of the address has to be a word of ours, and whether it is one.
pub const WORDS: [Readable; 4] = [
    ("verdict", |word| find_verdict(word).is_some()),
    ("page", |word| read_page(word).is_some()),
    ("depth", |word| Depth::parse(word).is_some()),
    ("open", |name| name.contains(':')),
];

fn find_verdict(word: &str) -> Option<Verdict> {
    let mut all = Verdict::ALL.into_iter();
    all.find(|verdict| verdict.as_str() == word)
}

fn read_page(word: &str) -> Option<usize> {
    let page = word.parse().ok();
    page.filter(|page| (1..=1_000_000).contains(page))
}

impl Filter {
    pub fn read(query: &ParamsMap) -> Self {
        Self {
            verdict: query.get_str("verdict").and_then(find_verdict),
            repository: query.get("repository").unwrap_or_default(),
            text: query.get("text").unwrap_or_default().trim().to_owned(),
            page: query.get_str("page").and_then(read_page).unwrap_or(1),
            policy: query.get("policy").map(|text| text.replace("\r\n", "\n")),
            record: query.get("record"),
            depth: query.get("depth").and_then(|word| Depth::parse(&word)),
            open: query.get("open").filter(|name| name.contains(':')),
        }
    }

    pub fn passes(&self, judgement: &Judgement<'_>) -> bool {
        self.verdict
            .is_none_or(|verdict| verdict == judgement.verdict())
            && (self.repository.is_empty() || self.repository == judgement.repository)
            && (self.text.is_empty() || self.finds(judgement.repository, judgement.tag))
    }

    fn finds(&self, repository: &str, tag: &str) -> bool {
        let name = format!("{repository}:{tag}").to_ascii_lowercase();
        name.contains(&self.text.to_ascii_lowercase())
    }

    pub fn is_narrow(&self) -> bool {
        self.verdict.is_some() || !self.repository.is_empty() || !self.text.is_empty()
    }

    /// The address of the same lines on another page.
    pub fn at_page(&self, path: &str, page: usize) -> String {
        Self {
            page,
            ..self.clone()
        }
        .address(path)
    }

    /// The address of the same search for another verdict, on its first page.
    pub fn for_verdict(&self, path: &str, verdict: Option<Verdict>) -> String {
        let filter = Self {
            verdict,
            page: 1,
            ..self.clone()
        };
        filter.address(path)
    }

    /// The address of the same lines, looked into as deep as this.
    pub fn at_depth(&self, path: &str, depth: Depth) -> String {
        let filter = Self {
            depth: Some(depth),
            ..self.clone()
        };
        filter.address(path)
    }

    /// The address of the same lines with the contents of one image, or of none.
    pub fn with_open(&self, path: &str, open: Option<String>) -> String {
        Self {
            open,
            ..self.clone()
        }
        .address(path)
    }

    /// What of the address a form must carry along, as hidden fields.
    pub fn carried(&self) -> Vec<(&'static str, String)> {
        let depth = self.depth.map(|depth| depth.as_str().to_owned());
        let pairs = [
            ("policy", self.policy.clone()),
            ("record", self.record.clone()),
            ("depth", depth),
        ];
        let pairs = pairs.into_iter();
        pairs
            .filter_map(|(key, value)| Some((key, value?)))
            .collect()
    }

    fn address(&self, path: &str) -> String {
        let page = (self.page > 1).then(|| self.page.to_string());
        let pairs = [
            ("verdict", self.verdict.map_or("", Verdict::as_str)),
            ("repository", &self.repository),
            ("text", &self.text),
            ("page", page.as_deref().unwrap_or_default()),
            ("policy", self.policy.as_deref().unwrap_or_default()),
            ("record", self.record.as_deref().unwrap_or_default()),
            ("depth", self.depth.map_or("", Depth::as_str)),
            ("open", self.open.as_deref().unwrap_or_default()),
        ];
        let pairs = pairs.iter().filter(|(_, value)| !value.is_empty());
        let query: Vec<_> = pairs
            .map(|(key, value)| format!("{key}={}", query_value(value)))
            .collect();
        match query.is_empty() {
            true => path.to_owned(),
            false => format!("{path}?{}", query.join("&")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_word_of_an_address_is_told_apart() {
        let check = |name: &str, word: &str, expected| {
            let (_, can_read) = WORDS.iter().find(|(known, _)| *known == name).unwrap();
            assert_eq!(can_read(word), expected, "{name}={word}");
        };
        check("verdict", "CLEAN", true);
        check("verdict", "clean", false);
        check("page", "2", true);
        check("page", "abc", false);
        check("page", "0", false);
        check("depth", Depth::Scan.as_str(), true);
        check("depth", "deep", false);
        check("open", "app", false);
    }

    #[test]
    fn a_filter_survives_its_own_address() {
        let mut query = ParamsMap::new();
        for (key, value) in [("verdict", "WILL_SCAN"), ("text", "a b&c"), ("page", "3")] {
            query.insert(key.to_owned(), value.to_owned());
        }
        let filter = Filter::read(&query);
        assert_eq!(
            filter.at_depth("/dry-run", Depth::ScanAndPlan),
            "/dry-run?verdict=WILL_SCAN&text=a%20b%26c&page=3&depth=scan-and-plan"
        );
        assert_eq!(
            filter.at_page("/dry-run", 4),
            "/dry-run?verdict=WILL_SCAN&text=a%20b%26c&page=4"
        );
        assert_eq!(
            filter.for_verdict("/dry-run", None),
            "/dry-run?text=a%20b%26c"
        );
    }

    #[test]
    fn nonsense_in_the_address_means_no_filter() {
        let mut query = ParamsMap::new();
        let nonsense = [
            ("verdict", "MAYBE"),
            ("page", "0"),
            ("depth", "abyss"),
            ("open", "x"),
        ];
        for (key, value) in nonsense {
            query.insert(key.to_owned(), value.to_owned());
        }
        let filter = Filter::read(&query);
        assert!(!filter.is_narrow());
        assert_eq!((filter.page, filter.depth, filter.open), (1, None, None));
    }
}
