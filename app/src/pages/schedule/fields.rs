//! The form's two fields, and the plan that they say.
use crate::widgets::read_schedule;
use drydock_domain::calendar::Plan;

/// The form's fields for a plan; for none, or for a foreign one, those that a new workflow begins with.
pub fn fields(plan: Option<&Plan>) -> (String, String) {
    match plan.and_then(Plan::schedule) {
        Some(schedule) => (
            schedule.days().to_string(),
            format!("{:02}:{:02}", schedule.hour(), schedule.minute()),
        ),
        None => ("7".to_owned(), "02:30".to_owned()),
    }
}

/// What the fields say. A foreign timer stays as it is until the fields are touched.
pub fn chosen(days: &str, at: &str, deployed: Option<&Plan>) -> Option<Plan> {
    let untouched = fields(deployed);
    match deployed {
        Some(foreign @ Plan::Cron(_)) if (days, at) == (&untouched.0, &untouched.1) => {
            Some(foreign.clone())
        }
        _ => read_schedule(days, at).ok().map(Plan::Days),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_timer_is_shown_until_the_fields_are_touched() {
        let foreign = Plan::read("0 6 * * 1").expect("it is a cron");
        let (days, at) = fields(Some(&foreign));
        assert_eq!(chosen(&days, &at, Some(&foreign)), Some(foreign.clone()));
        let three = Plan::read("30 2 */3 * *").ok();
        assert_eq!(chosen("3", &at, Some(&foreign)), three);
        assert_eq!(chosen("0", &at, Some(&foreign)), None);
    }
}
