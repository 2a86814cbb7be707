use super::DryRun;
use crate::api::workflow::{PreviewSummary, preview};
use crate::format;
use crate::ui::{Icon, IconName, Time, Tone};
use leptos::prelude::*;

/// The server's own dry run of the same text, compared with the browser's, verdict by verdict.
#[component]
pub fn ServerAnswer(dry_run: DryRun, summary: Memo<PreviewSummary>) -> impl IntoView {
    let registry = dry_run.registry();
    let answer = Resource::new(
        move || (registry.clone(), dry_run.text.get()),
        |(registry, text)| preview(registry, text),
    );
    let alive = RwSignal::new(false);
    Effect::new(move |_| alive.set(true));
    view! {
        <div class="server-answer" role="status">
            <Transition fallback=|| view! { <p class="muted">"Asking the server for its own answer"</p> }>
                {move || Suspend::new(async move {
                    match answer.await {
                        Ok(theirs) => view! { <Compared theirs summary alive /> }.into_any(),
                        Err(error) => view! {
                            <p class="muted">"The server gave no answer of its own: " {error.message}</p>
                        }
                        .into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

#[component]
fn Compared(
    theirs: PreviewSummary,
    summary: Memo<PreviewSummary>,
    alive: RwSignal<bool>,
) -> impl IntoView {
    let as_of = theirs
        .as_of
        .map(|at| view! { "Tags as of " <Time at seconds=true /> ". " });
    let line = move || {
        let (tone, icon, text) = if !alive.get() {
            (
                Tone::Info,
                IconName::Info,
                "Computed by the server.".to_owned(),
            )
        } else {
            compare(&theirs, &summary.read())
        };
        view! {
            <span class="answer" data-tone=tone.as_str()>
                <Icon name=icon />
                <span>{text}</span>
            </span>
        }
    };
    view! {
        <p>{line}</p>
        <p class="muted">{as_of} "Nothing was written: a dry run only reads."</p>
    }
}

fn compare(theirs: &PreviewSummary, ours: &PreviewSummary) -> (Tone, IconName, String) {
    let same = theirs.fingerprint == ours.fingerprint && theirs.refusal == ours.refusal;
    if same {
        let text = "Computed in this browser; the server's own answer is the same.".to_owned();
        return (Tone::Success, IconName::CheckCircle, text);
    }
    let text = format!(
        "The registry has changed since this page was loaded: the server now selects {}, and the page {}. Reload it.",
        format::count(theirs.matches, "image", "images"),
        format::thousands(ours.matches)
    );
    (Tone::Warning, IconName::Warning, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_verdicts_are_the_same_answer() {
        let ours = PreviewSummary {
            fingerprint: "1".to_owned(),
            matches: 2,
            ..PreviewSummary::default()
        };
        assert_eq!(compare(&ours, &ours).0, Tone::Success);
        let theirs = PreviewSummary {
            fingerprint: "2".to_owned(),
            ..ours.clone()
        };
        assert_eq!(compare(&theirs, &ours).0, Tone::Warning);
    }
}
