use crate::ui::Field;
use leptos::prelude::*;

/// Why somebody does something, for the audit trail: the form's `comment`.
#[component]
pub fn CommentField(
    /// Of the field in the page.
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    value: RwSignal<String>,
) -> impl IntoView {
    view! {
        <Field name label hint>
            <input
                id=name
                name="comment"
                maxlength="500"
                required
                autocomplete="off"
                aria-describedby=format!("{name}-hint {name}-error")
                value=value.get_untracked()
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            />
        </Field>
    }
}
