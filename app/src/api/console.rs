//! What the frame around every page shows.
use crate::error::ApiError;
use crate::state::density::Density;
use crate::state::shortcuts::Shortcuts;
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

#[server(endpoint = "set_density")]
pub async fn set_density(density: Density) -> Result<Density, ApiError> {
    super::door::open()?;
    crate::state::density::remember(density);
    Ok(density)
}

/// Turns single keys on or off.
#[server(endpoint = "set_shortcuts")]
pub async fn set_shortcuts(shortcuts: Shortcuts) -> Result<Shortcuts, ApiError> {
    super::door::open()?;
    crate::state::shortcuts::remember(shortcuts);
    Ok(shortcuts)
}

/// Keeps the zone that instants are shown in; `UTC`, or a name of the IANA table such as
/// `Europe/Berlin`.
#[server(endpoint = "set_zone")]
pub async fn set_zone(zone: String) -> Result<String, ApiError> {
    use crate::state::zone::{ZoneName, remember};
    super::door::open()?;
    let Some(found) = ZoneName::find(zone.trim()) else {
        let message = format!(
            "There is no zone `{}`: write UTC, or a name such as Europe/Berlin.",
            zone.trim().escape_debug()
        );
        let mut error = ApiError::new(crate::error::ErrorCode::Invalid, message);
        error.field = Some("zone".to_owned());
        return Err(error.answered());
    };
    remember(&found);
    Ok(found.as_str().to_owned())
}
