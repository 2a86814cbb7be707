use crate::ui::Time;
use chrono::{DateTime, Utc};
use leptos::prelude::*;

/// The source of what ARM and the registry were asked for just now.
pub const FROM_AZURE: &str = "from Azure and the registry";

/// The source of what this console keeps itself.
pub const FROM_LEDGER: &str = "from this console's own ledger";

/// When what a page shows was so, and who says it.
#[component]
pub fn AsOf(at: DateTime<Utc>, source: &'static str) -> impl IntoView {
    view! { <p class="as-of">"As of " <Time at seconds=true /> ", " {source} "."</p> }
}
