use leptos::prelude::*;

/// `repository:tag`, or a tag alone; breaks where a reference may be broken.
#[component]
pub fn TagName(
    #[prop(optional, into)] repository: Option<String>,
    #[prop(into)] tag: String,
) -> impl IntoView {
    let repository = repository.map(|name| {
        view! { <span class="repository">{name} ":" <wbr /></span> }
    });
    view! { <code class="reference">{repository} <span>{tag}</span></code> }
}
