//! Fills a new ledger and prints how fast it appends, lists and verifies.
//!   cargo run --release -p drydock-ledger --example audit_speed [ENTRIES] [FOLDER or postgres://…]
use drydock_domain::audit::{Kind, Outcome, Trust, verify};
use drydock_domain::console::AuditOutcome;
use drydock_ledger::{Clock, EntryFilter, ExportOptions, Happening, Ledger, Location};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// So many callers append at once.
const CLIENTS: u64 = 256;
/// So many entries by one caller, each awaited before the next.
const ALONE: u64 = 2000;
const ACTORS: u64 = 50;
const OBJECTS: u64 = 200;
const OPERATIONS: [&str; 6] = [
    "run.start",
    "run.cancel",
    "workflow.update",
    "export.created",
    "audit.view",
    "auth.login",
];

type Outcomes = Result<(), Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> Outcomes {
    let mut arguments = std::env::args().skip(1);
    let entries: u64 = arguments
        .next()
        .map_or(Ok(1_000_000), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    let location = match arguments.next() {
        Some(url) if url.contains("://") => Location::parse(&url),
        Some(place) => Location::Sqlite(format!("{place}/ledger.sqlite").into()),
        None => Location::Sqlite(folder.path().join("ledger.sqlite")),
    };
    // Two seconds pass from one entry to the next, whatever the machine needs.
    let ticks = Arc::new(AtomicU64::new(0));
    let clock = Clock::new(move || {
        let tick = ticks.fetch_add(1, Ordering::Relaxed);
        chrono::DateTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + 2 * tick)
    });
    let ledger = Ledger::connect(&location, folder.path(), clock).await?;
    append_alone(&ledger).await?;
    fill(&ledger, entries.saturating_sub(2 * ALONE)).await?;
    list(&ledger, i64::try_from(entries)?).await?;
    check(&ledger).await
}

async fn append_alone(ledger: &Ledger) -> Outcomes {
    let started = Instant::now();
    for number in 0..ALONE {
        change(ledger, number).await?;
    }
    rate("append, one caller", 2 * ALONE, started);
    Ok(())
}

async fn fill(ledger: &Ledger, entries: u64) -> Outcomes {
    let started = Instant::now();
    let next = Arc::new(AtomicU64::new(ALONE));
    let last = ALONE + entries * 2 / 3;
    let mut acting = JoinSet::new();
    for _ in 0..CLIENTS {
        let (ledger, next) = (ledger.clone(), next.clone());
        acting.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= last {
                    return Ok::<(), drydock_ledger::LedgerError>(());
                }
                // Of two, one is a change of two entries and one a look of one.
                if number.is_multiple_of(2) {
                    change(&ledger, number).await?;
                } else {
                    look(&ledger, number).await?;
                }
            }
        });
    }
    while let Some(done) = acting.join_next().await {
        done??;
    }
    rate(&format!("append, {CLIENTS} callers"), entries, started);
    Ok(())
}

async fn change(ledger: &Ledger, number: u64) -> Result<(), drydock_ledger::LedgerError> {
    let detail = format!("policy sha256:{number:064x}");
    let operation = OPERATIONS[usize::try_from(number % 3).unwrap_or(0)];
    let entry = ledger
        .begin(&actor(number), operation, &object(number), &detail)
        .await?;
    let detail = format!("run ca{number:x}");
    let outcome = match number % 100 {
        0..=9 => AuditOutcome::Failed { detail },
        10 => AuditOutcome::Unknown,
        _ => AuditOutcome::Succeeded { detail },
    };
    entry.complete(&outcome).await
}

async fn look(ledger: &Ledger, number: u64) -> Result<i64, drydock_ledger::LedgerError> {
    let operation = OPERATIONS[usize::try_from(3 + number % 3).unwrap_or(3)];
    let happening = Happening {
        kind: Kind::View,
        actor: &actor(number),
        client: None,
        operation,
        object: &object(number),
        detail: "",
        outcome: Outcome::Succeeded,
    };
    ledger.note(happening).await
}

/// Scattered, so that no filter finds its entries side by side.
fn actor(number: u64) -> String {
    format!("person{}", number.wrapping_mul(2_654_435_761) % ACTORS)
}

