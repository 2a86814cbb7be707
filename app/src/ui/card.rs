use leptos::prelude::*;

/// A section with a heading of the second level, and room for actions beside it.
#[component]
pub fn Card(
    #[prop(into)] title: String,
    #[prop(optional, into)] subtitle: Option<String>,
    #[prop(optional, into)] actions: ViewFn,
    children: Children,
) -> impl IntoView {
    view! {
        <section class="card">
            <header class="card-header">
                <div>
                    <h2>{title}</h2>
                    {subtitle.map(|text| view! { <p class="muted sentence">{text}</p> })}
                </div>
                <div class="actions">{move || actions.run()}</div>
            </header>
            <div class="card-body">{children()}</div>
        </section>
    }
}
