mod apply;
mod as_code;
mod budget;
mod changes;
mod conflict;
mod editor;
mod findings;
mod form;
mod history;
mod json_pane;
mod result;
mod row;
mod sample;
mod toolbar;

use crate::api::workflow::{TagList, get_policy_text, get_workflow, list_tags};
use crate::error::ApiError;
use crate::paths;
use crate::state::permission::needs_approval;
use crate::ui::{Button, ButtonLink, Card, IconName, Notice, PageHeader, Tone};
use crate::widgets::{AsOf, FROM_AZURE, Loaded, use_param};
use apply::Apply;
use as_code::AsCode;
use budget::Budget;
use changes::Changes;
use drydock_domain::console::WorkflowState;
use drydock_domain::inventory::Inventory;
use drydock_domain::policy::history::Origin;
use editor::{Editor, Given};
use findings::Findings;
use form::PolicyForm;
use history::{PolicyHistory, restores};
use json_pane::JsonPane;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
pub use sample::sample;
use toolbar::Toolbar;

/// The policy as a form and as JSON, one document: what is changed in one is changed in the other.
#[component]
pub fn PolicyPage() -> impl IntoView {
    let registry = use_param("registry");
    let query = use_query_map();
    // Watched: a link of the history may be followed before its row answers to the click itself.
    let version = Memo::new(move |_| query.read().get("version"));
    let loaded = Resource::new(move || (registry.get(), version.get()), load);
    let given = move |text: Option<String>| {
        let query = query.read_untracked();
        let restores = version.get_untracked().map(|digest| restores(&digest));
        Given {
            text: query.get("policy").or(text),
            days: query.get("days"),
            at: query.get("at"),
            comment: query.get("comment").or(restores),
        }
    };
    let actions = move || {
        let proposals = needs_approval().then(|| {
            view! {
                <ButtonLink href=paths::proposals(&registry.get()) icon=IconName::Person>
                    "Proposals"
                </ButtonLink>
            }
        });
        view! {
            {proposals}
            <ButtonLink href=paths::dry_run(&registry.get()) icon=IconName::DryRun>
                "Dry run"
            </ButtonLink>
        }
    };
    view! {
        <PageHeader
            title="Policy"
            subtitle="Which repositories and tags are patched, and how patches are named."
            actions
        />
        <Loaded resource=loaded label="Loading the policy" let:data>
            {
                let (state, tags, version) = data;
                let editor = Editor::new(state, tags.into_inventory(), given(version));
                editor.keep_draft();
                view! { <PolicyBody editor /> }.into_any()
            }
        </Loaded>
    }
}

/// The workflow, the tags, and the text of an earlier version where the address names one.
async fn load(
    (registry, version): (String, Option<String>),
) -> Result<(WorkflowState, TagList, Option<String>), ApiError> {
    let text = async {
        match version {
            Some(digest) => get_policy_text(registry.clone(), digest).await.map(Some),
            None => Ok(None),
        }
    };
    let workflow = get_workflow(registry.clone());
    futures::future::try_join3(workflow, list_tags(registry.clone()), text).await
}

#[component]
fn PolicyBody(editor: Editor) -> impl IntoView {
    view! {
        <Where editor />
        <Toolbar editor />
        <div class="policy">
            <div class="needs-script">
                <Card title="Form">
                    <PolicyForm editor />
                </Card>
            </div>
            <Card title="JSON" subtitle="The same document, as it is stored in the registry.">
                <JsonPane editor />
                <Findings editor />
                <Budget editor />
            </Card>
        </div>
        <Changes editor />
        <Apply editor />
        <AsCode editor />
        <PolicyHistory editor />
        <AsOf at=editor.state.with_value(|state| state.as_of) source=FROM_AZURE />
    }
}

/// What the text is: deployed, a draft, or a beginning.
#[component]
fn Where(editor: Editor) -> impl IntoView {
    let partial = editor.state.with_value(WorkflowState::is_partial);
    let is_part = editor.inventory.with_value(Inventory::is_part)
        && editor.state.with_value(|state| state.policy.is_some());
    let restored = move || {
        editor.restored.get().then(|| {
            view! {
                <Notice tone=Tone::Info title="A draft of this tab">
                    <p>"It has not been applied. The deployed policy is another one, or there is none."</p>
                    <div class="actions">
                        <Button on:click=move |_| editor.discard()>"Discard the draft"</Button>
                    </div>
                </Notice>
            }
        })
    };
    let empty = move || {
        editor
            .text
            .with(|text| text.trim().is_empty())
            .then(|| view! { <Beginning editor /> })
    };
    view! {
        {partial.then(|| view! {
            <Notice tone=Tone::Warning title="Continuous patching is incomplete">
                <p>"Some of its parts are missing. Creating the workflow again puts them back and leaves the rest."</p>
            </Notice>
        })}
        {is_part.then(|| view! {
            <Notice tone=Tone::Info title="You see a part of this policy">
                <p>"It may have rows for repositories that are outside your access. They are not shown."</p>
            </Notice>
        })}
        {restored}
        {empty}
    }
}

#[component]
fn Beginning(editor: Editor) -> impl IntoView {
    let sample = editor.inventory.with_value(sample);
    let offer = match sample {
        Some(policy) => {
            let text = policy.to_json();
            let href = format!(
                "{}?policy={}",
                paths::policy(&editor.registry()),
                paths::query_value(&text)
            );
            view! {
                <p>
                    "Begin with one that is made of the repositories in this registry, and change it \
                     as you like."
                </p>
                <div class="actions">
                    <ButtonLink
                    href=href
                    icon=IconName::Policy
                    on:click=move |event| {
                        event.prevent_default();
                        editor.write(text.clone(), Origin::Whole);
                    }
                >
                    "Use a sample policy"
                </ButtonLink>
                </div>
            }
            .into_any()
        }
        None => view! {
            <p>"The registry holds no image that could be patched yet. Push one, or wait for the samples."</p>
        }
        .into_any(),
    };
    view! { <Notice tone=Tone::Accent title="There is no policy yet">{offer}</Notice> }
}
