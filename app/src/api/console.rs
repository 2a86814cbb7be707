//! What the frame around every page shows.
use crate::error::ApiError;
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
}

#[server(endpoint = "get_console")]
pub async fn get_console() -> Result<ConsoleFacts, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let samples = use_context::<super::door::SampleFeed>().map(|feed| feed.read());
    let registries = workflow.list_registries(&caller).await.unwrap_or_default();
    Ok(ConsoleFacts {
        actor: caller.actor.clone(),
        role: caller.role,
        samples: samples.map(|progress| caller.reached_samples(&registries, progress)),
        registries,
    })
}

/// Keeps one of the words of a [`Look`](crate::state::look::Look) in a cookie for a year; the default
/// one forgets it.
#[server(endpoint = "set_look")]
pub async fn set_look(name: String, word: String) -> Result<(), ApiError> {
    use crate::state::look::Look;
    super::door::open()?;
    let look = Look::find(&name);
    let Some((look, word)) = look.and_then(|look| Some((look, look.word(&word)?))) else {
        let message = format!(
            "There is no choice `{}` of `{}`.",
            word.escape_debug(),
            name.escape_debug()
        );
        return Err(ApiError::new(crate::error::ErrorCode::Invalid, message).answered());
    };
    look.remember(word);
    Ok(())
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
