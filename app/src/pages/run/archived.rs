use crate::api::runs::find_archived_run;
use crate::format;
use crate::ui::{Badge, IconName, Time, Tone};
use crate::widgets::{DigestText, Loaded, use_param};
use drydock_domain::console::ArchivedRun;
use drydock_domain::run::Run;
use leptos::prelude::*;
use std::time::Duration;

/// Finished runs are looked for every few seconds; of a run at Azure every minute.
const PAUSE: Duration = Duration::from_secs(5);

/// Whether the run can be read when Azure has let go of it, and by which hash it is proven. What was
/// changed since is an error here, and no badge.
#[component]
pub fn Archived(run: Memo<Run>) -> impl IntoView {
    let (registry, id) = (use_param("registry"), use_param("id"));
    let key = move || (registry.get(), id.get());
    let archived = Resource::new(key, |(registry, id)| find_archived_run(registry, id));
    Effect::new(move |_| {
        let missing = archived.with(|archived| matches!(archived, Some(Ok(None))));
        let comes = run.with(|run| run.status.is_finished() && run.task.is_some());
        if missing
            && comes
            && let Ok(handle) = set_timeout_with_handle(move || archived.refetch(), PAUSE)
        {
            on_cleanup(move || handle.clear());
        }
    });
    view! {
        <div class="archived" role="group" aria-label="Archive">
            <Loaded resource=archived label="Looking into the archive" let:archived>
                {match archived {
                    Some(archived) => kept(archived),
                    None => not_yet(run),
                }}
            </Loaded>
        </div>
    }
}

fn kept(archived: ArchivedRun) -> AnyView {
    let log = archived
        .log
        .map(|digest| view! { <span>"log " <DigestText digest /></span> });
    let n_documents = u64::from(archived.n_documents);
    let documents = (n_documents > 0).then(|| {
        let count = format::count(n_documents, "report", "reports");
        view! { <span>{count}</span> }
    });
    view! {
        <Badge tone=Tone::Success icon=IconName::CheckCircle label="Archived, hash verified" />
        <span>"record " <DigestText digest=archived.record /></span>
        {log}
        {documents}
        <span class="muted">"kept " <Time at=archived.kept_at seconds=true /></span>
    }
    .into_any()
}

fn not_yet(run: Memo<Run>) -> AnyView {
    let text = move || match run.with(|run| (run.task.is_some(), run.status.is_finished())) {
        (false, _) => "Not archived: it is no run of continuous patching.",
        (true, false) => "It is archived when it ends.",
        (true, true) => {
            "Not archived yet: that follows within a minute, once its log is complete and its \
             cycle has ended."
        }
    };
    view! { <span class="muted">{text}</span> }.into_any()
}
