//! One person proposes, another one approves.
use crate::bench::{Bench, POLICY, admin, weekly};
use drydock_domain::access::Scope;
use drydock_domain::audit::AuditQuery;
use drydock_domain::console::{AuditEntry, AuditOutcome};
use drydock_domain::dry_run::Depth;
use drydock_domain::preflight::Check;
use drydock_domain::proposal::{Proposal, ProposalState, ProposedChange, ProposerStanding};
use drydock_domain::schedule::Schedule;
use drydock_ledger::{Ledger, NewSession, SessionLimits};
use drydock_workflow::{Caller, PolicyChange, Role, Workflow, WorkflowError};
use sqlx::{ConnectOptions as _, Executor as _, sqlite::SqliteConnectOptions};
use std::sync::LazyLock;

const OTHER: &str =
    r#"{"version": "v1", "repositories": [{"repository": "app", "tags": ["1.0"]}]}"#;

static EVE: LazyLock<Caller> = LazyLock::new(|| Caller::new("eve", Role::Editor));
static ADA: LazyLock<Caller> = LazyLock::new(admin);
static GRACE: LazyLock<Caller> = LazyLock::new(|| Caller::new("grace", Role::Approver));

/// A console that requires approval, at a registry with a workflow.
async fn required(bench: &Bench) -> Workflow {
    let now = "2026-11-21T08:30:00Z".parse().unwrap();
    bench.at(now).await.requiring_approval()
}

async fn policy_change(workflow: &Workflow, text: &str) -> ProposedChange {
    let state = workflow.get_workflow(&admin(), "harbour").await.unwrap();
    ProposedChange::Policy {
        text: text.into(),
        based_on: state.policy.map(|policy| policy.digest),
        run_now: false,
    }
}

async fn proposed(workflow: &Workflow) -> Proposal {
    let change = policy_change(workflow, OTHER).await;
    let proposed = workflow.propose(&EVE, "harbour", change, " less at night ");
    proposed.await.unwrap()
}

async fn state(workflow: &Workflow) -> ProposalState {
    let board = workflow.list_proposals(&GRACE, "harbour").await.unwrap();
    match board.waiting {
        Some(_) => ProposalState::Waiting,
        None => board.decided[0].state,
    }
}

async fn entries(workflow: &Workflow, operation: &str) -> Vec<AuditEntry> {
    let query = AuditQuery {
        operation: operation.into(),
        ..AuditQuery::default()
    };
    let listed = workflow.list_entries(&admin(), &query, 20).await;
    listed.unwrap()
}

