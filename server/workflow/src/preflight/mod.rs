//! Whether a registry can be patched continuously: everything is read at once, and each line is a
//! pure function of what was read.
mod part_lines;
mod permission_line;
mod policy_lines;
mod registry_lines;
mod repair;

pub(crate) use part_lines::cut_off;
pub(crate) use registry_lines::obstacle;

use crate::policy::artifact;
use crate::registry_room::RegistryRoom;
use crate::state::Deployed;
use crate::{Answer, Caller, Workflow, WorkflowError};
use drydock_azure::{
    AzureError, CacheRule, Permission, RegistryId, RegistryResource, RoleAssignment, Subscription,
};
use drydock_domain::access::Operation;
use drydock_domain::console::{AuditEntry, RegistryTags};
use drydock_domain::preflight::{Check, Line, LineState, Preflight};
use std::fmt::Display;
use std::sync::Arc;

/// What was read; a part that could not be read costs its own lines alone.
pub(crate) struct Facts {
    id: RegistryId,
    login_server: String,
    registry: Result<RegistryResource, AzureError>,
    subscription: Result<Subscription, AzureError>,
    permissions: Result<Vec<Permission>, AzureError>,
    cache_rules: Result<Vec<CacheRule>, AzureError>,
    assignments: Result<Vec<RoleAssignment>, AzureError>,
    deployed: Answer<Deployed>,
    /// The deployed policy's text; `None` where none is deployed.
    policy: Answer<Option<String>>,
    tags: Answer<Arc<RegistryTags>>,
    last_change: Answer<Option<AuditEntry>>,
}

impl Workflow {
    /// Looks at everything that continuous patching of a registry stands on, now.
    pub async fn preflight(&self, caller: &Caller, registry: &str) -> Answer<Preflight> {
        caller.authorise(Operation::Read)?;
        let room = self.whole_room(caller, registry).await?;
        let facts = self.facts(&room).await;
        Ok(Preflight {
            registry: room.registry.clone(),
            lines: Check::ALL.map(|check| facts.line(check)).into(),
            as_of: self.inner.clock.now(),
        })
    }

    async fn facts(&self, room: &RegistryRoom) -> Facts {
        let arm = self.inner.azure.arm();
        let id = &room.id;
        let deployed = async {
            let deployed = room.deployed(arm).await?;
            let policy = match &deployed.policy {
                Some(manifest) => artifact::read(&room.acr, manifest).await.map(Some),
                None => Ok(None),
            };
            Ok::<_, WorkflowError>((deployed, policy))
        };
        let (registry, subscription, permissions, cache_rules, assignments, deployed, tags, last) = tokio::join!(
            arm.get_registry(id),
            arm.get_subscription(id.subscription()),
            arm.list_permissions(id),
            arm.list_cache_rules(id),
            arm.list_own_role_assignments(id),
            deployed,
            self.tags_of(room),
            self.last_change(room),
        );
        let (deployed, policy) = match deployed {
            Ok((deployed, policy)) => (Ok(deployed), policy),
            Err(error) => {
                let why = error.to_string();
                (Err(error), Err(WorkflowError::Unavailable { why }))
            }
        };
        Facts {
            id: id.clone(),
            login_server: room.registry.login_server.clone(),
            registry,
            subscription,
            permissions,
            cache_rules,
            assignments,
            deployed,
            policy,
            tags,
            last_change: last,
        }
    }

    /// The newest entry of a change of a registry's workflow, whoever made it here.
    pub(crate) async fn last_change(&self, room: &RegistryRoom) -> Answer<Option<AuditEntry>> {
        let ledger = &self.inner.ledger;
        let found = ledger
            .find_newest_entry(&room.registry.name, "workflow.")
            .await;
        Ok(found?)
    }
}

impl Facts {
    fn line(&self, check: Check) -> Line {
        match check {
            Check::Tier => self.tier(),
            Check::Offer => self.offer(),
            Check::RoleAssignmentMode => self.role_assignment_mode(),
            Check::Network => self.network(),
            Check::Permissions => self.permissions(),
            Check::LastChange => self.last_change(),
            Check::Tasks => self.tasks(),
            Check::Timer => self.timer(),
            Check::TaskRoles => self.task_roles(),
            Check::Policy => self.policy(),
            Check::CacheRules => self.cache_rules(),
            Check::ImageCount => self.image_count(),
        }
    }
}

fn passed(check: Check, finding: impl Into<String>) -> Line {
    Line {
        check,
        state: LineState::Passed,
        finding: finding.into(),
        remedy: None,
        repair: None,
    }
}

fn warned(check: Check, finding: impl Into<String>, remedy: impl Into<String>) -> Line {
    Line {
        state: LineState::Warned,
        remedy: Some(remedy.into()),
        ..passed(check, finding)
    }
}

fn failed(check: Check, finding: impl Into<String>, remedy: impl Into<String>) -> Line {
    Line {
        state: LineState::Failed,
        ..warned(check, finding, remedy)
    }
}

/// A part that could not be looked at.
fn unknown(check: Check, error: &dyn Display) -> Line {
    Line {
        state: LineState::Unknown,
        ..passed(check, format!("It could not be looked at: {error}."))
    }
}
