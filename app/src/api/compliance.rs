use crate::error::ApiError;
#[cfg(not(target_arch = "wasm32"))]
use crate::error::ErrorCode;
use drydock_domain::compliance::{ComplianceView, FindingQuery, KeptException};
#[cfg(not(target_arch = "wasm32"))]
use drydock_domain::compliance::{Exception, Exposure, ExposureRule};
use leptos::prelude::*;

/// A page of findings with their deadlines.
#[server(endpoint = "get_compliance")]
pub async fn get_compliance(
    registry: String,
    #[server(default)] query: FindingQuery,
) -> Result<ComplianceView, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow.get_compliance(&caller, &registry, &query).await?)
}

/// Looks for vulnerabilities in every tag's newest image now; the answer is how many images, or `None`
/// while it goes on.
#[server(endpoint = "collect_findings")]
pub async fn collect_findings(registry: String) -> Result<Option<usize>, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let n_images = workflow.collect_findings(&caller, &registry).await?;
    super::door::go_on(&crate::paths::compliance(&registry));
    Ok(n_images)
}

/// Accepts a finding until the beginning of a day in UTC, `YYYY-MM-DD`.
#[server(endpoint = "create_exception")]
pub async fn create_exception(
    registry: String,
    cve: String,
    #[server(default)] package: String,
    repositories: String,
    reason: String,
    owner: String,
    expires: String,
) -> Result<KeptException, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let kept = match super::door::day("expires", &expires) {
        Ok(expires_at) => {
            let exception = Exception {
                cve: cve.clone(),
                package: package.clone(),
                repositories: repositories.clone(),
                reason: reason.clone(),
                owner: owner.clone(),
                expires_at,
            };
            let kept = workflow.create_exception(&caller, &registry, exception);
            kept.await.map_err(ApiError::from)
        }
        Err(error) => Err(error),
    };
    let page = crate::paths::compliance(&registry);
    let fields = [
        ("exception-cve", cve.as_str()),
        ("exception-package", &package),
        ("exception-repositories", &repositories),
        ("exception-reason", &reason),
        ("exception-owner", &owner),
        ("exception-expires", &expires),
    ];
    let kept = super::door::keep_fields::<CreateException>(kept, &page, &fields)?;
    super::door::go_on(&page);
    Ok(kept)
}

/// Ends an exception before its time; the answer is its id again.
#[server(endpoint = "withdraw_exception")]
pub async fn withdraw_exception(registry: String, id: String) -> Result<String, ApiError> {
    let (workflow, caller) = super::door::open()?;
    workflow.withdraw_exception(&caller, &registry, &id).await?;
    super::door::go_on(&crate::paths::compliance(&registry));
    Ok(id)
}

/// Says which repositories the internet reaches: a pattern and `public` or `internal` to a line; the
/// first line that fits decides.
#[server(endpoint = "set_exposure")]
pub async fn set_exposure(
    registry: String,
    #[server(default)] rules: String,
) -> Result<(), ApiError> {
    let (workflow, caller) = super::door::open()?;
    let set = match read_rules(&rules) {
        Ok(rules) => workflow
            .set_exposure(&caller, &registry, rules)
            .await
            .map_err(ApiError::from),
        Err(error) => Err(error),
    };
    let page = crate::paths::compliance(&registry);
    super::door::keep_fields::<SetExposure>(set, &page, &[("exposure", &rules)])?;
    super::door::go_on(&page);
    Ok(())
}

/// Keeps an edited profile.
#[server(endpoint = "keep_profile")]
pub async fn keep_profile(
    registry: String,
    #[server(default)] profile: String,
) -> Result<(), ApiError> {
    let (workflow, caller) = super::door::open()?;
    let kept = workflow.keep_profile(&caller, &registry, &profile).await;
    let page = crate::paths::compliance(&registry);
    let kept = kept.map_err(ApiError::from);
    super::door::keep_fields::<KeepProfile>(kept, &page, &[("profile-text", &profile)])?;
    super::door::go_on(&page);
    Ok(())
}

#[cfg(not(target_arch = "wasm32"))]
fn read_rules(text: &str) -> Result<Vec<ExposureRule>, ApiError> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let (pattern, word) = line.rsplit_once(char::is_whitespace).unwrap_or((line, ""));
            let rule = Exposure::find(word).map(|exposure| ExposureRule {
                pattern: pattern.trim().to_owned(),
                exposure,
            });
            rule.ok_or_else(|| {
                let message = format!(
                    "`{line}` is no rule: write a repository or a pattern, a blank, and public, \
                     internal or unknown, as in `web/* public`."
                );
                let mut error = ApiError::new(ErrorCode::Invalid, message);
                error.field = Some("rules".to_owned());
                error.answered()
            })
        })
        .collect()
}
