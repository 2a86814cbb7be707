use crate::format;
use crate::ui::{Elapsed, Notice, Time, Tone};
use crate::widgets::{RunStatusBadge, run_cause};
use drydock_domain::run::{Run, RunStatus, RunTree, TaskName};
use leptos::prelude::*;

/// What a run is and when it was; of a trigger also how its whole cycle stands, for its own work is
/// done long before that of its scans and patches.
#[component]
pub fn Facts(run: Memo<Run>, tree: Memo<Option<RunTree>>) -> impl IntoView {
    let instant = |at: Option<chrono::DateTime<chrono::Utc>>| match at {
        Some(at) => view! { <Time at seconds=true /> }.into_any(),
        None => view! { <span class="muted">"not yet"</span> }.into_any(),
    };
    let cycle = Memo::new(move |_| tree.with(|tree| tree.as_ref().map(|tree| tree.status)));
    move || {
        let run = run.get();
        let states = states(&run, cycle.get());
        let alone = tree.with(|tree| tree.as_ref().is_none_or(|tree| tree.trigger.id == run.id));
        let cause = run_cause(&run, alone);
        let waited = run
            .started_at
            .map(|started| format::duration(started - run.created_at));
        let error = run.error.map(|text| {
            view! { <Notice tone=Tone::Danger title="The run failed"><p>{text}</p></Notice> }
        });
        view! {
            {error}
            <dl class="facts" aria-label="Facts about this run">
                {states}
                <div><dt>"Cause"</dt><dd>{cause}</dd></div>
                <div><dt>"Created"</dt><dd>{instant(Some(run.created_at))}</dd></div>
                <div>
                    <dt>"Started"</dt>
                    <dd>
                        {instant(run.started_at)}
                        {waited.map(|text| view! { <span class="muted">" after " {text}</span> })}
                    </dd>
                </div>
                <div><dt>"Finished"</dt><dd>{instant(run.finished_at)}</dd></div>
                <div>
                    <dt>"Ran for"</dt>
                    <dd><Elapsed from=run.started_at to=run.finished_at /></dd>
                </div>
            </dl>
        }
    }
}

fn states(run: &Run, cycle: Option<RunStatus>) -> impl IntoView + use<> {
    let cycle = cycle.filter(|_| run.task == Some(TaskName::Trigger));
    let own = if cycle.is_some() { "Trigger" } else { "Status" };
    let is_finished = run.status.is_finished();
    let cycle = cycle.map(|status| {
        let goes_on = is_finished && !status.is_finished();
        let words = goes_on
            .then(|| view! { <span class="muted">" scans and patches still running"</span> });
        view! { <div><dt>"Cycle"</dt><dd><RunStatusBadge status />{words}</dd></div> }
    });
    view! {
        <div><dt>{own}</dt><dd><RunStatusBadge status=run.status /></dd></div>
        {cycle}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use drydock_domain::run::RunCause;

    /// The words in their order.
    fn text(task: TaskName, own: RunStatus, cycle: RunStatus) -> String {
        let run = Run {
            id: "ca1".to_owned(),
            task: Some(task),
            status: own,
            cause: RunCause::Manual,
            created_at: DateTime::UNIX_EPOCH,
            started_at: None,
            finished_at: None,
            error: None,
        };
        let html = Owner::new().with(|| states(&run, Some(cycle)).into_view().to_html());
        let texts = html
            .split('<')
            .filter_map(|tag| tag.split_once('>'))
            .map(|(_, text)| text.trim())
            .filter(|text| !text.is_empty());
        texts.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_trigger_that_is_done_is_not_its_cycle() {
        use RunStatus::{Running, Succeeded};
        assert_eq!(
            text(TaskName::Trigger, Succeeded, Running),
            "Trigger Succeeded Cycle Running scans and patches still running"
        );
        assert_eq!(
            text(TaskName::Trigger, Running, Running),
            "Trigger Running Cycle Running"
        );
        assert_eq!(
            text(TaskName::Trigger, Succeeded, Succeeded),
            "Trigger Succeeded Cycle Succeeded"
        );
        assert_eq!(text(TaskName::Scan, Succeeded, Running), "Status Succeeded");
    }
}
