//! The dry run as numbers and lines: the domain's own functions, over what a page shows of them.
use super::filter::Filter;
use super::known::Known;
use crate::api::workflow::PreviewSummary;
use drydock_domain::console::ServerPreview;
use drydock_domain::dry_run::{CycleEstimate, Inspection, Price, Row, estimate_cycle};
use drydock_domain::inventory::Inventory;
use drydock_domain::policy::{self, Policy};
use drydock_domain::selection::{Selection, select};
use drydock_domain::verdict::{Judgement, TagVerdict, Trace, Verdict, judge, trace, weigh};

/// Lines of one page: more would be slow to read and to draw.
pub const PAGE_LINES: usize = 100;

/// The lines that a filter lets through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// On all pages.
    pub n_lines: usize,
    pub lines: Vec<Line>,
}

/// A row, and the original that it stands for, where it stands for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub row: Row,
    pub original: Option<String>,
}

impl Page {
    pub fn n_pages(&self) -> usize {
        self.n_lines.div_ceil(PAGE_LINES).max(1)
    }
}

/// The policy as the service reads it, or why it does not.
fn read(text: &str) -> Result<Policy, String> {
    let policy = policy::parse(text).map_err(|error| error.to_string())?;
    match policy::service_refusal(&policy) {
        None => Ok(policy),
        Some(refusal) => Err(refusal),
    }
}

/// Whether the service would take the policy at all.
pub fn is_readable(text: &str) -> bool {
    read(text).is_ok()
}

/// Judges every tag, weighs in what is known beyond their names, and hands the judgements over,
/// which borrow from what lives only here.
fn judged<R>(
    text: &str,
    inventory: &Inventory,
    inspection: Option<&Inspection>,
    use_them: impl FnOnce(&Selection, &[Judgement<'_>]) -> R,
) -> Result<R, String> {
    let policy = read(text)?;
    let selection = select(&policy, inventory);
    let mut judgements = judge(&policy, inventory, &selection);
    if let Some(Inspection {
        evidence, as_of, ..
    }) = inspection
    {
        weigh(&mut judgements, evidence, *as_of);
    }
    Ok(use_them(&selection, &judgements))
}

/// The whole dry run in short, by names alone: what the server's own answer is compared with.
pub fn summary(text: &str, inventory: &Inventory) -> PreviewSummary {
    let summary = judged(text, inventory, None, |selection, judgements| {
        let facts = judgements.iter().map(|judgement| Facts {
            repository: judgement.repository,
            tag: judgement.tag,
            verdict: judgement.verdict(),
            scan: judgement.row.map(|row| row.scan.as_str()),
            next: judgement.row.map(|row| row.next.as_str()),
        });
        count(selection, facts)
    });
    summary.unwrap_or_else(|refusal| PreviewSummary {
        refusal: Some(refusal),
        ..PreviewSummary::default()
    })
}

/// How many tags have each verdict, with what is known beyond their names.
pub fn counts(text: &str, known: &Known, inspection: Option<&Inspection>) -> Vec<(Verdict, u64)> {
    let counts = judged(text, &known.inventory, inspection, |_, judgements| {
        let counted = Verdict::ALL.map(|verdict| {
            let with_it = judgements.iter().filter(|it| it.verdict() == verdict);
            (verdict, with_it.count() as u64)
        });
        counted.into_iter().filter(|(_, n)| *n > 0).collect()
    });
    counts.unwrap_or_default()
}

/// Time and money of the images that the policy picks.
pub fn cost(text: &str, known: &Known) -> CycleEstimate {
    let cost = judged(text, &known.inventory, None, |selection, _| {
        let images = selection.selected.iter();
        let images: Vec<_> = images
            .map(|row| (row.repository.as_str(), row.original.as_str()))
            .collect();
        estimate_cycle(&known.averages, &images, Price::LIST)
    });
    cost.unwrap_or_default()
}

/// The server's answer in the same form.
pub fn summarise(preview: &ServerPreview) -> PreviewSummary {
    let facts = preview.verdicts.iter().map(|verdict| Facts {
        repository: &verdict.repository,
        tag: &verdict.tag,
        verdict: verdict.verdict,
        scan: verdict.scan.as_deref(),
        next: verdict.next.as_deref(),
    });
    let summary = match preview.refusal {
        Some(_) => PreviewSummary::default(),
        None => count(&preview.selection, facts),
    };
    PreviewSummary {
        refusal: preview.refusal.clone(),
        as_of: preview.as_of,
        ..summary
    }
}

struct Facts<'a> {
    repository: &'a str,
    tag: &'a str,
    verdict: Verdict,
    scan: Option<&'a str>,
    next: Option<&'a str>,
}

fn count<'a>(selection: &Selection, facts: impl Iterator<Item = Facts<'a>>) -> PreviewSummary {
    let mut fingerprint = Fingerprint::default();
    let mut counts = Verdict::ALL.map(|verdict| (verdict, 0));
    for facts in facts {
        fingerprint.add(&facts);
        if let Some((_, n)) = counts
            .iter_mut()
            .find(|(verdict, _)| *verdict == facts.verdict)
        {
            *n += 1;
        }
    }
    PreviewSummary {
        fingerprint: format!("{:016x}", fingerprint.0),
        matches: selection.matches() as u64,
        counts: counts.into_iter().filter(|(_, n)| *n > 0).collect(),
        refusal: None,
        as_of: None,
    }
}

