//! How long selection and verdicts take, against their budgets:
//! `cargo run --release -p drydock-domain --example speed`. Fails where one is missed.
use drydock_domain::inventory::Inventory;
use drydock_domain::policy::{self, Policy, PolicyRepository};
use drydock_domain::selection::select;
use drydock_domain::verdict::{judge, verdicts};
use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// A keystroke in the editor checks the document, selects and judges: it has one frame.
const FRAME: Duration = Duration::from_millis(16);
const SELECTION: Duration = Duration::from_millis(300);
/// Sentences for every tag at once are the server's answer, not a keystroke's.
const SENTENCES: Duration = Duration::from_millis(300);

fn main() -> ExitCode {
    let mut report = Report { is_missed: false };
    let large = registry(1_000, 1_000);
    report.line("1,000 × 1,000 tags, 200 rows `*`", SELECTION, || {
        select(&wildcards(200), &large).matches()
    });
    let named = specific(200, 50);
    report.line(
        "1,000 × 1,000 tags, 200 rows of 50 tags",
        SELECTION,
        || select(&named, &large).matches(),
    );
    let selection = select(&wildcards(200), &large);
    let policy = wildcards(200);
    report.line(
        "1,000 × 1,000 tags, judged without sentences",
        SELECTION,
        || judge(&policy, &large, &selection).len(),
    );
    drop((large, selection));

    for (name, registry, policy) in [
        (
            "100 × 100 tags, 100 rows `*`",
            registry(100, 100),
            wildcards(100),
        ),
        (
            "100 × 100 tags, 100 rows of 50 tags",
            registry(100, 100),
            specific(100, 50),
        ),
        (
            "1 × 10,000 tags, 1 row `*`",
            registry(1, 10_000),
            wildcards(1),
        ),
        (
            "1 × 10,000 tags, 1 row of 3,000 tags",
            registry(1, 10_000),
            specific(1, 3_000),
        ),
        (
            "1 × 10,000 tags, 100 misspelt tags",
            registry(1, 10_000),
            misspelt(100),
        ),
    ] {
        report.keystroke(name, &registry, &policy.to_json());
    }
    match report.is_missed {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    }
}

struct Report {
    is_missed: bool,
}

impl Report {
    /// Prints the best of five.
    fn line(&mut self, name: &str, budget: Duration, mut work: impl FnMut() -> usize) {
        let mut best = Duration::MAX;
        let mut result = 0;
        for _ in 0..5 {
            let start = Instant::now();
            result = black_box(work());
            best = best.min(start.elapsed());
        }
        let is_missed = best > budget;
        self.is_missed |= is_missed;
        let mark = if is_missed { "MISSED" } else { "ok" };
        let (best, budget) = (best.as_secs_f64() * 1e3, budget.as_millis());
        println!("{best:9.2} ms of {budget:3}  {mark:6}  {name} ({result})");
    }

    fn keystroke(&mut self, name: &str, registry: &Inventory, text: &str) {
        self.line(&format!("{name}: keystroke"), FRAME, || {
            let check = policy::check(black_box(text));
            let policy = check.policy.expect("the policy of a benchmark can be read");
            let selection = select(&policy, registry);
            judge(&policy, registry, &selection).len() + check.findings.len()
        });
        let policy = policy::check(text)
            .policy
            .expect("the policy of a benchmark can be read");
        self.line(&format!("{name}: with every sentence"), SENTENCES, || {
            let selection = select(&policy, registry);
            verdicts(&policy, registry, &selection).len()
        });
    }
}

/// Repositories with originals `1.0.0`, `1.0.1` …, each with two patches, and a few leftovers.
fn registry(repositories: usize, tags: usize) -> Inventory {
    (0..repositories)
        .map(|index| (repository(index), (0..tags).map(tag).collect::<Vec<_>>()))
        .collect()
}

fn repository(index: usize) -> String {
    format!("team-{}/service-{index:04}", index % 7)
}

fn tag(index: usize) -> String {
    let original = original(index / 4);
    match index % 4 {
        0 => original,
        1 => format!("{original}-1"),
        2 => format!("{original}-2"),
        _ => format!("{original}-patched"),
    }
}

fn original(index: usize) -> String {
    format!("{}.{}.{}", index / 100, index / 10 % 10, index % 10)
}

fn policy_of(rows: impl Iterator<Item = (String, Vec<String>)>) -> Policy {
    let row = |(repository, tags)| PolicyRepository {
        repository,
        tags,
        enabled: true,
    };
    Policy {
        convention: None,
        repositories: rows.map(row).collect(),
    }
}

fn wildcards(rows: usize) -> Policy {
    policy_of((0..rows).map(|index| (repository(index), vec!["*".to_owned()])))
}

fn specific(rows: usize, tags: usize) -> Policy {
    policy_of((0..rows).map(|index| (repository(index), (0..tags).map(original).collect())))
}

fn misspelt(tags: usize) -> Policy {
    let tags = (0..tags).map(|index| format!("{}x", original(index)));
    policy_of(std::iter::once((repository(0), tags.collect())))
}
