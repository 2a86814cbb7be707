use leptos::prelude::*;

/// One of a few words, each the button that submits the form around it.
#[component]
pub fn Choice(
    #[prop(into)] legend: String,
    /// The form's field.
    name: &'static str,
    /// What is sent, and what is read.
    options: &'static [(&'static str, &'static str)],
    #[prop(into)] chosen: Signal<&'static str>,
    /// Where the page is alive this happens instead.
    choose: impl Fn(&'static str) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let option = move |(value, label): &(&'static str, &'static str)| {
        let (value, label) = (*value, *label);
        view! {
            <button
                class="segment"
                name=name
                value=value
                aria-pressed=move || (chosen.get() == value).to_string()
                on:click=move |event| {
                    event.prevent_default();
                    choose(value);
                }
            >
                {label}
            </button>
        }
    };
    view! {
        <fieldset class="choice">
            <legend>{legend}</legend>
            <div class="segments">{options.iter().map(option).collect_view()}</div>
        </fieldset>
    }
}
