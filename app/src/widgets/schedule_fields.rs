use crate::ui::{Field, LongTime, OtherTime};
use chrono::{DateTime, Utc};
use drydock_domain::schedule::{InvalidSchedule, Schedule, parse_time};
use leptos::html;
use leptos::prelude::*;

/// The two fields of a schedule, `days` and `at`, and when it would run next. `now` is the server's
/// clock, so that both sides render the same.
#[component]
pub fn ScheduleFields(
    days: RwSignal<String>,
    at: RwSignal<String>,
    now: DateTime<Utc>,
) -> impl IntoView {
    let read = Memo::new(move |_| days.with(|days| at.with(|at| read_schedule(days, at))));
    let error = move |field: &'static str| {
        Signal::derive(move || match read.get() {
            Err((at_fault, message)) if at_fault == field => Some(message),
            _ => None,
        })
    };
    let next = move || {
        let next = read.get().ok()?.next_after(now);
        Some(view! {
            <p>
                "Next run: "
                <strong><LongTime at=next /></strong>
                " " <span class="muted"><OtherTime at=next /></span>
            </p>
        })
    };
    let (days_field, at_field) = (NodeRef::new(), NodeRef::new());
    keep_in_step(days, days_field);
    keep_in_step(at, at_field);
    view! {
        <div class="schedule-fields">
            <Field
                name="schedule-days"
                label="Days between runs"
                hint="1 to 30. The count begins again on the 1st of each month."
                error=error("days")
            >
                <span class="with-unit">
                    <input
                        id="schedule-days"
                        name="days"
                        type="number"
                        min="1"
                        max=Schedule::MAX_DAYS
                        required=true
                        aria-describedby="schedule-days-hint schedule-days-error"
                        value=days.get_untracked()
                        node_ref=days_field
                        on:input=move |event| days.set(event_target_value(&event))
                    />
                    "days"
                </span>
            </Field>
            <Field
                name="schedule-at"
                label="Time of day"
                hint="In UTC."
                error=error("at")
            >
                <span class="with-unit">
                    <input
                        id="schedule-at"
                        name="at"
                        type="time"
                        required=true
                        aria-describedby="schedule-at-hint schedule-at-error"
                        value=at.get_untracked()
                        node_ref=at_field
                        on:input=move |event| at.set(event_target_value(&event))
                    />
                    "UTC"
                </span>
            </Field>
            <div role="status">{next}</div>
        </div>
    }
}

/// Writes the text into the field where it came from elsewhere. What was typed before the page was
/// alive is taken over, not lost.
fn keep_in_step(text: RwSignal<String>, node: NodeRef<html::Input>) {
    Effect::new(move |begun: Option<()>| {
        let wanted = text.get();
        let Some(field) = node.get() else {
            return;
        };
        let shown = field.value();
        if shown == wanted {
            return;
        }
        // What the server wrote was not typed: a draft found meanwhile is newer than that.
        let is_typed = field.default_value() != shown;
        match begun {
            None if is_typed => text.set(shown),
            _ => field.set_value(&wanted),
        }
    });
}

/// A schedule out of the text of the two fields, or the name of the field that is at fault and why.
pub fn read_schedule(days: &str, at: &str) -> Result<Schedule, (&'static str, String)> {
    let days: u8 = days.trim().parse().map_err(|_| {
        let message = format!("Write a number of days from 1 to {}.", Schedule::MAX_DAYS);
        ("days", message)
    })?;
    let Some((hour, minute)) = parse_time(at.trim()) else {
        let message = "Write a time of day, 00:00 to 23:59, in UTC.".to_owned();
        return Err(("at", message));
    };
    Schedule::new(days, hour, minute).map_err(|error| match error {
        InvalidSchedule::Days(_) | InvalidSchedule::NumberOfDays(_) => ("days", error.to_string()),
        InvalidSchedule::Time { .. } => ("at", error.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_fields_make_a_schedule_or_one_of_them_is_at_fault() {
        let check = |days, at, expected: Result<&str, &str>| {
            let read = read_schedule(days, at);
            let read = read.map(Schedule::to_cron).map_err(|(field, _)| field);
            assert_eq!(
                read.as_deref().map_err(|field| *field),
                expected,
                "{days} {at}"
            );
        };
        check("7", "02:30", Ok("30 2 */7 * *"));
        check(" 30 ", " 23:59 ", Ok("59 23 */30 * *"));
        check("7", "02:30 *", Err("at"));
        check("7", "02:300", Err("at"));
        check("7", "23:59:00", Err("at"));
        check("31", "02:30", Err("days"));
        check("300", "02:30", Err("days"));
        check("0", "02:30", Err("days"));
        check("", "02:30", Err("days"));
        check("7", "", Err("at"));
        check("7", "24:00", Err("at"));
        check("7", "2:3", Err("at"));
    }

    #[test]
    fn a_number_of_days_is_spoken_of_as_one() {
        for days in ["0", "31", "300", "", "7d"] {
            let (_, message) =
                read_schedule(days, "02:30").expect_err("it is no number from 1 to 30");
            assert!(
                message.contains("from 1 to 30") && !message.contains('`'),
                "{message}"
            );
        }
    }
}
