use super::{AUTHORIZATION, ArmClient, Permission, RegistryId, RoleAssignment};
use crate::AzureError;
use crate::wire::Call;
use azure_core::http::Method;
use serde_json::json;
use uuid::Uuid;

/// Namespace of our role assignments' names, made once for this purpose.
const NAMESPACE: Uuid = Uuid::from_u128(0x6f0e_6a53_1c1d_4a57_9d4e_27a9_30c5_8e11);

impl ArmClient {
    /// Assignments of one principal at, above and below the registry.
    pub async fn list_role_assignments(
        &self,
        registry: &RegistryId,
        principal_id: &str,
    ) -> Result<Vec<RoleAssignment>, AzureError> {
        let filter = format!("principalId eq '{}'", principal_id.replace('\'', "''"));
        let path = format!("{registry}/providers/Microsoft.Authorization/roleAssignments");
        let url = self.url(&path, AUTHORIZATION, &[("$filter", &filter)]);
        self.list(url, "roleAssignments", usize::MAX).await
    }

    /// Assignments at the registry itself, whoever has them.
    pub async fn list_own_role_assignments(
        &self,
        registry: &RegistryId,
    ) -> Result<Vec<RoleAssignment>, AzureError> {
        let path = format!("{registry}/providers/Microsoft.Authorization/roleAssignments");
        let url = self.url(&path, AUTHORIZATION, &[("$filter", "atScope()")]);
        let mut found: Vec<RoleAssignment> = self.list(url, "roleAssignments", usize::MAX).await?;
        // `atScope()` lists the scopes above too: those are somebody else's decisions.
        found.retain(|role| {
            role.properties
                .scope
                .eq_ignore_ascii_case(registry.as_str())
        });
        Ok(found)
    }

    /// What the credential itself may do at the registry, one item for each role it has there.
    pub async fn list_permissions(
        &self,
        registry: &RegistryId,
    ) -> Result<Vec<Permission>, AzureError> {
        let path = format!("{registry}/providers/Microsoft.Authorization/permissions");
        let url = self.url(&path, AUTHORIZATION, &[]);
        self.list(url, "permissions", usize::MAX).await
    }

    /// Gives a task's identity a role on the registry, as [`role_assignment_name`]. The same
    /// assignment under another name is a success, as nothing is left to do.
    pub async fn assign_role(
        &self,
        registry: &RegistryId,
        principal_id: &str,
        role: &str,
    ) -> Result<(), AzureError> {
        let name = role_assignment_name(registry, principal_id, role);
        let url = self.url(&assignment_path(registry, &name), AUTHORIZATION, &[]);
        let body = json!({
            "properties": {
                "roleDefinitionId": format!(
                    "/subscriptions/{}/providers/Microsoft.Authorization/roleDefinitions/{role}",
                    registry.subscription()
                ),
                "principalId": principal_id,
                // Spares the directory lookup that does not find a fresh identity yet.
                "principalType": "ServicePrincipal",
            },
        });
        let call = Call::new(Method::Put, url, "roleAssignments").json(&body);
        match self.wire.send(call).await {
            Ok(_) => Ok(()),
            Err(AzureError::Conflict(failure)) if failure.code == "RoleAssignmentExists" => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Whether there was such an assignment at this registry.
    pub async fn delete_role_assignment(
        &self,
        registry: &RegistryId,
        name: &str,
    ) -> Result<bool, AzureError> {
        let url = self.url(&assignment_path(registry, name), AUTHORIZATION, &[]);
        self.delete(url, "roleAssignments").await
    }
}

fn assignment_path(registry: &RegistryId, name: &str) -> String {
    format!("{registry}/providers/Microsoft.Authorization/roleAssignments/{name}")
}

/// The name under which [`ArmClient::assign_role`] makes an assignment. The principal is part of
/// it: an assignment cannot be moved to another principal, so a
/// task that was deleted and made again, with a new identity, must not meet its old assignment.
pub fn role_assignment_name(registry: &RegistryId, principal_id: &str, role: &str) -> String {
    let key = format!("{registry}|{principal_id}|{role}").to_ascii_lowercase();
    Uuid::new_v5(&NAMESPACE, key.as_bytes()).to_string()
}

/// Namespace of the template function `guid`, which makes a version 5 UUID of its arguments joined
/// by `-`.
const TEMPLATE_NAMESPACE: Uuid = Uuid::from_u128(0x11fb_06fb_712d_4ddd_98c7_e71b_bd58_8830);

/// The name under which the az extension's template gives a task its role. The principal is no
/// part of it, so an assignment that outlives its task blocks the next one made so.
pub fn extension_assignment_name(registry: &RegistryId, task: &str, role: &str) -> String {
    let subscription = registry.subscription();
    // The words between the names as a template writes them, whatever ARM answered with.
    let key = format!(
        "/subscriptions/{subscription}/resourceGroups/{}/providers/Microsoft.ContainerRegistry/\
         registries/{}/tasks/{task}-/subscriptions/{subscription}/providers/\
         Microsoft.Authorization/roleDefinitions/{role}",
        registry.resource_group(),
        registry.name(),
    );
    Uuid::new_v5(&TEMPLATE_NAMESPACE, key.as_bytes()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recreated_identity_gets_an_assignment_of_its_own() {
        let registry = RegistryId::parse(
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/r",
        )
        .unwrap();
        let name = |principal| role_assignment_name(&registry, principal, "role");
        assert_eq!(name("p1"), name("P1"));
        assert_ne!(name("p1"), name("p2"));
    }

    #[test]
    fn the_extension_names_an_assignment_by_its_task_in_any_casing_of_the_fixed_words() {
        let name = |id: &str, task| {
            extension_assignment_name(&RegistryId::parse(id).unwrap(), task, "role")
        };
        let id =
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/r";
        let other = id.replace("resourceGroups", "resourcegroups");
        assert_eq!(name(id, "cssc-scan-image"), name(&other, "cssc-scan-image"));
        assert_ne!(name(id, "cssc-scan-image"), name(id, "cssc-patch-image"));
    }
}
