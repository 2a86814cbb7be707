use crate::api::compliance::KeepProfile;
use crate::ui::{Badge, Button, ButtonKind, Card, Field, Tone};
use crate::widgets::{ActionError, Permitted};
use drydock_domain::access::Operation;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// By when what has to be fixed: the framework's rule, for the registry's administrator to change.
#[component]
pub fn Deadlines(
    registry: String,
    /// The profile's name.
    name: String,
    /// The profile as JSON.
    text: String,
    is_own: bool,
    changes: RwSignal<u32>,
) -> impl IntoView {
    let keep = ServerAction::<KeepProfile>::new();
    Effect::new(move |_| {
        if let Some(Ok(())) = keep.value().get() {
            changes.update(|n| *n += 1);
        }
    });
    let given = use_query_map().read_untracked().get("profile-text");
    let is_given = given.is_some();
    let text = given.unwrap_or(text);
    let own =
        is_own.then(|| view! { <Badge tone=Tone::Info label="this registry\u{2019}s own" /> });
    let hint = "A term is {\"hours\": n}, {\"days\": n}, {\"months\": n} or \"next-upgrade\". \
                With another id it is a profile besides the others.";
    view! {
        <Card title="Deadlines" subtitle=name>
            {own}
            <details open=is_given>
                <summary>"By when what has to be fixed"</summary>
                <ActionForm action=keep>
                    <input type="hidden" name="registry" value=registry />
                    <Field name="profile-text" label="Profile as JSON" hint>
                        <textarea
                            id="profile-text"
                            name="profile"
                            class="code"
                            rows="14"
                            spellcheck="false"
                            aria-describedby="profile-text-hint"
                        >
                            {text}
                        </textarea>
                    </Field>
                    <Permitted operation=Operation::ChangeCompliance label="Save deadlines">
                        <Button kind=ButtonKind::Submit busy=keep.pending()>"Save deadlines"</Button>
                    </Permitted>
                </ActionForm>
            </details>
            <ActionError value=keep.value() />
        </Card>
    }
}
