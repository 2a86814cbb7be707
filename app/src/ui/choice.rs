use leptos::prelude::*;

/// One of a few words, each the button that submits the form around it: it works by itself.
#[component]
pub fn Choice(
    #[prop(into)] legend: String,
    /// The form's field.
    name: &'static str,
    /// What is sent, and what is read.
    options: Vec<(&'static str, &'static str)>,
    #[prop(into)] chosen: Signal<&'static str>,
) -> impl IntoView {
    let option = move |(value, label): (&'static str, &'static str)| {
        view! {
            <button
                class="segment"
                name=name
                value=value
                aria-pressed=move || (chosen.get() == value).to_string()
            >
                {label}
            </button>
        }
    };
    view! {
        <fieldset class="choice">
            <legend>{legend}</legend>
            <div class="segments">{options.into_iter().map(option).collect_view()}</div>
        </fieldset>
    }
}