/// FNV-1a with 64 bits: it tells two honest answers apart, and keeps no secret.
struct Fingerprint(u64);

impl Default for Fingerprint {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fingerprint {
    fn add(&mut self, facts: &Facts<'_>) {
        let (scan, next) = (facts.scan.unwrap_or(""), facts.next.unwrap_or(""));
        for part in [
            facts.repository,
            facts.tag,
            facts.verdict.as_str(),
            scan,
            next,
        ] {
            // No part holds a zero byte, so that none runs into the one after it.
            for byte in part.bytes().chain([0]) {
                self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
    }
}

/// One page of what the filter lets through.
pub fn page(text: &str, known: &Known, filter: &Filter, inspection: Option<&Inspection>) -> Page {
    let from = (filter.page - 1) * PAGE_LINES;
    let page = judged(text, &known.inventory, inspection, |_, judgements| {
        let passing = judgements
            .iter()
            .filter(|judgement| filter.passes(judgement));
        let passing: Vec<_> = passing.collect();
        let lines = passing.iter().skip(from).take(PAGE_LINES);
        Page {
            n_lines: passing.len(),
            lines: lines
                .map(|judgement| known.line(judgement, inspection))
                .collect(),
        }
    });
    page.unwrap_or_default()
}

/// Every line that the filter lets through, for a file.
pub fn all_lines(
    text: &str,
    known: &Known,
    filter: &Filter,
    inspection: Option<&Inspection>,
) -> Vec<Row> {
    let lines = judged(text, &known.inventory, inspection, |_, judgements| {
        let passing = judgements
            .iter()
            .filter(|judgement| filter.passes(judgement));
        passing
            .map(|judgement| known.line(judgement, inspection).row)
            .collect()
    });
    lines.unwrap_or_default()
}

/// Every verdict; none where the policy is refused.
pub fn verdicts(
    text: &str,
    inventory: &Inventory,
    inspection: Option<&Inspection>,
) -> Vec<TagVerdict> {
    let verdicts = judged(text, inventory, inspection, |_, judgements| {
        judgements.iter().map(Judgement::to_tag_verdict).collect()
    });
    verdicts.unwrap_or_default()
}

/// Why a reference, `repository:tag`, gets what it gets, rule by rule, or why the policy is refused.
/// The registry's own host may stand before it; no tag means `latest`, as everywhere. The verdict is the
/// table's, with what is known beyond names.
pub fn why(
    text: &str,
    inventory: &Inventory,
    inspection: Option<&Inspection>,
    login_server: &str,
    reference: &str,
) -> Result<Trace, String> {
    let policy = policy::parse(text).map_err(|error| error.to_string())?;
    let (repository, tag) = split(reference, login_server);
    let selection = select(&policy, inventory);
    let trace = trace(&policy, inventory, &selection, repository, tag);
    let all = verdicts(text, inventory, inspection);
    let mut all = all.iter();
    let found = all.find(|it| it.repository == repository && it.tag == tag);
    Ok(match found {
        Some(found) => trace.weighed(found),
        None => trace,
    })
}

fn split<'r>(reference: &'r str, login_server: &str) -> (&'r str, &'r str) {
    let reference = reference.trim();
    let path = reference
        .strip_prefix(login_server)
        .and_then(|rest| rest.strip_prefix('/'))
        .unwrap_or(reference);
    path.rsplit_once(':').unwrap_or((path, "latest"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str =
        r#"{"version": "v1", "repositories": [{"repository": "web", "tags": ["1.0"]}]}"#;

    fn inventory() -> Inventory {
        [("db", vec!["16"]), ("web", vec!["1.0", "1.0-1", "2.0"])]
            .into_iter()
            .collect()
    }

    fn filter(query: &[(&str, &str)]) -> Filter {
        let mut map = leptos_router::params::ParamsMap::new();
        for (key, value) in query {
            map.insert((*key).to_owned(), (*value).to_owned());
        }
        Filter::read(&map)
    }

    #[test]
    fn the_browser_and_the_server_come_to_the_same_summary() {
        let inventory = inventory();
        let policy = policy::parse(POLICY).expect("it is a policy");
        let selection = select(&policy, &inventory);
        let mut server = ServerPreview {
            verdicts: drydock_domain::verdict::verdicts(&policy, &inventory, &selection),
            selection,
            ..ServerPreview::default()
        };
        assert_eq!(summarise(&server), summary(POLICY, &inventory));
        server.verdicts[0].tag.push('x');
        assert_ne!(summarise(&server), summary(POLICY, &inventory));
    }

    #[test]
    fn a_refused_policy_is_refused_on_both_sides_in_the_same_words() {
        let text = POLICY.replace("1.0", "1.0-1");
        let refusal = summary(&text, &inventory()).refusal.expect("it is refused");
        assert!(refusal.contains("should not end with"), "{refusal}");
        assert_eq!(
            page(&text, &inventory().into(), &filter(&[]), None),
            Page::default()
        );
    }

    #[test]
    fn lines_carry_the_latest_patch_and_the_next_tag() {
        let page = page(
            POLICY,
            &inventory().into(),
            &filter(&[("verdict", "WILL_SCAN")]),
            None,
        );
        assert_eq!(page.n_lines, 1);
        assert_eq!(page.lines[0].row.latest.as_deref(), Some("1.0-1"));
        assert_eq!(page.lines[0].row.verdict.next.as_deref(), Some("1.0-2"));
        assert_eq!(page.n_pages(), 1);
    }

    #[test]
    fn what_is_known_changes_verdicts_and_counts_and_not_what_the_server_is_compared_with() {
        let known: Known = inventory().into();
        let before = summary(POLICY, &known.inventory);
        let at = chrono::DateTime::UNIX_EPOCH;
        let mut inspection = Inspection::begun(Default::default(), at);
        inspection.evidence.cached = vec!["web".to_owned()];
        let found = counts(POLICY, &known, Some(&inspection));
        assert!(found.contains(&(Verdict::PullThroughCache, 1)), "{found:?}");
        assert!(!counts(POLICY, &known, None).contains(&found[0]) || found != before.counts);
        let cached = filter(&[("verdict", "PTC")]);
        let page = page(POLICY, &known, &cached, Some(&inspection));
        assert_eq!(page.lines[0].original.as_deref(), Some("1.0"));
        assert_eq!(summary(POLICY, &known.inventory), before);
    }

    #[test]
    fn a_filter_narrows_by_repository_and_text() {
        let n = |query: &[(&str, &str)]| {
            page(POLICY, &inventory().into(), &filter(query), None).n_lines
        };
        assert_eq!(n(&[]), 4);
        assert_eq!(n(&[("repository", "web")]), 3);
        assert_eq!(n(&[("text", "WEB:2")]), 1);
        assert_eq!(n(&[("repository", "web"), ("text", "16")]), 0);
    }

    #[test]
    fn why_finds_a_tag_or_says_what_was_meant() {
        let why = |reference| why(POLICY, &inventory(), None, "localhost:5080", reference);
        let found = why(" localhost:5080/web:2.0 ").expect("the policy can be read");
        assert_eq!(found.verdict, Verdict::NotSelected);
        let check = |reference, expected: (&str, Option<&str>)| {
            let found = why(reference).expect("the policy can be read");
            let name = format!("{}:{}", found.repository, found.tag);
            assert_eq!((name.as_str(), found.meant.as_deref()), expected);
        };
        check("wbe:2.0", ("wbe:2.0", None));
        check("webb:2.0", ("webb:2.0", Some("web:2.0")));
        check("web", ("web:latest", None));
    }
}
