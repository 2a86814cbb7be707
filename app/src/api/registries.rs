use crate::error::ApiError;
use drydock_domain::console::{RefusedPlace, Registry};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[server(endpoint = "list_registries")]
pub async fn list_registries() -> Result<Vec<Registry>, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow.list_registries(&caller).await?)
}

/// Subscriptions and registries that the console may not read.
#[server(endpoint = "list_refused_places")]
pub async fn list_refused_places() -> Result<Vec<RefusedPlace>, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow.list_refused_places(&caller).await?)
}

/// The overview as the server writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverviewPart {
    /// Of the window.
    pub title: String,
    pub html: String,
}

#[server(endpoint = "get_overview")]
pub async fn get_overview(registry: String) -> Result<OverviewPart, ApiError> {
    use crate::state::permission::OfRegistry;
    let (workflow, caller) = super::door::open()?;
    let overview = workflow.get_overview(&caller, &registry).await?;
    Ok(OverviewPart {
        title: overview.state.registry.name.clone(),
        html: Owner::new().with(|| {
            crate::state::zone::provide();
            provide_context(OfRegistry(overview.state.registry.name.clone()));
            crate::pages::overview::written(overview)
        }),
    })
}
