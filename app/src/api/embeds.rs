//! Who may put which view into a frame.
use crate::error::ApiError;
use chrono::{DateTime, Utc};
use drydock_domain::embed::{BlockedFrame, Embed, EmbedHost, FrameHeader};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// The sites that may embed, and what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmbedList {
    /// By name.
    pub hosts: Vec<EmbedHost>,
    /// Newest first, the revoked ones too.
    pub embeds: Vec<Embed>,
}

/// One embed, and what stands between it and a frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameCheck {
    pub embed: Embed,
    /// As the server sends them, but for the nonce.
    pub headers: Vec<FrameHeader>,
    /// Newest first.
    pub blocked: Vec<BlockedFrame>,
    pub as_of: DateTime<Utc>,
}

#[server(endpoint = "list_embeds")]
pub async fn list_embeds() -> Result<EmbedList, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let (hosts, embeds) = workflow.list_embeds(&caller).await?;
    Ok(EmbedList { hosts, embeds })
}

#[server(endpoint = "check_frame")]
pub async fn check_frame(id: String) -> Result<FrameCheck, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let (embed, blocked, as_of) = workflow.get_embed(&caller, &id).await?;
    Ok(FrameCheck {
        headers: drydock_domain::embed::frame_headers(&embed, "…"),
        embed,
        blocked,
        as_of,
    })
}

/// Lets a site embed; the answer is its id.
#[server(endpoint = "create_embed_host")]
pub async fn create_embed_host(name: String, origin: String) -> Result<String, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let made = workflow.create_embed_host(&caller, &name, &origin).await;
    let fields = [("name", name.as_str()), ("origin", &origin)];
    let made = made.map_err(ApiError::from);
    let id = super::door::keep_fields::<CreateEmbedHost>(made, crate::paths::EMBEDS, &fields)?;
    super::door::go_on(crate::paths::EMBEDS);
    Ok(id)
}

#[server(endpoint = "delete_embed_host")]
pub async fn delete_embed_host(id: String) -> Result<(), ApiError> {
    let (workflow, caller) = super::door::open()?;
    workflow.delete_embed_host(&caller, &id).await?;
    super::door::go_on(crate::paths::EMBEDS);
    Ok(())
}

/// Takes a host's public key, in PEM or as a JWK; the answer is its id.
#[server(endpoint = "create_embed_key")]
pub async fn create_embed_key(host: String, kid: String, key: String) -> Result<String, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let id = workflow
        .create_embed_key(&caller, &host, &kid, &key)
        .await?;
    super::door::go_on(crate::paths::EMBEDS);
    Ok(id)
}

#[server(endpoint = "revoke_embed_key")]
pub async fn revoke_embed_key(id: String) -> Result<(), ApiError> {
    let (workflow, caller) = super::door::open()?;
    workflow.revoke_embed_key(&caller, &id).await?;
    super::door::go_on(crate::paths::EMBEDS);
    Ok(())
}

/// Makes a view embeddable by the chosen hosts; the answer is the embed's id. `repositories` and
/// `statuses` are lists with commas.
#[server(endpoint = "create_embed")]
pub async fn create_embed(
    view: String,
    registry: String,
    #[server(default)] repositories: String,
    #[server(default)] statuses: String,
    role: String,
    #[server(default)] hosts: Vec<String>,
) -> Result<String, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let scope = scope::read(&view, &registry, &repositories, &statuses, &role)
        .map_err(ApiError::answered)?;
    let id = workflow.create_embed(&caller, scope, hosts).await?;
    super::door::go_on(&crate::paths::embed_check(&id));
    Ok(id)
}

#[server(endpoint = "revoke_embed")]
pub async fn revoke_embed(id: String) -> Result<(), ApiError> {
    let (workflow, caller) = super::door::open()?;
    workflow.revoke_embed(&caller, &id).await?;
    super::door::go_on(crate::paths::EMBEDS);
    Ok(())
}

/// Ends every frame of one person, as a site's tokens name them; says how many there were.
#[server(endpoint = "end_embed_sessions")]
pub async fn end_embed_sessions(origin: String, subject: String) -> Result<u64, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let ended = workflow
        .end_embed_sessions(&caller, &origin, &subject)
        .await?;
    super::door::go_on(crate::paths::EMBEDS);
    Ok(ended)
}

#[cfg(not(target_arch = "wasm32"))]
mod scope {
    use crate::error::{ApiError, ErrorCode};
    use drydock_domain::access::Role;
    use drydock_domain::embed::{EmbedScope, EmbedView, RepositoryPattern};
    use drydock_domain::run::ImageStatus;

    /// A scope out of a form's fields.
    pub(super) fn read(
        view: &str,
        registry: &str,
        repositories: &str,
        statuses: &str,
        role: &str,
    ) -> Result<EmbedScope, ApiError> {
        let invalid = |field: &str, message: String| {
            let mut error = ApiError::new(ErrorCode::Invalid, message);
            error.field = Some(field.to_owned());
            error
        };
        let patterns: Result<Vec<_>, _> =
            words(repositories).map(RepositoryPattern::parse).collect();
        let mut locked = Vec::new();
        for word in words(statuses) {
            let mut all = ImageStatus::ALL.into_iter();
            let found = all.find(|status| status.as_str().eq_ignore_ascii_case(word));
            let none = || format!("There is no status `{}`.", word.escape_debug());
            locked.push(found.ok_or_else(|| invalid("statuses", none()))?);
        }
        Ok(EmbedScope {
            view: EmbedView::find(view)
                .ok_or_else(|| invalid("view", "Choose a view.".to_owned()))?,
            registry: registry.to_owned(),
            repositories: patterns.map_err(|error| invalid("repositories", error.to_string()))?,
            statuses: locked,
            role: Role::find(role).ok_or_else(|| invalid("role", "Choose a role.".to_owned()))?,
        })
    }

    fn words(text: &str) -> impl Iterator<Item = &str> {
        text.split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty())
    }
}
