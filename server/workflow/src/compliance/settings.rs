//! Exposure of repositories, and deadlines of one's own.
use crate::audit::Intent;
use crate::{Answer, Caller, Workflow, WorkflowError};
use drydock_domain::access::Operation;
use drydock_domain::compliance::{ComplianceSettings, ExposureRule, Profile};
use drydock_domain::console::AuditOutcome;

/// Of one registry.
const MOST_RULES: usize = 200;
const MAX_PATTERN_CHARACTERS: usize = 256;
const MOST_PROFILES: usize = 50;

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

    /// Keeps a profile in place of the one with the same id, or besides the others. What Drydock has
    /// built in is not kept: a registry that goes back to it has no profile of its own.
    ///
    /// # Errors
    /// `Invalid` for a text that is no profile, and for one profile too many.
    pub async fn keep_profile(&self, caller: &Caller, registry: &str, text: &str) -> Answer<()> {
        let operation = Operation::ChangeCompliance;
        self.authorise(caller, operation, registry).await?;
        let invalid = |why: String| WorkflowError::Invalid {
            field: "profile".into(),
            why,
        };
        let profile = Profile::from_text(text).map_err(|error| invalid(error.to_string()))?;
        let (ledger, now) = (&self.inner.ledger, self.inner.clock.now());
        let known = ledger.find_compliance_settings(registry, now).await?;
        let is_new = known.profiles.iter().all(|own| own.id != profile.id);
        if is_new && known.profiles.len() >= MOST_PROFILES {
            let why = format!("this registry has {MOST_PROFILES} profiles of its own already");
            return Err(invalid(why));
        }
        let json = serde_json::to_string(&profile).unwrap_or_default();
        self.change_settings(
            caller,
            registry,
            format!("profile {json}"),
            move |settings| {
                settings.profiles.retain(|known| known.id != profile.id);
                if !Profile::built_in().contains(&profile) {
                    settings.profiles.push(profile);
                }
            },
        )
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
