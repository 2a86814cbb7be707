use super::editor::Editor;
use crate::ui::Card;
use crate::widgets::PolicyChanges;
use drydock_domain::policy::parse;
use leptos::prelude::*;

/// What applying the text changes, by meaning, and which images enter or leave.
#[component]
pub fn Changes(editor: Editor) -> impl IntoView {
    let body = move || {
        let Some(after) = editor.text.with(|text| parse(text).ok()) else {
            return view! { <p class="muted">"The text cannot be read at the moment."</p> }
                .into_any();
        };
        editor.before.with(|before| {
            editor.inventory.with_value(|inventory| {
                let before = before.as_ref();
                view! { <PolicyChanges before after=&after inventory /> }.into_any()
            })
        })
    };
    move || {
        (editor.is_changed() && editor.configured.get()).then(|| {
            view! {
                <Card title="Changes" subtitle="Against the deployed policy, by meaning.">
                    {body}
                </Card>
            }
        })
    }
}
