use super::*;
use crate::run::{ImageStatus, RunCause, TaskName};
use chrono::{DateTime, TimeDelta, Utc};

const PRICE: Price = Price {
    micro_dollars_per_cpu_second: 100,
    cpus: 2,
};

fn run(status: RunStatus, milliseconds: i64) -> Run {
    let start: DateTime<Utc> = "2026-11-01T02:30:00Z".parse().unwrap();
    Run {
        id: "ca1".to_owned(),
        task: Some(TaskName::Scan),
        status,
        cause: RunCause::Manual,
        created_at: start,
        started_at: Some(start),
        finished_at: Some(start + TimeDelta::milliseconds(milliseconds)),
        error: None,
    }
}

fn image(original: &str, scan: Option<Run>, patch: Option<Run>) -> ImageRun {
    ImageRun {
        repository: "r".to_owned(),
        original: original.to_owned(),
        scanned: original.to_owned(),
        next: format!("{original}-1"),
        scan,
        patch,
        vulnerabilities: None,
        status: ImageStatus::Succeeded,
        ending: None,
        reason: String::new(),
    }
}

fn cycle(images: Vec<ImageRun>) -> RunTree {
    RunTree {
        trigger: run(RunStatus::Succeeded, 1),
        status: RunStatus::Succeeded,
        images,
        summary: String::new(),
    }
}

#[test]
fn an_image_takes_as_long_as_it_usually_does() {
    let ok = |milliseconds| Some(run(RunStatus::Succeeded, milliseconds));
    let cycles = [
        cycle(vec![
            image("a", ok(20_000), ok(90_500)),
            image("b", ok(40_000), None),
        ]),
        cycle(vec![
            image("a", ok(22_000), None),
            image("a", ok(600_000), None),
        ]),
        cycle(vec![image("b", Some(run(RunStatus::Failed, 1)), None)]),
        cycle(vec![image("c", None, None)]),
    ];
    let averages = averages(&times_of(&cycles));
    let a = averages.estimate("r", "a", PRICE).unwrap();
    assert_eq!((a.scan_ms, a.patch_ms, a.is_own), (22_000, 90_500, true));
    assert_eq!(
        (a.scan_micro_dollars, a.patch_micro_dollars),
        (4_400, 18_100)
    );
    let b = averages.estimate("r", "b", PRICE).unwrap();
    assert_eq!((b.scan_ms, b.patch_ms), (40_000, 90_500));
    for unseen in ["c", "z"] {
        let other = averages.estimate("r", unseen, PRICE).unwrap();
        assert_eq!((other.scan_ms, other.is_own), (22_000, false));
    }
}

#[test]
fn a_cycle_is_between_no_patch_and_all_of_them() {
    let all = Times {
        scan_ms: Some(10_000),
        patch_ms: Some(60_000),
    };
    let averages = Averages {
        all,
        ..Averages::default()
    };
    let images = vec![("r", "a"); 25];
    let cycle = estimate_cycle(&averages, &images, PRICE);
    assert_eq!(
        (cycle.images, cycle.unknown, cycle.pauses_ms),
        (25, 0, 60_000)
    );
    assert_eq!((cycle.least_ms, cycle.most_ms), (310_000, 1_810_000));
    assert_eq!(cycle.least_micro_dollars, 62_000);
    assert_eq!(cycle.most_micro_dollars, 362_000);
}

#[test]
fn without_a_past_nothing_is_made_up() {
    let cycle = estimate_cycle(&Averages::default(), &[("r", "a")], PRICE);
    assert_eq!((cycle.unknown, cycle.most_micro_dollars), (1, 0));
}

#[test]
fn a_price_is_rounded_up() {
    assert_eq!(PRICE.of(0), 0);
    assert_eq!(PRICE.of(1), 1);
    assert_eq!(PRICE.of(5_001), 1_001);
    assert_eq!(PRICE.of(u64::MAX), u64::MAX.div_ceil(1000));
}