fn conflict(answer: Result<impl std::fmt::Debug, WorkflowError>) -> String {
    match answer {
        Err(WorkflowError::Conflict { why }) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_one_proposes_another_approves_and_it_is_deployed_word_for_word() {
    let bench = Bench::configured().await;
    let workflow = required(&bench).await;
    let proposal = proposed(&workflow).await;
    assert_eq!(proposal.state, ProposalState::Waiting);
    assert_eq!(proposal.comment, "less at night");
    assert!(bench.azure.open().changes.is_empty());

    let waits = format!("proposal.waiting/harbour/{}", proposal.id);
    let told = async || {
        let board = workflow.list_notices(&admin()).await.unwrap();
        let mut ids = board.notices.into_iter().map(|kept| kept.notice.id);
        ids.any(|id| id == waits)
    };
    assert!(told().await);

    let approved = workflow.approve_proposal(&GRACE, "harbour", &proposal.id, "I looked");
    let approved = approved.await.unwrap();
    assert_eq!(approved.state, ProposalState::Approved);
    assert_eq!(bench.azure.policy().as_deref(), Some(OTHER));
    let versions = workflow.list_policy_versions(&admin(), "harbour").await;
    let by = versions.unwrap()[0].application.clone().unwrap();
    assert_eq!(
        (by.author.as_str(), by.approver.as_deref()),
        ("eve", Some("grace"))
    );
    assert_eq!(by.comment, "less at night");

    let approval = entries(&workflow, "policy.approve").await.remove(0);
    let update = entries(&workflow, "workflow.update").await.remove(0);
    let proposing = entries(&workflow, "policy.propose").await.remove(0);
    assert_eq!(
        (proposing.actor.as_str(), proposing.sequence),
        ("eve", proposal.entry)
    );
    assert_eq!(approval.actor, "grace");
    assert_eq!(update.actor, "grace");
    let same_change = proposing.detail.split(", change ").nth(1).unwrap();
    let same_change = same_change.split(", by ").next().unwrap();
    assert!(approval.detail.contains(same_change), "{approval:?}");
    let of = format!("proposal {} of entry {}", proposal.id, proposal.entry);
    for entry in [&approval, &update] {
        assert!(entry.detail.contains(&of), "{entry:?}");
        assert!(matches!(
            entry.outcome,
            Some(AuditOutcome::Succeeded { .. })
        ));
    }
    let approved_in = format!("approved in entry {}", approval.sequence);
    assert!(update.detail.contains(&approved_in), "{update:?}");
    assert!(!told().await, "it waits no more");
}

#[tokio::test]
async fn nobody_decides_their_own_proposal_whatever_their_role() {
    let bench = Bench::configured().await;
    let workflow = required(&bench).await;
    let id = proposed(&workflow).await.id;
    for name in ["eve", "Eve "] {
        for role in [Role::Approver, Role::Admin] {
            let own = Caller::new(name, role);
            let approved = workflow.approve_proposal(&own, "harbour", &id, "fine");
            let approved = approved.await;
            assert!(
                matches!(approved, Err(WorkflowError::OwnProposal)),
                "{approved:?}"
            );
            let rejected = workflow.reject_proposal(&own, "harbour", &id, "no").await;
            assert!(
                matches!(rejected, Err(WorkflowError::OwnProposal)),
                "{rejected:?}"
            );
        }
    }
    for role in [Role::Viewer, Role::Auditor, Role::Operator, Role::Editor] {
        let other = Caller::new("olga", role);
        let approved = workflow.approve_proposal(&other, "harbour", &id, "fine");
        let approved = approved.await;
        assert!(
            matches!(approved, Err(WorkflowError::Forbidden(_))),
            "{role:?}: {approved:?}"
        );
    }
    assert_eq!(state(&workflow).await, ProposalState::Waiting);
    assert_eq!(bench.azure.policy().as_deref(), Some(POLICY));
    let denied = entries(&workflow, "policy.approve").await;
    assert_eq!(denied.len(), 4 + 4, "each attempt is entered");
    assert!(
        denied
            .iter()
            .all(|entry| matches!(entry.outcome, Some(AuditOutcome::Denied { .. })))
    );
    let board = workflow.list_proposals(&EVE, "harbour").await.unwrap();
    assert!(board.waiting.unwrap().is_own);
}

#[tokio::test]
async fn two_people_of_one_name_are_two_and_one_under_two_names_is_one() {
    let bench = Bench::configured().await;
    let workflow = required(&bench).await;
    let of = |name: &str, subject: &str, role| Caller::new(name, role).known_as(subject.into());
    let change = policy_change(&workflow, OTHER).await;
    let sam = of("sam", "oidc a 1", Role::Editor);
    let proposed = workflow.propose(&sam, "harbour", change, "less").await;
    let id = proposed.unwrap().id;

    let renamed = of("samantha", "oidc a 1", Role::Approver);
    let approved = workflow.approve_proposal(&renamed, "harbour", &id, "fine");
    let approved = approved.await;
    assert!(
        matches!(approved, Err(WorkflowError::OwnProposal)),
        "{approved:?}"
    );
    let board = workflow.list_proposals(&renamed, "harbour").await.unwrap();
    assert!(board.waiting.unwrap().is_own);

    let namesake = of("sam", "oidc a 2", Role::Admin);
    let foreign = workflow.withdraw_proposal(&namesake, "harbour", &id).await;
    assert!(conflict(foreign).contains("sam proposed this"));
    let approved = workflow.approve_proposal(&namesake, "harbour", &id, "fine");
    assert_eq!(approved.await.unwrap().state, ProposalState::Approved);
}

#[tokio::test]
async fn what_its_proposer_may_not_make_any_more_is_not_carried_out() {
    let bench = Bench::configured().await;
    let workflow = required(&bench).await;
    let id = proposed(&workflow).await.id;
    let standing = async || {
        let board = workflow.list_proposals(&GRACE, "harbour").await.unwrap();
        board.waiting.unwrap().proposer_standing
    };
    assert_eq!(standing().await, ProposerStanding::AsOfProposal);
    let ledger = Ledger::open(&bench.folder.path().join("ledger.db")).await;
    let ledger = ledger.unwrap();
    let sign_in = async |role, scope: &str| {
        let new = NewSession {
            actor: "eve",
            subject: &EVE.subject,
            role,
            scope: scope.parse().unwrap(),
            method: "test",
            id_token: None,
        };
        let hour = chrono::TimeDelta::hours(1);
        let limits = SessionLimits {
            life: hour,
            idle: hour,
            renewal: hour,
        };
        ledger.begin_session(&new, &limits).await.unwrap();
    };
    sign_in(Role::Viewer, "*").await;
    sign_in(Role::Editor, "quay").await;
    assert_eq!(standing().await, ProposerStanding::Lost);
    let approved = workflow.approve_proposal(&GRACE, "harbour", &id, "fine");
    let why = conflict(approved.await);
    assert!(why.contains("may not make such a change any more"), "{why}");
    assert_eq!(state(&workflow).await, ProposalState::Waiting);
    assert_eq!(bench.azure.policy().as_deref(), Some(POLICY));

    sign_in(Role::Editor, "harbour").await;
    assert_eq!(standing().await, ProposerStanding::Allowed);
    let approved = workflow.approve_proposal(&GRACE, "harbour", &id, "fine");
    assert_eq!(approved.await.unwrap().state, ProposalState::Approved);
    let approval = entries(&workflow, "policy.approve").await.remove(0);
    assert!(approval.detail.contains("may make it now"), "{approval:?}");
}

#[tokio::test]
async fn a_stale_proposal_gives_way_to_the_next_one() {
    let bench = Bench::configured().await;
    let workflow = required(&bench).await;
    let stale = proposed(&workflow).await;
    let now = "2026-11-21T08:30:00Z".parse().unwrap();
    let elsewhere = bench.at(now).await;
    let schedule = Schedule::new(14, 3, 5).unwrap();
    let changed = elsewhere.update_workflow(&ADA, "harbour", None, Some(schedule.into()), false);
    changed.await.unwrap();

    let change = policy_change(&workflow, OTHER).await;
    let next = workflow.propose(&ADA, "harbour", change, "again").await;
    let next = next.unwrap();
    let board = workflow.list_proposals(&GRACE, "harbour").await.unwrap();
    assert_eq!(board.waiting.unwrap().proposal.id, next.id);
    let ended = &board.decided[0];
    assert_eq!((&ended.id, ended.state), (&stale.id, ProposalState::Stale));
    let why = &ended.decision.as_ref().unwrap().comment;
    assert!(why.contains("another change was proposed"), "{why}");
}

#[tokio::test]
async fn a_proposal_that_was_changed_in_the_database_is_not_carried_out() {
    for tampering in [
        "UPDATE proposal SET change = replace(change, '1.0', '2.0')",
        "UPDATE proposal SET proposer = 'somebody else'",
        "UPDATE proposal SET proposer_mark = '00000000000000000000000000000000:0'",
        // Another salt, under which it would be nobody's.
        "UPDATE proposal SET proposer_mark =
             '00000000000000000000000000000000' || substr(proposer_mark, 33)",
        "UPDATE proposal SET proposer_mark = ''",
    ] {
        let bench = Bench::configured().await;
        let workflow = required(&bench).await;
        let waiting = proposed(&workflow).await;
        let file = bench.folder.path().join("ledger.db");
        let options = SqliteConnectOptions::new().filename(file);
        let mut connection = options.connect().await.unwrap();
        connection.execute(tampering).await.unwrap();
        let approved = workflow.approve_proposal(&GRACE, "harbour", &waiting.id, "fine");
        let why = conflict(approved.await);
        assert!(why.contains("changed in the database"), "{why}");
        assert_eq!(bench.azure.policy().as_deref(), Some(POLICY));
        assert_eq!(state(&workflow).await, ProposalState::Waiting);
    }
}

#[tokio::test]
async fn what_was_made_against_another_policy_or_timer_is_stale() {
    for is_policy in [true, false] {
        let bench = Bench::configured().await;
        let workflow = required(&bench).await;
        let id = proposed(&workflow).await.id;
        // Somebody else, with another tool.
        let now = "2026-11-21T08:30:00Z".parse().unwrap();
        let elsewhere = bench.at(now).await;
        let before = workflow.get_workflow(&admin(), "harbour").await.unwrap();
        let change = is_policy.then(|| PolicyChange {
            text: format!("{POLICY}\n"),
            based_on: before.policy.map(|policy| policy.digest),
            comment: "by hand".into(),
        });
        let schedule = (!is_policy).then(|| Schedule::new(14, 3, 5).unwrap());
        let changed =
            elsewhere.update_workflow(&ADA, "harbour", change, schedule.map(Into::into), false);
        changed.await.unwrap();
        let deployed = bench.azure.policy();

        let board = workflow.list_proposals(&GRACE, "harbour").await.unwrap();
        assert!(board.waiting.unwrap().stale.is_some());
        let approved = workflow.approve_proposal(&GRACE, "harbour", &id, "fine");
        let why = conflict(approved.await);
        assert!(why.contains("propose again"), "{why}");
        assert_eq!(state(&workflow).await, ProposalState::Stale);
        assert_eq!(bench.azure.policy(), deployed);
        proposed(&workflow).await;
    }
}

#[tokio::test]
async fn a_schedule_that_was_chosen_in_sight_of_another_is_not_proposed() {
    let bench = Bench::configured().await;
    let workflow = required(&bench).await;
    let change = ProposedChange::Schedule {
        schedule: Schedule::new(14, 3, 5).unwrap(),
        based_on: Some("0 0 */9 * *".into()),
    };
    let why = conflict(workflow.propose(&EVE, "harbour", change, "fewer").await);
    assert!(why.contains("the schedule was changed"), "{why}");
}

#[tokio::test]
async fn of_two_who_approve_at_once_one_carries_it_out_and_the_other_is_told() {
    let bench = Bench::configured().await;
    let (one, two) = (required(&bench).await, required(&bench).await);
    let id = proposed(&one).await.id;
    let hana = Caller::new("hana", Role::Admin);
    let (first, second) = tokio::join!(
        one.approve_proposal(&GRACE, "harbour", &id, "fine"),
        two.approve_proposal(&hana, "harbour", &id, "fine too"),
    );
    let (won, lost) = match first.is_ok() {
        true => (first, second),
        false => (second, first),
    };
    let won = won.unwrap();
    // The loser came before or after the deployment: either way nothing is done twice.
    let why = conflict(lost);
    assert!(
        why.contains("waits no more: it was approved") || why.contains("not what this change"),
        "{why}"
    );
    assert_eq!(won.state, ProposalState::Approved);
    assert_eq!(state(&one).await, ProposalState::Approved);
    assert_eq!(entries(&one, "workflow.update").await.len(), 1);
    let again = one.approve_proposal(&GRACE, "harbour", &id, "fine").await;
    assert!(conflict(again).contains("waits no more: it was approved by"));
}

#[tokio::test]
async fn a_proposal_is_rejected_with_a_reason_or_withdrawn_by_its_own() {
    let bench = Bench::configured().await;
    let workflow = required(&bench).await;
    let id = proposed(&workflow).await.id;
    let second = policy_change(&workflow, OTHER).await;
    let second = workflow
        .propose(&admin(), "harbour", second, "me too")
        .await;
    assert!(conflict(second).contains("proposed by eve, waits for approval"));

    let silent = workflow.reject_proposal(&GRACE, "harbour", &id, " ").await;
    assert!(
        matches!(&silent, Err(WorkflowError::Invalid { field, .. }) if field == "comment"),
        "{silent:?}"
    );
    let foreign = workflow.withdraw_proposal(&admin(), "harbour", &id).await;
    assert!(conflict(foreign).contains("eve proposed this"));
    let rejected = workflow.reject_proposal(&GRACE, "harbour", &id, "too wide");
    let rejected = rejected.await.unwrap();
    assert_eq!(rejected.state, ProposalState::Rejected);
    assert_eq!(rejected.decision.unwrap().comment, "too wide");
    let late = workflow.approve_proposal(&GRACE, "harbour", &id, "fine");
    assert!(conflict(late.await).contains("it was rejected by grace"));

    let id = proposed(&workflow).await.id;
    let own = Caller::new("EVE", Role::Editor);
    let withdrawn = workflow.withdraw_proposal(&own, "harbour", &id).await;
    assert_eq!(withdrawn.unwrap().state, ProposalState::Withdrawn);
    assert!(bench.azure.open().changes.is_empty());
}

#[tokio::test]
async fn nothing_that_changes_what_is_deployed_goes_past_the_second_person() {
    let bench = Bench::configured().await;
    let plain = &bench.workflow;
    let record = plain.record_dry_run(&ADA, "harbour", OTHER, Depth::Match);
    let record = record.await.unwrap();
    let workflow = required(&bench).await;
    bench.azure.open().changes.clear();
    let told = "propose it; nothing was changed";
    let created = workflow.create_workflow(&ADA, "harbour", POLICY, weekly(), false);
    assert!(conflict(created.await).contains(told));
    let updated = workflow.update_workflow(&ADA, "harbour", None, Some(weekly().into()), false);
    assert!(conflict(updated.await).contains(told));
    let applied = workflow.apply_dry_run(&ADA, "harbour", &record, "as tried");
    assert!(conflict(applied.await).contains(told));
    let deleted = workflow.delete_workflow(&ADA, "harbour", "harbour");
    assert!(conflict(deleted.await).contains(told));
    // The schedule would be another one than was approved.
    bench.azure.open().tasks.remove("cssc-trigger-workflow");
    let repaired = workflow.repair_workflow(&ADA, "harbour", Check::Tasks, Some(weekly()));
    assert!(conflict(repaired.await).contains("needs a second person's approval"));
    assert!(bench.azure.open().changes.is_empty());

    let off = policy_change(plain, OTHER).await;
    let off = plain.propose(&EVE, "harbour", off, "why not").await;
    assert!(conflict(off).contains("nothing has to be approved here"));
}

#[tokio::test]
async fn every_kind_of_change_can_be_proposed_and_is_guarded_as_without() {
    let bench = Bench::new().await;
    let workflow = required(&bench).await;
    let propose = async |caller: &Caller, change: ProposedChange| {
        workflow.propose(caller, "harbour", change, "because").await
    };
    let approve = async |id: &str| {
        let approved = workflow.approve_proposal(&GRACE, "harbour", id, "fine");
        approved.await.unwrap()
    };
    let create = |policy: &str| ProposedChange::Create {
        policy: policy.into(),
        schedule: weekly(),
        run_now: true,
    };
    let invalid = propose(&EVE, create("{")).await;
    assert!(
        matches!(invalid, Err(WorkflowError::Invalid { .. })),
        "{invalid:?}"
    );
    let created = propose(&EVE, create(POLICY)).await.unwrap();
    let created = approve(&created.id).await;
    assert!(created.outcome.unwrap().contains("was started"));
    assert_eq!(bench.azure.policy().as_deref(), Some(POLICY));
    assert!(conflict(propose(&EVE, create(POLICY)).await).contains("configured"));

    let schedule = Schedule::new(14, 3, 5).unwrap();
    let later = propose(
        &EVE,
        ProposedChange::Schedule {
            schedule,
            based_on: None,
        },
    )
    .await;
    approve(&later.unwrap().id).await;
    let deployed = workflow.get_workflow(&admin(), "harbour").await.unwrap();
    assert_eq!(deployed.cron.as_deref(), Some("5 3 */14 * *"));

    let record = workflow.record_dry_run(&EVE, "harbour", OTHER, Depth::Match);
    let record = record.await.unwrap();
    let tried = workflow.propose_dry_run(&EVE, "harbour", &record, "as tried");
    let tried = tried.await.unwrap();
    let tags = vec!["1.0".to_owned(), "1.0-1".to_owned()];
    bench.azure.open().tags.insert("app".into(), tags);
    let moved = workflow.approve_proposal(&GRACE, "harbour", &tried.id, "fine");
    assert!(conflict(moved.await).contains("app:1.0"));
    assert_eq!(state(&workflow).await, ProposalState::Failed);

    let delete = |typed: &str| ProposedChange::Delete {
        confirmation: typed.into(),
    };
    let wrong = propose(&ADA, delete("no")).await;
    assert!(
        matches!(wrong, Err(WorkflowError::Invalid { .. })),
        "{wrong:?}"
    );
    let denied = propose(&EVE, delete("harbour")).await;
    assert!(
        matches!(denied, Err(WorkflowError::Forbidden(_))),
        "an editor deletes nothing: {denied:?}"
    );
    let deleted = propose(&ADA, delete("harbour")).await.unwrap();
    approve(&deleted.id).await;
    assert_eq!(bench.azure.policy(), None);
}

#[tokio::test]
async fn what_cannot_be_carried_out_has_failed_and_says_why() {
    let bench = Bench::configured().await;
    let workflow = required(&bench).await;
    let schedule = Schedule::new(14, 3, 5).unwrap();
    let change = ProposedChange::Schedule {
        schedule,
        based_on: None,
    };
    let proposal = workflow.propose(&EVE, "harbour", change, "less often");
    let id = proposal.await.unwrap().id;
    bench.azure.fail("PATCH ");
    let failed = workflow.approve_proposal(&GRACE, "harbour", &id, "fine");
    let error = failed.await.unwrap_err();
    assert!(matches!(error, WorkflowError::Undone { .. }), "{error:?}");
    let board = workflow.list_proposals(&EVE, "harbour").await.unwrap();
    assert_eq!(board.decided[0].state, ProposalState::Failed);
    assert_eq!(
        board.decided[0].outcome.as_deref(),
        Some(error.to_string().as_str())
    );
}

#[tokio::test]
async fn a_proposal_is_of_its_registry_for_whoever_reaches_all_of_it() {
    let bench = Bench::configured().await;
    let workflow = required(&bench).await;
    let id = proposed(&workflow).await.id;
    let within = |scope: &str| {
        let scope: Scope = scope.parse().unwrap();
        Caller::new("hana", Role::Admin).within(scope)
    };
    let approve = async |caller: &Caller| {
        let approved = workflow.approve_proposal(caller, "harbour", &id, "fine");
        approved.await
    };
    let part = approve(&within("harbour/app")).await;
    assert!(
        matches!(part, Err(WorkflowError::OutOfScope { .. })),
        "{part:?}"
    );
    for answer in [
        approve(&within("quay")).await.map(drop),
        workflow
            .list_proposals(&within("quay"), "harbour")
            .await
            .map(drop),
        workflow
            .approve_proposal(&GRACE, "harbour", "none", "fine")
            .await
            .map(drop),
    ] {
        assert!(
            matches!(answer, Err(WorkflowError::NotFound { .. })),
            "{answer:?}"
        );
    }
    assert_eq!(
        approve(&within("harbour")).await.unwrap().state,
        ProposalState::Approved
    );
}
