use leptos::prelude::*;

/// `repository:tag`, or a tag alone; breaks before the tag, and never inside it where there is room.
#[component]
pub fn TagName(
    #[prop(optional, into)] repository: Option<String>,
    #[prop(into)] tag: String,
) -> impl IntoView {
    let repository = repository.map(|name| {
        view! { <span class="repository">{name} ":" <wbr /></span> }
    });
    view! { <code class="reference">{repository} <span class="tag">{tag}</span></code> }
}
