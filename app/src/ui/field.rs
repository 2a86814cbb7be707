use super::{Icon, IconName};
use leptos::prelude::*;

/// A form control with its label, a hint, and the error that belongs to it. The control inside
/// takes `id=name`, `aria-describedby` = `{name}-hint {name}-error`.
#[component]
pub fn Field(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    children: Children,
) -> impl IntoView {
    let hint_name = format!("{name}-hint");
    let error_name = format!("{name}-error");
    view! {
        <div class="field" data-invalid=move || error.read().is_some().then_some("true")>
            <label for=name>{label}</label>
            {hint.map(|text| view! { <p class="hint" id=hint_name>{text}</p> })}
            {children()}
            <div id=error_name>
                <FieldError error />
            </div>
        </div>
    }
}

/// The error of one control; empty while there is none.
#[component]
pub fn FieldError(#[prop(into)] error: Signal<Option<String>>) -> impl IntoView {
    move || {
        error.get().map(|text| {
            view! {
                <p class="field-error">
                    <Icon name=IconName::Warning />
                    <span>{text}</span>
                </p>
            }
        })
    }
}
