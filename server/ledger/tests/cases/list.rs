use crate::support::{Desk, act, failed, list, succeeded};
use chrono::TimeDelta;
use drydock_domain::audit::{Kind, Outcome};
use drydock_domain::console::AuditOutcome;
use drydock_ledger::{EntryFilter, Happening, Ledger};

pub async fn entries_come_newest_first_in_pages_that_neither_overlap_nor_miss(desk: &Desk) {
    let ledger = desk.open().await;
    for number in 0..5 {
        act(&ledger, "ada", "run.start", &number.to_string()).await;
    }
    for filter in [
        EntryFilter::default(),
        EntryFilter {
            outcome: Some(Outcome::Succeeded),
            ..EntryFilter::default()
        },
    ] {
        let page = |before| EntryFilter {
            before,
            limit: 2,
            ..filter.clone()
        };
        let mut objects = Vec::new();
        let mut before = None;
        loop {
            let entries = list(&ledger, page(before)).await;
            let Some(last) = entries.last() else { break };
            before = Some(last.sequence);
            objects.extend(entries.into_iter().map(|entry| entry.object));
        }
        assert_eq!(objects, ["4", "3", "2", "1", "0"]);
    }
}

async fn found(ledger: &Ledger, filter: EntryFilter) -> Vec<String> {
    let entries = list(ledger, filter).await;
    entries.into_iter().map(|entry| entry.object).collect()
}

pub async fn every_filter_finds_its_own(desk: &Desk) {
    let ledger = desk.open().await;
    let start = desk.now();
    act(&ledger, "ada", "run.start", "one").await;
    desk.pass(TimeDelta::hours(1));
    act(&ledger, "bob", "run.cancel", "two").await;
    desk.pass(TimeDelta::hours(1));
    let entry = ledger
        .begin("ada", "run.cancel", "three", "")
        .await
        .unwrap();
    entry.complete(&failed("no such run")).await.unwrap();

    let all = EntryFilter::default;
    let text = |text: &str| Some(text.to_owned());
    let hour = TimeDelta::hours(1);
    for (filter, expected) in [
        (
            EntryFilter {
                actor: text("ada"),
                ..all()
            },
            vec!["three", "one"],
        ),
        (
            EntryFilter {
                actor: text("nobody"),
                ..all()
            },
            vec![],
        ),
        (
            EntryFilter {
                operation: text("run.cancel"),
                ..all()
            },
            vec!["three", "two"],
        ),
        (
            EntryFilter {
                object: text("two"),
                ..all()
            },
            vec!["two"],
        ),
        (
            EntryFilter {
                outcome: Some(Outcome::Failed),
                ..all()
            },
            vec!["three"],
        ),
        (
            EntryFilter {
                from: Some(start + hour),
                ..all()
            },
            vec!["three", "two"],
        ),
        (
            EntryFilter {
                until: Some(start + hour),
                ..all()
            },
            vec!["one"],
        ),
        (
            EntryFilter {
                actor: text("ada"),
                operation: text("run.cancel"),
                outcome: Some(Outcome::Failed),
                mention: text("three"),
                from: Some(start + hour),
                until: Some(start + hour * 3),
                ..all()
            },
            vec!["three"],
        ),
        (
            EntryFilter {
                object: text("three"),
                outcome: Some(Outcome::Failed),
                ..all()
            },
            vec!["three"],
        ),
        (
            EntryFilter {
                actor: text("ada"),
                outcome: Some(Outcome::Succeeded),
                ..all()
            },
            vec!["one"],
        ),
        (
            EntryFilter {
                mention: text("three"),
                outcome: Some(Outcome::Succeeded),
                ..all()
            },
            vec![],
        ),
    ] {
        assert_eq!(found(&ledger, filter.clone()).await, expected, "{filter:?}");
    }
}

pub async fn any_id_finds_what_names_it(desk: &Desk) {
    let ledger = desk.open().await;
    let detail = "push web/api:3.11@sha256:ab";
    let entry = ledger
        .begin("ada", "workflow.update", "harbour", detail)
        .await
        .unwrap();
    entry
        .complete(&succeeded("started the run ca1."))
        .await
        .unwrap();
    act(&ledger, "ada", "run.cancel", "ca2").await;
    for id in ["harbour", "web/api", "web/api:3.11", "sha256:ab", "ca1"] {
        let filter = EntryFilter {
            mention: Some(id.into()),
            ..EntryFilter::default()
        };
        assert_eq!(found(&ledger, filter).await, ["harbour"], "{id}");
    }
}

pub async fn the_newest_entry_is_found_by_its_object_and_the_kind_of_its_operation(desk: &Desk) {
    let ledger = desk.open().await;
    for (operation, object) in [
        ("workflow.create", "one"),
        ("workflow.update", "one"),
        ("run.start", "one"),
        ("workflow.delete", "another"),
    ] {
        drop(ledger.begin("ada", operation, object, "").await.unwrap());
    }
    ledger.close_abandoned().await.unwrap();
    let denied = Happening {
        kind: Kind::Denial,
        actor: "eve",
        client: None,
        operation: "workflow.delete",
        object: "one",
        detail: "",
        outcome: Outcome::Denied,
    };
    ledger.note(denied).await.unwrap();
    let found = async |object, operations| {
        let found = ledger.find_newest_entry(object, operations).await.unwrap();
        found.map(|entry| (entry.operation, entry.outcome))
    };
    assert_eq!(
        found("one", "workflow.").await,
        Some(("workflow.update".to_owned(), Some(AuditOutcome::Unknown)))
    );
    assert_eq!(found("one", "policy.").await, None);
    assert_eq!(found("nothing", "workflow.").await, None);
}
