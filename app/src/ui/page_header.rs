use leptos::prelude::*;
use leptos_meta::Title;

/// The page's one heading of the first level, its title in the window, and its main actions.
#[component]
pub fn PageHeader(
    #[prop(into)] title: String,
    #[prop(optional, into)] subtitle: Option<String>,
    #[prop(optional, into)] actions: ViewFn,
) -> impl IntoView {
    view! {
        <Title text=title.clone() />
        <header class="page-header">
            <div>
                <h1>{title}</h1>
                {subtitle.map(|text| view! { <p class="muted">{text}</p> })}
            </div>
            <div class="actions">{move || actions.run()}</div>
        </header>
    }
}
