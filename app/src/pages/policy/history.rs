use super::editor::Editor;
use crate::api::workflow::{GetPolicyText, list_policy_versions};
use crate::format;
use crate::paths;
use crate::ui::{Badge, Card, Time, Tone};
use crate::widgets::{ActionError, DigestText, ErrorNotice};
use drydock_domain::policy::PolicyVersion;
use drydock_domain::policy::history::Origin;
use leptos::prelude::*;

/// The policies that were deployed, each of which can be taken into the editor again.
#[component]
pub fn PolicyHistory(editor: Editor) -> impl IntoView {
    let registry = editor.registry();
    let versions = Resource::new(
        // A new one is there after each change, one's own or somebody else's.
        move || {
            let changes = (editor.based_on.get(), editor.overtaken.get());
            (registry.clone(), changes)
        },
        |(registry, _)| list_policy_versions(registry),
    );
    let text = ServerAction::<GetPolicyText>::new();
    let wanted = StoredValue::new(String::new());
    Effect::new(move |_| {
        if let Some(Ok(found)) = text.value().get() {
            editor.write(found.replace("\r\n", "\n"), Origin::Whole);
            editor.comment.set(restores(&wanted.read_value()));
        }
    });
    let take = move |digest: String| {
        wanted.set_value(digest.clone());
        let registry = editor.registry();
        text.dispatch(GetPolicyText { registry, digest });
    };
    view! {
        <Card title="History" subtitle="Every policy that was deployed, with who applied it and why.">
            <ActionError value=text.value() />
            <Transition fallback=|| view! { <p class="muted">"Loading the history"</p> }>
                {move || Suspend::new(async move {
                    match versions.await {
                        Ok(versions) if versions.is_empty() => {
                            view! { <p class="muted">"No policy was deployed yet."</p> }.into_any()
                        }
                        Ok(versions) => {
                            let rows = versions.into_iter().map(|version| row(editor, take, version));
                            view! { <ol class="versions" role="list">{rows.collect_view()}</ol> }
                                .into_any()
                        }
                        Err(error) => view! { <ErrorNotice error /> }.into_any(),
                    }
                })}
            </Transition>
        </Card>
    }
}

/// What is said of a policy that is taken back.
pub fn restores(digest: &str) -> String {
    format!("Restores {}", format::short_digest(digest))
}

fn row(
    editor: Editor,
    take: impl Fn(String) + Copy + Send + Sync + 'static,
    version: PolicyVersion,
) -> impl IntoView {
    let PolicyVersion {
        digest,
        at,
        application,
        is_deployed,
    } = version;
    let at = at.map(|at| view! { <Time at /> });
    let by = match application {
        None => view! { <span class="muted">"not by this console"</span> }.into_any(),
        Some(by) => {
            let comment = match by.comment.is_empty() {
                true => "with the workflow".to_owned(),
                false => by.comment,
            };
            let approver = by.approver.map(|name| format!(", approved by {name}"));
            view! {
                <span class="muted">{by.author} {approver} ", entry " {by.entry}</span>
                <span class="version-comment break">{comment}</span>
            }
            .into_any()
        }
    };
    let href = format!(
        "{}?version={}",
        paths::policy(&editor.registry()),
        paths::query_value(&digest)
    );
    let wanted = digest.clone();
    let restore = (!is_deployed).then(|| {
        view! {
            <a class="button" href=href on:click=move |event| {
                event.prevent_default();
                take(wanted.clone());
            }>
                "Take into the editor"
            </a>
        }
    });
    let deployed = is_deployed.then(|| view! { <Badge tone=Tone::Success label="deployed" /> });
    view! {
        <li>
            <div class="version-facts">
                <span class="version-head">{at} <DigestText digest=digest /> {deployed}</span>
                {by}
            </div>
            {restore}
        </li>
    }
}
