use crate::bench::{Bench, admin, weekly};
use chrono::{TimeDelta, Utc};

#[tokio::test]
async fn a_run_that_the_timer_owed_is_missed_on_the_overview_and_in_the_calendar() {
    let bench = Bench::configured().await;
    let overview = bench.workflow.get_overview(&admin(), "harbour").await;
    assert!(overview.unwrap().missed.is_empty());
    // The ledger's own clock says when the timer was set.
    let set = Utc::now();
    let later = set + TimeDelta::days(20);
    let workflow = bench.at(later).await;
    let overview = workflow.get_overview(&admin(), "harbour").await.unwrap();
    let mut owed: Vec<_> = weekly()
        .occurrences(set, later - TimeDelta::minutes(10))
        .collect();
    owed.reverse();
    assert!(owed.len() >= 2, "{owed:?}");
    assert_eq!(overview.missed, owed);
    let calendar = workflow.get_calendar(&admin(), "harbour").await.unwrap();
    assert_eq!(calendar.past().ticks.len(), owed.len());
}
