use super::ErrorNotice;
use crate::error::ApiError;
use crate::ui::{PageHeader, Spinner};
use leptos::prelude::*;

/// Set when the content of the page answers to clicks. The frame lives before: the page's code is a
/// chunk of its own.
#[derive(Clone, Copy)]
pub struct PageAlive(pub RwSignal<bool>);

/// Shows what a resource brought, or why it did not. What is on the page stays there while newer
/// data is on its way.
#[component]
pub fn Loaded<T, R, F>(
    resource: R,
    /// What is being loaded, in words: `Loading runs`.
    label: &'static str,
    /// The page's heading where the data would have brought it, for the case that none comes.
    #[prop(optional)]
    heading: Option<&'static str>,
    /// Makes the view of the data.
    children: F,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
    R: IntoFuture<Output = Result<T, ApiError>> + Copy + Send + Sync + 'static,
    R::IntoFuture: Send,
    F: Fn(T) -> AnyView + Clone + Send + Sync + 'static,
{
    let alive = use_context::<PageAlive>();
    view! {
        <Transition fallback=move || view! { <Spinner label /> }>
            {move || {
                let children = children.clone();
                Suspend::new(async move {
                    let found = resource.await;
                    if let Some(PageAlive(alive)) = alive {
                        Effect::new(move |_| alive.set(true));
                    }
                    match found {
                        Ok(data) => children(data),
                        Err(error) => {
                            let heading = heading.map(|title| view! { <PageHeader title /> });
                            view! { {heading} <ErrorNotice error /> }.into_any()
                        }
                    }
                })
            }}
        </Transition>
    }
}
