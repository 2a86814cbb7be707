//! Role assignments: which principal may do what, where.
use super::files::{FileError, JsonFolder};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

/// One assignment. Ids are kept as written and compared without case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleAssignment {
    pub name: Uuid,
    /// The ARM id of what the role is given on.
    pub scope: String,
    pub role_definition_id: String,
    pub principal_id: String,
    pub principal_type: String,
    pub description: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by: String,
    pub updated_by: String,
}

/// Why an assignment is not made.
#[derive(Debug, thiserror::Error)]
pub enum RoleError {
    /// The principal has the role on the scope under another name.
    #[error("The role assignment already exists. The ID of the existing role assignment is {}.", .0.simple())]
    Exists(Uuid),
    /// The name is taken by an assignment of another principal, role or scope.
    #[error("Tenant ID, application ID, principal ID, and scope are not allowed to be updated.")]
    UpdateNotPermitted,
    #[error(transparent)]
    File(#[from] FileError),
}

/// Roles that allow `registries/scheduleRun/action`: Container Registry Tasks Contributor,
/// Contributor, Owner.
const MAY_SCHEDULE_RUNS: [&str; 3] = [
    "fb382eab-e894-4461-af04-94435c366c3f",
    "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
];

/// Container Registry Repository Reader, Writer, Contributor and Catalog Lister, with what each
/// lets do.
const REPOSITORY_ROLES: [(&str, &[&str]); 4] = [
    (
        "b93aa761-3e63-49ed-ac28-beffa264f7ac",
        &["pull", "metadata_read"],
    ),
    (
        "2a1e307c-b015-4ebd-883e-5b7698a07328",
        &["pull", "push", "metadata_read", "metadata_write"],
    ),
    (
        "2efddaa5-3f1f-4df3-97df-af3f13818f4c",
        &["pull", "push", "delete", "metadata_read", "metadata_write"],
    ),
    ("bfdb9389-c9a5-478a-bb2f-ba9ca092c3c7", &["catalog"]),
];

/// Every assignment of the sandbox, saved as it changes.
pub struct Roles {
    files: JsonFolder<RoleAssignment>,
    assignments: Mutex<BTreeMap<Uuid, RoleAssignment>>,
}

impl Roles {
    pub fn open(directory: &Path) -> Result<Self, FileError> {
        let files = JsonFolder::<RoleAssignment>::open(directory.join("role-assignments"))?;
        let assignments = files.load()?.into_iter();
        Ok(Self {
            assignments: Mutex::new(assignments.map(|role| (role.name, role)).collect()),
            files,
        })
    }

    /// Makes an assignment, or answers the one that is there when it says the same.
    /// The flag tells whether it is new.
    pub fn create(&self, role: RoleAssignment) -> Result<(RoleAssignment, bool), RoleError> {
        let mut assignments = self.lock();
        if let Some(existing) = assignments.get(&role.name) {
            let same = existing.says_the_same_as(&role);
            return if same {
                Ok((existing.clone(), false))
            } else {
                Err(RoleError::UpdateNotPermitted)
            };
        }
        if let Some(existing) = assignments
            .values()
            .find(|other| other.says_the_same_as(&role))
        {
            return Err(RoleError::Exists(existing.name));
        }
        self.files.write(&role.name.to_string(), &role)?;
        assignments.insert(role.name, role.clone());
        Ok((role, true))
    }

    pub fn find(&self, name: Uuid) -> Option<RoleAssignment> {
        self.lock().get(&name).cloned()
    }

    /// Removes an assignment and answers what it was.
    pub fn delete(&self, name: Uuid) -> Result<Option<RoleAssignment>, FileError> {
        let mut assignments = self.lock();
        self.files.delete(&name.to_string())?;
        Ok(assignments.remove(&name))
    }

    pub fn list(&self, wanted: impl Fn(&RoleAssignment) -> bool) -> Vec<RoleAssignment> {
        let assignments = self.lock();
        assignments
            .values()
            .filter(|role| wanted(role))
            .cloned()
            .collect()
    }

    /// Whether a principal may queue runs in the registry `registry_id`.
    pub fn may_schedule_runs(&self, principal_id: &str, registry_id: &str) -> bool {
        self.lock().values().any(|role| {
            let definition = role
                .role_definition_id
                .rsplit('/')
                .next()
                .unwrap_or_default();
            role.principal_id.eq_ignore_ascii_case(principal_id)
                && is_at_or_above(&role.scope, registry_id)
                && MAY_SCHEDULE_RUNS
                    .iter()
                    .any(|role| role.eq_ignore_ascii_case(definition))
        })
    }

