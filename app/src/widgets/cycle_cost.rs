use crate::format;
use chrono::TimeDelta;
use drydock_domain::dry_run::CycleEstimate;
use leptos::prelude::*;

/// What one cycle takes, from how long the runs of the past took.
#[component]
pub fn CycleCost(cycle: CycleEstimate) -> impl IntoView {
    let unknown = (cycle.unknown > 0).then(|| {
        let images = format::count(cycle.unknown as u64, "image", "images");
        format!(" {images} without a past run are not in it.")
    });
    let is_known = cycle.images > cycle.unknown;
    let text = match is_known {
        true => format!(
            "One cycle: {} of task time, {} at Azure's list price.",
            range(task_time(cycle.least_ms), task_time(cycle.most_ms)),
            range(
                dollars(cycle.least_micro_dollars),
                dollars(cycle.most_micro_dollars)
            ),
        ),
        false => "Time and cost are estimated after the first run.".to_owned(),
    };
    view! {
        <p class="muted" title="The least where no image needs a patch, the most where each one does">
            {text} {unknown.filter(|_| is_known)}
        </p>
    }
}

fn range(least: String, most: String) -> String {
    match least == most {
        true => most,
        false => format!("{least} to {most}"),
    }
}

pub fn task_time(milliseconds: u64) -> String {
    let milliseconds = i64::try_from(milliseconds).unwrap_or(i64::MAX);
    let seconds = TimeDelta::try_seconds(milliseconds.div_euclid(1000));
    format::duration(seconds.unwrap_or(TimeDelta::MAX))
}

/// Millionths of a dollar, to the next tenth of a cent.
pub fn dollars(micro_dollars: u64) -> String {
    let tenths = micro_dollars.div_ceil(1000);
    let (whole, rest) = (tenths / 1000, tenths % 1000);
    match rest % 10 {
        0 => format!("${whole}.{:02}", rest / 10),
        _ => format!("${whole}.{rest:03}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_rounded_up_to_what_can_be_read() {
        let check = |micro_dollars, expected: &str| assert_eq!(dollars(micro_dollars), expected);
        check(0, "$0.00");
        check(1, "$0.001");
        check(10_000, "$0.01");
        check(1_234_567, "$1.235");
        check(12_340_000, "$12.34");
    }
}
