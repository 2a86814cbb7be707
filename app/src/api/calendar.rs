use crate::error::ApiError;
use drydock_domain::calendar::{CalendarFacts, KeptFreeze};
use leptos::prelude::*;

#[server(endpoint = "get_calendar")]
pub async fn get_calendar(registry: String) -> Result<CalendarFacts, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow.get_calendar(&caller, &registry).await?)
}

/// Declares a freeze. `from` and `to` are `YYYY-MM-DDTHH:MM` on the clocks of `zone`, as a form's
/// fields have them.
#[server(endpoint = "create_freeze")]
pub async fn create_freeze(
    registry: String,
    name: String,
    from: String,
    to: String,
    zone: String,
) -> Result<KeptFreeze, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let instant = |field, text| super::door::instant(field, text, &zone);
    let kept = match instant("from", &from).and_then(|at| Ok((at, instant("to", &to)?))) {
        Ok((from, to)) => workflow
            .create_freeze(&caller, &registry, &name, from, to)
            .await
            .map_err(ApiError::from),
        Err(error) => Err(error),
    };
    let page = crate::paths::schedule(&registry);
    let fields = [
        ("freeze", name.as_str()),
        ("freeze-from", &from),
        ("freeze-to", &to),
    ];
    let kept = super::door::keep_fields::<CreateFreeze>(kept, &page, &fields)?;
    super::door::go_on(&page);
    Ok(kept)
}

/// Lifts a freeze; the answer is its id again.
#[server(endpoint = "delete_freeze")]
pub async fn delete_freeze(registry: String, id: String) -> Result<String, ApiError> {
    let (workflow, caller) = super::door::open()?;
    workflow.delete_freeze(&caller, &registry, &id).await?;
    super::door::go_on(&crate::paths::schedule(&registry));
    Ok(id)
}

/// Makes a link that a calendar program reads the planned runs by. The answer is its path, with the
/// token, which is never told again.
#[server(endpoint = "create_feed")]
pub async fn create_feed(registry: String) -> Result<String, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let token = workflow.create_feed(&caller, &registry).await?;
    Ok(crate::paths::shared_feed(token.expose()))
}

/// Revokes such a link; the answer is its id again.
#[server(endpoint = "delete_feed")]
pub async fn delete_feed(registry: String, id: String) -> Result<String, ApiError> {
    let (workflow, caller) = super::door::open()?;
    workflow.delete_feed(&caller, &registry, &id).await?;
    super::door::go_on(&crate::paths::schedule(&registry));
    Ok(id)
}
