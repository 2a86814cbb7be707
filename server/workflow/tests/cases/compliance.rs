use crate::bench::{Bench, admin};
use chrono::{TimeDelta, Utc};
use drydock_domain::compliance::{FindingKind, FindingQuery, Standing};

/// Day-one check 11.
#[tokio::test]
async fn day_one_check_11_a_missed_run_raises_an_alert_and_a_finding() {
    let bench = Bench::configured().await;
    let later = Utc::now() + TimeDelta::days(20);
    let workflow = bench.at(later).await;
    let overview = workflow.get_overview(&admin(), "harbour").await.unwrap();
    let missed = overview.missed.len();
    assert!(missed >= 2, "the overview's alert");
    for _ in 0..2 {
        // The second look finds what the first one kept.
        let collected = workflow.collect_findings(&admin(), "harbour").await;
        collected.unwrap();
        let all = FindingQuery::default();
        let view = workflow
            .get_compliance(&admin(), "harbour", &all)
            .await
            .unwrap();
        assert_eq!(view.indicators.detection_failures, missed);
        assert_eq!(view.total, missed, "{:?}", view.rows);
        for row in &view.rows {
            assert_eq!(row.finding.kind, FindingKind::MissedRun);
            assert!(row.deadline.standing.is_open());
        }
        assert!(!view.coverage.is_complete());
    }
    let fedramp = FindingQuery {
        view: "fedramp-vdr".into(),
        ..FindingQuery::default()
    };
    let view = workflow
        .get_compliance(&admin(), "harbour", &fedramp)
        .await
        .unwrap();
    let oldest = &view.rows[0];
    assert_eq!(oldest.deadline.standing, Standing::Overdue, "{oldest:?}");
}
