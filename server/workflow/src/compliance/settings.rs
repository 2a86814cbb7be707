//! Exposure of repositories, and deadlines of one's own.
use crate::audit::Intent;
use crate::{Answer, Caller, Workflow, WorkflowError};
use drydock_domain::access::Operation;
use drydock_domain::compliance::{ComplianceSettings, ExposureRule, Profile};
use drydock_domain::console::AuditOutcome;

/// Rules and profiles of one registry.
const MOST_RULES: usize = 200;
const MAX_PATTERN_CHARACTERS: usize = 256;

impl Workflow {
    /// Says which repositories the internet reaches. The first rule that fits decides.
    pub async fn set_exposure(
        &self,
        caller: &Caller,
        registry: &str,
        rules: Vec<ExposureRule>,
    ) -> Answer<()> {
        let operation = Operation::ChangeCompliance;
        self.authorise(caller, operation, registry).await?;
        let is_bad = |rule: &ExposureRule| {
            !(1..=MAX_PATTERN_CHARACTERS).contains(&rule.pattern.chars().count())
        };
        if rules.len() > MOST_RULES || rules.iter().any(is_bad) {
            return Err(WorkflowError::Invalid {
                field: "exposure".into(),
                why: format!(
                    "name at most {MOST_RULES} patterns of 1 to {MAX_PATTERN_CHARACTERS} characters"
                ),
            });
        }
        let told = rules
            .iter()
            .map(|rule| format!("{} {}", rule.pattern, rule.exposure.as_str()));
        let detail = format!("exposure: {}", told.collect::<Vec<_>>().join(", "));
        self.change_settings(caller, registry, detail, move |settings| {
            settings.exposure = rules;
        })
        .await
    }

    /// Keeps a profile in place of the one with the same id, or besides the others.
    pub async fn keep_profile(
        &self,
        caller: &Caller,
        registry: &str,
        profile: Profile,
    ) -> Answer<()> {
        if profile.id.is_empty() || profile.name.is_empty() {
            return Err(WorkflowError::Invalid {
                field: "profile".into(),
                why: "a profile has an id and a name".into(),
            });
        }
        let json = serde_json::to_string(&profile).unwrap_or_default();
        let detail = format!("profile {json}");
        self.change_settings(caller, registry, detail, move |settings| {
            settings.profiles.retain(|known| known.id != profile.id);
            settings.profiles.push(profile);
            settings.profiles.truncate(MOST_RULES);
        })
        .await
    }

    async fn change_settings(
        &self,
        caller: &Caller,
        registry: &str,
        detail: String,
        edit: impl FnOnce(&mut ComplianceSettings) + Send + 'static,
    ) -> Answer<()> {
        let room = self.room(caller, registry).await?;
        let intent = Intent {
            operation: Operation::ChangeCompliance,
            detail,
        };
        self.change(
            caller,
            room,
            intent,
            move |workflow, entry, room| {
                Box::pin(async move {
                    let ledger = &workflow.inner.ledger;
                    let (name, now) = (&room.registry.name, workflow.inner.clock.now());
                    let mut settings = ledger.find_compliance_settings(name, now).await?;
                    edit(&mut settings);
                    Ok(ledger
                        .keep_compliance_settings(entry, name, &settings)
                        .await?)
                })
            },
            |()| AuditOutcome::Succeeded {
                detail: "kept".into(),
            },
        )
        .await
    }
}
