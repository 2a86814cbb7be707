use crate::support::Desk;
use drydock_domain::notice::Notice;
use drydock_domain::proposal::{Base, Proposal, ProposalState, ProposedChange};
use drydock_ledger::{Entry, Ledger, NewProposal, PersonMark};

async fn entry(ledger: &Ledger) -> Entry {
    let begun = ledger.begin("ada", "policy.propose", "harbour", "");
    begun.await.unwrap()
}

fn change() -> ProposedChange {
    ProposedChange::Policy {
        text: "{\r\n\0}".into(),
        based_on: Some("sha256:1".into()),
        run_now: true,
    }
}

async fn propose(ledger: &Ledger, registry: &str, proposer: &str) -> Option<Proposal> {
    let new = NewProposal {
        registry,
        change: &change(),
        base: &Base {
            policy: Some("sha256:1".into()),
            cron: None,
        },
        proposer,
        mark: &PersonMark::of(proposer),
        comment: "less\0 at night",
    };
    let entry = entry(ledger).await;
    ledger.create_proposal(&entry, &new).await.unwrap()
}

pub async fn one_proposal_of_a_registry_waits_and_is_kept_as_it_was(desk: &Desk) {
    let ledger = desk.open().await;
    let first = propose(&ledger, "harbour", "ada").await.unwrap();
    assert_eq!(first.change, change());
    assert_eq!(first.base.policy.as_deref(), Some("sha256:1"));
    assert_eq!(first.base.cron, None);
    assert_eq!(
        (first.proposer.as_str(), first.comment.as_str(), first.at),
        ("ada", "less\u{fffd} at night", desk.now())
    );
    assert_eq!((first.state, first.entry), (ProposalState::Waiting, 1));

    assert_eq!(propose(&ledger, "harbour", "eve").await, None);
    assert!(propose(&ledger, "quay", "eve").await.is_some());
    let again = desk.open().await;
    assert_eq!(
        again.find_waiting_proposal("harbour").await.unwrap(),
        Some(first.clone())
    );
    assert_eq!(again.find_proposal("quay", &first.id).await.unwrap(), None);
    let listed = again.list_proposals("harbour", 10).await.unwrap();
    assert_eq!(listed, std::slice::from_ref(&first));

    let rejected = ProposalState::Rejected;
    let entry = entry(&ledger).await;
    let decided = ledger.decide_proposal(&entry, &first.id, rejected, "grace", "no");
    assert!(decided.await.unwrap());
    desk.pass(chrono::TimeDelta::minutes(1));
    let second = propose(&ledger, "harbour", "eve").await.unwrap();
    let listed = ledger.list_proposals("harbour", 10).await.unwrap();
    let ids: Vec<&str> = listed.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, [&second.id, &first.id]);
}

pub async fn a_proposal_is_decided_once(desk: &Desk) {
    let (ledger, other) = (desk.open().await, desk.open().await);
    let id = propose(&ledger, "harbour", "ada").await.unwrap().id;
    let entry = entry(&ledger).await;
    let decide = async |ledger: &Ledger, state, by: &str| {
        let decided = ledger.decide_proposal(&entry, &id, state, by, "I looked");
        decided.await.unwrap()
    };
    let (one, two) = tokio::join!(
        decide(&ledger, ProposalState::Approved, "grace"),
        decide(&other, ProposalState::Approved, "hana")
    );
    assert!(one ^ two, "one of two wins: {one} {two}");
    assert!(!decide(&ledger, ProposalState::Withdrawn, "ada").await);
    let found = async || ledger.find_proposal("harbour", &id).await.unwrap().unwrap();
    let decided = found().await;
    let decision = decided.decision.unwrap();
    assert_eq!(decision.by, if one { "grace" } else { "hana" });
    assert_eq!(
        (decision.comment.as_str(), decision.at),
        ("I looked", desk.now())
    );
    assert_eq!(decided.outcome, None, "nobody said what became of it");

    let failed = ledger.conclude_proposal(&entry, &id, ProposalState::Failed, "503\0");
    failed.await.unwrap();
    let concluded = found().await;
    assert_eq!(concluded.state, ProposalState::Failed);
    assert_eq!(concluded.outcome.as_deref(), Some("503\u{fffd}"));
}

pub async fn an_erased_person_proposed_nothing_that_waits(desk: &Desk) {
    let name = "Ada Sentinel-Name";
    let ledger = desk.open().await;
    let id = propose(&ledger, "harbour", "eve").await.unwrap().id;
    let entry = entry(&ledger).await;
    let rejected = ledger.decide_proposal(&entry, &id, ProposalState::Rejected, name, "no");
    assert!(rejected.await.unwrap());
    let waiting = propose(&ledger, "harbour", name).await.unwrap();
    let mark = PersonMark::parse(&waiting.proposer_mark).unwrap();
    assert!(mark.is_of(name) && !mark.is_of("eve"));
    let notice = Notice::of_proposal(&waiting);
    ledger.add_notice(&notice, true).await.unwrap();

    ledger.erase_person("root", name).await.unwrap();
    assert_eq!(ledger.find_waiting_proposal("harbour").await.unwrap(), None);
    let listed = ledger.list_proposals("harbour", 10).await.unwrap();
    assert_eq!(listed.len(), 2);
    assert!(ledger.list_notices(10).await.unwrap().is_empty());
    for proposal in listed {
        if proposal.id == waiting.id {
            assert_eq!(proposal.proposer_mark, "");
        }
        let told = serde_json::to_string(&proposal).unwrap();
        assert!(!told.contains(name), "{told}");
    }
    assert!(!desk.holds(name), "the name is still in a file");
}
