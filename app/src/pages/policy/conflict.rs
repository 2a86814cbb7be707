use super::editor::Editor;
use crate::api::workflow::GetWorkflow;
use crate::ui::{Button, CodeBlock};
use crate::widgets::ActionError;
use drydock_domain::console::DeployedPolicy;
use drydock_domain::policy::history::Origin;
use leptos::prelude::*;

/// Somebody deployed another policy in between: both versions stay, and the reader decides.
#[component]
pub fn ConflictHelp(editor: Editor) -> impl IntoView {
    let look = ServerAction::<GetWorkflow>::new();
    let deployed = move || look.value().get()?.ok()?.policy;
    view! {
        <div class="stack">
            <p>"Your text stays in the editor. Look at the deployed policy before you decide."</p>
            <div class="actions">
                <Button
                    busy=look.pending()
                    on:click=move |_| {
                        look.dispatch(GetWorkflow { registry: editor.registry() });
                    }
                >
                    "Show the deployed policy"
                </Button>
            </div>
            <ActionError value=look.value() />
            {move || deployed().map(|policy| view! { <Choice editor policy /> })}
        </div>
    }
}

#[component]
fn Choice(editor: Editor, policy: DeployedPolicy) -> impl IntoView {
    let text = policy.text.clone();
    let mine = policy.clone();
    view! {
        <CodeBlock label="deployed policy" text />
        <div class="actions">
            <Button on:click=move |_| {
                editor.deployed.set(mine.text.clone());
                editor.based_on.set(mine.digest.clone());
            }>"Keep my text; applying it replaces this one"</Button>
            <Button on:click=move |_| {
                editor.deployed.set(policy.text.clone());
                editor.based_on.set(policy.digest.clone());
                editor.write(policy.text.clone(), Origin::Whole);
            }>"Take the deployed text"</Button>
        </div>
    }
}