    /// What a principal may do in the repositories of a registry in ABAC mode: the actions of the
    /// registry's tokens, and `catalog`.
    pub fn repository_actions(&self, principal_id: &str, registry_id: &str) -> Vec<&'static str> {
        let assignments = self.lock();
        let definitions = assignments.values().filter_map(|role| {
            let fits = role.principal_id.eq_ignore_ascii_case(principal_id)
                && is_at_or_above(&role.scope, registry_id);
            role.role_definition_id.rsplit('/').next().filter(|_| fits)
        });
        let actions = definitions.filter_map(|id| {
            let known = REPOSITORY_ROLES
                .iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(id));
            known.map(|(_, actions)| *actions)
        });
        actions.flatten().copied().collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Uuid, RoleAssignment>> {
        // Each change is one insert or remove: a panic elsewhere leaves the map whole.
        self.assignments
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl RoleAssignment {
    fn says_the_same_as(&self, other: &Self) -> bool {
        self.principal_id.eq_ignore_ascii_case(&other.principal_id)
            && self.scope.eq_ignore_ascii_case(&other.scope)
            && self
                .role_definition_id
                .eq_ignore_ascii_case(&other.role_definition_id)
    }
}

/// Whether a role on `scope` reaches `resource_id`.
pub fn is_at_or_above(scope: &str, resource_id: &str) -> bool {
    let scope = scope.trim_matches('/').to_ascii_lowercase();
    let resource = resource_id.trim_matches('/').to_ascii_lowercase();
    resource
        .strip_prefix(&scope)
        .is_some_and(|rest| scope.is_empty() || rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGISTRY: &str = "/subscriptions/s/resourceGroups/g/providers/P/registries/r";
    const TASKS_CONTRIBUTOR: &str =
        "/providers/x/roleDefinitions/FB382EAB-e894-4461-af04-94435c366c3f";

    fn role(name: u128, principal: &str, scope: &str, definition: &str) -> RoleAssignment {
        RoleAssignment {
            name: Uuid::from_u128(name),
            scope: scope.to_owned(),
            role_definition_id: definition.to_owned(),
            principal_id: principal.to_owned(),
            principal_type: "ServicePrincipal".to_owned(),
            description: None,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
            created_by: String::new(),
            updated_by: String::new(),
        }
    }

    #[test]
    fn an_assignment_is_made_once_and_outlives_the_process() {
        let directory = tempfile::tempdir().unwrap();
        let roles = Roles::open(directory.path()).unwrap();
        let first = role(1, "p", REGISTRY, TASKS_CONTRIBUTOR);
        assert!(roles.create(first.clone()).unwrap().1);
        assert!(!roles.create(first.clone()).unwrap().1);

        let renamed = roles.create(role(2, "P", &REGISTRY.to_uppercase(), TASKS_CONTRIBUTOR));
        let message = renamed.unwrap_err().to_string();
        assert!(
            message.ends_with("is 00000000000000000000000000000001."),
            "{message}"
        );
        let stolen = roles.create(role(1, "other", REGISTRY, TASKS_CONTRIBUTOR));
        assert!(matches!(stolen, Err(RoleError::UpdateNotPermitted)));

        let again = Roles::open(directory.path()).unwrap();
        assert_eq!(again.list(|_| true), std::slice::from_ref(&first));
        assert_eq!(again.delete(first.name).unwrap(), Some(first.clone()));
        assert_eq!(again.delete(first.name).unwrap(), None);
        assert!(
            Roles::open(directory.path())
                .unwrap()
                .list(|_| true)
                .is_empty()
        );
    }

    #[test]
    fn only_a_fitting_role_at_or_above_the_registry_lets_a_principal_queue_runs() {
        for (scope, definition, expected) in [
            (REGISTRY, TASKS_CONTRIBUTOR, true),
            ("/subscriptions/S/resourcegroups/G", TASKS_CONTRIBUTOR, true),
            ("/", TASKS_CONTRIBUTOR, true),
            (
                "/subscriptions/s/resourceGroups/g/providers/P/registries/r2",
                TASKS_CONTRIBUTOR,
                false,
            ),
            (
                "/subscriptions/s/resourceGroups/g/providers/P/registries/",
                TASKS_CONTRIBUTOR,
                true,
            ),
            (
                REGISTRY,
                "/roleDefinitions/7f951dda-4ed3-4680-a7ca-43fe172d538d",
                false,
            ),
        ] {
            let directory = tempfile::tempdir().unwrap();
            let roles = Roles::open(directory.path()).unwrap();
            roles.create(role(1, "p", scope, definition)).unwrap();
            assert_eq!(
                roles.may_schedule_runs("p", REGISTRY),
                expected,
                "{scope} {definition}"
            );
            assert!(!roles.may_schedule_runs("q", REGISTRY));
        }
    }
}
