use crate::paths;
use crate::ui::{ButtonLink, EmptyState, IconName, PageHeader};
use leptos::prelude::*;

#[component]
pub fn NotFoundPage() -> impl IntoView {
    #[cfg(not(target_arch = "wasm32"))]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(http::StatusCode::NOT_FOUND);
    }
    view! {
        <PageHeader title="Page not found" />
        <EmptyState icon=IconName::Question title="There is no page at this address">
            <p>"The link may be old, or a letter of it lost on the way."</p>
            <ButtonLink href=paths::REGISTRIES>"Go to the registries"</ButtonLink>
        </EmptyState>
    }
}