fn object(number: u64) -> String {
    format!("registry{}", number.wrapping_mul(40_503) % OBJECTS)
}

async fn list(ledger: &Ledger, entries: i64) -> Outcomes {
    let all = EntryFilter {
        limit: 50,
        ..EntryFilter::default()
    };
    let text = |text: &str| Some(text.to_owned());
    let at = |seconds: i64| chrono::DateTime::from_timestamp(1_700_000_000 + seconds, 0);
    let filters = [
        ("no filter", all.clone()),
        (
            "actor",
            EntryFilter {
                actor: text("person7"),
                ..all.clone()
            },
        ),
        (
            "actor, unknown",
            EntryFilter {
                actor: text("nobody"),
                ..all.clone()
            },
        ),
        (
            "operation",
            EntryFilter {
                operation: text("run.cancel"),
                ..all.clone()
            },
        ),
        (
            "object",
            EntryFilter {
                object: text("registry9"),
                ..all.clone()
            },
        ),
        (
            "outcome, common",
            EntryFilter {
                outcome: Some(Outcome::Succeeded),
                ..all.clone()
            },
        ),
        (
            "outcome, rare",
            EntryFilter {
                outcome: Some(Outcome::Unknown),
                ..all.clone()
            },
        ),
        (
            "outcome, never",
            EntryFilter {
                outcome: Some(Outcome::Denied),
                ..all.clone()
            },
        ),
        (
            "time, an hour long ago",
            EntryFilter {
                from: at(9_000),
                until: at(12_600),
                ..all.clone()
            },
        ),
        (
            "time, everything",
            EntryFilter {
                from: at(0),
                ..all.clone()
            },
        ),
        (
            "run id",
            EntryFilter {
                mention: text("ca3e8"),
                ..all.clone()
            },
        ),
        (
            "digest",
            EntryFilter {
                mention: Some(format!("sha256:{:064x}", 1000)),
                ..all.clone()
            },
        ),
        (
            "registry as any id",
            EntryFilter {
                mention: text("registry9"),
                ..all.clone()
            },
        ),
        (
            "actor, object, outcome",
            EntryFilter {
                actor: text("person7"),
                object: text("registry9"),
                outcome: Some(Outcome::Failed),
                ..all.clone()
            },
        ),
        (
            "operation and outcome that never meet",
            EntryFilter {
                operation: text("audit.view"),
                outcome: Some(Outcome::Failed),
                ..all.clone()
            },
        ),
    ];
    for (name, filter) in filters {
        let mut slowest = Duration::ZERO;
        let mut found = 0;
        for page in 0..5 {
            let mut filter = filter.clone();
            // The first page, then pages from ever deeper in the past.
            filter.before = (page > 0).then_some(entries * (5 - page) / 5);
            let started = Instant::now();
            found += ledger.list_entries(&filter).await?.len();
            slowest = slowest.max(started.elapsed());
        }
        println!(
            "list, {name}: {:.1} ms at most ({found} entries on 5 pages)",
            slowest.as_secs_f64() * 1e3
        );
    }
    Ok(())
}

async fn check(ledger: &Ledger) -> Outcomes {
    let options = ExportOptions {
        after: 0,
        people: true,
    };
    let started = Instant::now();
    let mut reader = ledger.export(&options).await?;
    let mut lines = Vec::new();
    loop {
        let page = reader.next_page().await?;
        if page.is_empty() {
            break;
        }
        lines.extend(page);
    }
    let trust = Trust {
        keys: vec![ledger.public_key()],
        witness: None,
    };
    let count = u64::try_from(lines.len())?;
    rate("export", count, started);
    let started = Instant::now();
    let found = verify(&lines, &trust);
    rate("verify, an exported trail", count, started);
    if let Some(broken) = found.broken {
        return Err(broken.to_string().into());
    }
    println!(
        "the chain of {} entries is whole; {} checkpoints",
        found.entries, found.checkpoints
    );
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a rate for people to read")]
fn rate(what: &str, count: u64, started: Instant) {
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "{what}: {:.0}/s ({count} in {seconds:.1} s)",
        count as f64 / seconds
    );
}
