//! What the frame around every page shows.
use crate::error::ApiError;
use crate::state::theme::Theme;
use drydock_domain::access::Role;
use drydock_domain::console::{Registry, SampleProgress};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// Who is signed in, and to what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsoleFacts {
    pub actor: String,
    pub role: Role,
    /// Empty also where the list could not be read: the page itself says why.
    pub registries: Vec<Registry>,
    /// Present where the console runs its own sandbox.
    pub samples: Option<SampleProgress>,
    pub theme: Theme,
}

#[server(endpoint = "get_console")]
pub async fn get_console() -> Result<ConsoleFacts, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let samples = use_context::<super::door::SampleFeed>().map(|feed| feed.read());
    let theme = crate::state::theme::requested();
    let registries = workflow.list_registries(&caller).await.unwrap_or_default();
    Ok(ConsoleFacts {
        actor: caller.actor.clone(),
        role: caller.role,
        registries,
        samples,
        theme,
    })
}

/// Keeps the choice in a cookie for a year; `system` forgets it.
#[server(endpoint = "set_theme")]
pub async fn set_theme(theme: Theme) -> Result<Theme, ApiError> {
    super::door::open()?;
    crate::state::theme::remember(theme);
    Ok(theme)
}
