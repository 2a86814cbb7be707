use super::recompute::{Progress, Proof, Terms, recompute};
use crate::format;
use crate::ui::{Button, Field, Notice, Spinner, Tone};
use crate::widgets::Permitted;
use drydock_domain::access::Operation;
use drydock_domain::audit::Witness;
use leptos::prelude::*;

const LABEL: &str = "Verify in this browser";

/// The trail verified where the reader sits, against a key that they may know from elsewhere.
#[component]
pub fn BrowserProof(key: String, witness: Witness) -> impl IntoView {
    let alive = RwSignal::new(false);
    Effect::new(move |_| alive.set(true));
    let progress = RwSignal::new(None::<Progress>);
    let trusted = RwSignal::new(key);
    let is_busy =
        Signal::derive(move || matches!(*progress.read(), Some(Progress::Reading { .. })));
    let start = move |_| {
        if is_busy.get_untracked() {
            return;
        }
        progress.set(Some(Progress::Reading { lines: 0 }));
        let terms = Terms {
            key: trusted.get_untracked(),
            witness: witness.clone(),
        };
        leptos::task::spawn_local(recompute(terms, progress));
    };
    let found = move || {
        progress.get().map(|progress| match progress {
            Progress::Reading { lines } => {
                let label = format!("{} lines verified", format::thousands(lines));
                view! { <Spinner label /> }.into_any()
            }
            Progress::Failed(why) => view! {
                <Notice tone=Tone::Warning title="Not verified"><p>{why}</p></Notice>
            }
            .into_any(),
            Progress::Done(proof) => told(proof, trusted.get_untracked().trim().to_owned()),
        })
    };
    view! {
        <section class="proof needs-script" aria-label=LABEL>
            <p class="muted">
                "All of the trail is fetched and computed again here. Its code is this console's too: \
                 who does not trust the console verifies the exported file with a binary of their own."
            </p>
            <Permitted operation=Operation::Export label=LABEL>
                <Field name="trusted-key" label="Key that may sign (audit.pub)">
                    <input
                        id="trusted-key"
                        name="trusted-key"
                        type="text"
                        class="code"
                        autocomplete="off"
                        spellcheck="false"
                        prop:value=trusted
                        on:input=move |event| trusted.set(event_target_value(&event))
                    />
                </Field>
                <div class="actions">
                    <Button busy=is_busy disabled=Signal::derive(move || !alive.get()) on:click=start.clone()>{LABEL}</Button>
                </div>
            </Permitted>
            <div aria-live="polite">{found}</div>
        </section>
    }
}

fn told(proof: Proof, key: String) -> AnyView {
    let entries = format::count(proof.entries, "entry", "entries");
    if let Some(broken) = proof.broken {
        return view! {
            <Notice tone=Tone::Danger title="This browser finds the trail changed">
                <p>"It breaks at " {broken} "."</p>
                <p>{entries} " before it agree; what follows was not looked at."</p>
            </Notice>
        }
        .into_any();
    }
    let signed = proof
        .signed_through
        .map(|through| format!(" Checkpoints signed with it reach #{through}."));
    let witnessed = proof
        .witnessed
        .map(|head| format!(" The published head, #{head}, agrees."));
    let uncovered = proof.uncovered.into_iter();
    let uncovered = uncovered.map(|sentence| view! { <li>{sentence}</li> });
    let title = format!("This browser verified {entries}, to #{}", proof.last);
    view! {
        <Notice tone=Tone::Success title>
            <p>
                "Trusted was the key " <code class="break">{key}</code>
                ": compare it with a copy that the console's machine cannot change." {signed}
                {witnessed}
            </p>
            <ul>{uncovered.collect_view()}</ul>
        </Notice>
    }
    .into_any()
}
