use crate::ui::Time;
use chrono::{DateTime, Utc};
use leptos::prelude::*;

/// When what a page shows was so, and who says it.
#[component]
pub fn AsOf(at: DateTime<Utc>, source: &'static str) -> impl IntoView {
    view! { <p class="as-of">"As of " <Time at seconds=true /> ", " {source} "."</p> }
}
