//! The rules as the browser runs them: `page.mjs` calls these and holds the clock.
use drydock_domain::inventory::Inventory;
use drydock_domain::policy;
use drydock_domain::selection::select;
use drydock_domain::verdict::judge;
use std::sync::{Mutex, MutexGuard};

struct Case {
    registry: Inventory,
    policy: String,
}

static CASE: Mutex<Option<Case>> = Mutex::new(None);

fn case() -> MutexGuard<'static, Option<Case>> {
    CASE.lock().expect("a page has one thread")
}

/// Fills a registry of `repositories` with `tags` each, three of four of them patch tags, and a
/// policy of `rows` rows that name `named` tags each; 0 stands for `*`.
#[unsafe(no_mangle)]
extern "C" fn prepare(repositories: u32, tags: u32, rows: u32, named: u32) {
    let registry = (0..repositories)
        .map(|index| (repository(index), (0..tags).map(tag).collect::<Vec<_>>()))
        .collect();
    let rows: Vec<String> = (0..rows)
        .map(|index| {
            let tags: Vec<String> = match named {
                0 => vec!["\"*\"".into()],
                _ => (0..named).map(|n| format!("{:?}", original(n))).collect(),
            };
            let (repository, tags) = (repository(index), tags.join(","));
            format!("{{\"repository\":{repository:?},\"tags\":[{tags}]}}")
        })
        .collect();
    let policy = format!("{{\"version\":\"v1\",\"repositories\":[{}]}}", rows.join(","));
    *case() = Some(Case { registry, policy });
}

/// What a dry run selects.
#[unsafe(no_mangle)]
extern "C" fn selection() -> usize {
    let case = case();
    let Case { registry, policy } = case.as_ref().expect("prepare comes first");
    let policy = policy::check(policy).policy.expect("it is a policy");
    select(&policy, registry).matches()
}

/// What each keystroke in the editor does: check the text, select, judge every tag.
#[unsafe(no_mangle)]
extern "C" fn keystroke() -> usize {
    let case = case();
    let Case { registry, policy } = case.as_ref().expect("prepare comes first");
    let check = policy::check(policy);
    let policy = check.policy.expect("it is a policy");
    let selection = select(&policy, registry);
    judge(&policy, registry, &selection).len() + check.findings.len()
}

fn repository(index: u32) -> String {
    format!("team-{}/service-{index:04}", index % 7)
}

fn tag(index: u32) -> String {
    let original = original(index / 4);
    match index % 4 {
        0 => original,
        1 => format!("{original}-1"),
        2 => format!("{original}-2"),
        _ => format!("{original}-patched"),
    }
}

fn original(index: u32) -> String {
    format!("{}.{}.{}", index / 100, index / 10 % 10, index % 10)
}
