//! Which resource a path names. Fixed words are compared without case; names come as written.

/// A resource of the sandbox, or a collection of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resource {
    Tenants,
    Subscriptions,
    Subscription,
    /// `/subscriptions/{s}/resources`
    Resources,
    Groups,
    Group,
    /// `/subscriptions/{s}/providers/{namespace}`
    Provider(String),
    /// Of the subscription, or of the group.
    Registries,
    CheckNameAvailability,
    /// `…/locations/{location}/operationResults/{id}`
    OperationResult(String),
    Deployments,
    Deployment(String),
    ValidateDeployment(String),
    CancelDeployment(String),
    WhatIfDeployment(String),
    /// `/subscriptions/{s}/operationresults/{id}`: of a what-if.
    WhatIfResult(String),
    DeploymentStatus(String, String),
    DeploymentOperations(String),
    /// Something below `registries/{name}`.
    InRegistry(String, InRegistry),
    /// `{scope}/providers/Microsoft.Authorization/roleAssignments`
    RoleAssignments(String),
    RoleAssignment(String, String),
    /// `{scope}/providers/Microsoft.Authorization/permissions`
    Permissions(String),
    /// `{scope}/providers/Microsoft.Authorization/roleDefinitions`
    RoleDefinitions(String),
    RoleDefinition(String, String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InRegistry {
    Itself,
    Usages,
    Credentials,
    CacheRules,
    CacheRule(String),
    /// Of whatever was begun with the rule of this name.
    CacheRuleStatus(String),
    /// Credential sets, agent pools, task runs: the sandbox has none.
    Unused,
    Tasks,
    Task(String),
    TaskDetails(String),
    ImportImage,
    ScheduleRun,
    UploadUrl,
    Runs,
    Run(String),
    CancelRun(String),
    LogLink(String),
}

/// A resource, with the subscription and the resource group that the path names before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub subscription: Option<String>,
    pub resource_group: Option<String>,
    pub resource: Resource,
}

impl Target {
    /// `path` with its percent-encoding taken off; `None` when nothing of ours has this shape.
    pub fn parse(path: &str) -> Option<Self> {
        let segments: Vec<&str> = path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .collect();
        if let Some((at, resource)) = authorization(&segments) {
            let mut target = scope_of(&segments[..at]);
            target.resource = resource;
            return Some(target);
        }
        let lower: Vec<String> = segments
            .iter()
            .map(|segment| segment.to_ascii_lowercase())
            .collect();
        let words: Vec<&str> = lower.iter().map(String::as_str).collect();
        let rest_at = match words[..] {
            [
                "subscriptions",
                _,
                "resourcegroups",
                _,
                "providers",
                "microsoft.containerregistry",
                ..,
            ] => 6,
            [
                "subscriptions",
                _,
                "providers",
                "microsoft.containerregistry",
                _,
                ..,
            ] => 4,
            _ => 0,
        };
        if let Some(resource) = deployment(&segments, &words) {
            return Some(Self {
                resource,
                ..scope_of(&segments)
            });
        }
        let resource = match words[..] {
            ["tenants"] => Resource::Tenants,
            ["subscriptions"] => Resource::Subscriptions,
            ["subscriptions", _] => Resource::Subscription,
            ["subscriptions", _, "resources"] => Resource::Resources,
            ["subscriptions", _, "operationresults", _] => {
                Resource::WhatIfResult(segments[3].to_owned())
            }
            ["subscriptions", _, "resourcegroups"] => Resource::Groups,
            ["subscriptions", _, "resourcegroups", _] => Resource::Group,
            ["subscriptions", _, "providers", _] => Resource::Provider(segments[3].to_owned()),
            _ if rest_at > 0 => {
                registry_resource(&segments[rest_at..], &words[rest_at..], rest_at == 6)?
            }
            _ => return None,
        };
        Some(Self {
            resource,
            ..scope_of(&segments)
        })
    }
}

/// Role assignments hang below any scope, so they are found from the end.
fn authorization(segments: &[&str]) -> Option<(usize, Resource)> {
    let is = |at: usize, word: &str| {
        segments
            .get(at)
            .is_some_and(|segment| segment.eq_ignore_ascii_case(word))
    };
    let at = (0..segments.len())
        .rev()
        .find(|at| is(*at, "providers") && is(at + 1, "Microsoft.Authorization"))?;
    let scope = format!("/{}", segments[..at].join("/"));
    let resource = match segments[at + 2..] {
        [kind] if kind.eq_ignore_ascii_case("roleAssignments") => Resource::RoleAssignments(scope),
        [kind] if kind.eq_ignore_ascii_case("permissions") => Resource::Permissions(scope),
        [kind, name] if kind.eq_ignore_ascii_case("roleAssignments") => {
            Resource::RoleAssignment(scope, name.to_owned())
        }
        [kind] if kind.eq_ignore_ascii_case("roleDefinitions") => Resource::RoleDefinitions(scope),
        [kind, name] if kind.eq_ignore_ascii_case("roleDefinitions") => {
            Resource::RoleDefinition(scope, name.to_owned())
        }
        _ => return None,
    };
    Some((at, resource))
}

/// Below the resource group, with or without the provider in between.
fn deployment(segments: &[&str], words: &[&str]) -> Option<Resource> {
    let at = match words {
        ["subscriptions", _, "resourcegroups", _, "deployments", ..] => 5,
        [
            "subscriptions",
            _,
            "resourcegroups",
            _,
            "providers",
            "microsoft.resources",
            "deployments",
            ..,
        ] => 7,
        _ => return None,
    };
    let name = |offset: usize| segments[at + offset].to_owned();
    Some(match &words[at..] {
        [] => Resource::Deployments,
        [_] => Resource::Deployment(name(0)),
        [_, "validate"] => Resource::ValidateDeployment(name(0)),
        [_, "cancel"] => Resource::CancelDeployment(name(0)),
        [_, "whatif"] => Resource::WhatIfDeployment(name(0)),
        [_, "operations"] => Resource::DeploymentOperations(name(0)),
        [_, "operationstatuses", _] => Resource::DeploymentStatus(name(0), name(2)),
        _ => return None,
    })
}

fn registry_resource(segments: &[&str], words: &[&str], in_group: bool) -> Option<Resource> {
    let name = |at: usize| segments[at].to_owned();
    match words {
        ["registries"] => return Some(Resource::Registries),
        ["locations", _, "operationresults", _] => {
            return Some(Resource::OperationResult(segments[3].to_owned()));
        }
        ["checknameavailability"] => return Some(Resource::CheckNameAvailability),
        _ => {}
    }
    let resource = match words {
        _ if !in_group => return None,
        ["registries", _] => InRegistry::Itself,
        ["registries", _, "listusages"] => InRegistry::Usages,
        ["registries", _, "listcredentials"] => InRegistry::Credentials,
        ["registries", _, "cacherules"] => InRegistry::CacheRules,
        ["registries", _, "cacherules", _] => InRegistry::CacheRule(name(3)),
        ["registries", _, "cacherules", _, "operationstatuses", _] => {
            InRegistry::CacheRuleStatus(name(3))
        }
        [
            "registries",
            _,
            "credentialsets" | "agentpools" | "taskruns",
        ] => InRegistry::Unused,
        ["registries", _, "importimage"] => InRegistry::ImportImage,
        ["registries", _, "schedulerun"] => InRegistry::ScheduleRun,
        ["registries", _, "listbuildsourceuploadurl"] => InRegistry::UploadUrl,
        ["registries", _, "tasks"] => InRegistry::Tasks,
        ["registries", _, "tasks", _] => InRegistry::Task(name(3)),
        ["registries", _, "tasks", _, "listdetails"] => InRegistry::TaskDetails(name(3)),
        ["registries", _, "runs"] => InRegistry::Runs,
        ["registries", _, "runs", _] => InRegistry::Run(name(3)),
        ["registries", _, "runs", _, "cancel"] => InRegistry::CancelRun(name(3)),
        ["registries", _, "runs", _, "listlogsasurl"] => InRegistry::LogLink(name(3)),
        _ => return None,
    };
    Some(Resource::InRegistry(name(1), resource))
}

fn scope_of(segments: &[&str]) -> Target {
    let after = |word: &str, at: usize| {
        let named = segments
            .get(at)
            .is_some_and(|segment| segment.eq_ignore_ascii_case(word));
        segments
            .get(at + 1)
            .filter(|_| named)
            .map(|name| (*name).to_owned())
    };
    Target {
        subscription: after("subscriptions", 0),
        resource_group: after("resourceGroups", 2),
        resource: Resource::Subscriptions,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expected: Option<Resource>) {
        assert_eq!(
            Target::parse(path).map(|target| target.resource),
            expected,
            "{path}"
        );
    }

    #[test]
    fn paths_are_read_without_case_and_names_as_written() {
        let registry = "/SUBSCRIPTIONS/s/resourcegroups/g/Providers/microsoft.containerregistry/REGISTRIES/Reg";
        let inside = |rest: &str, resource: InRegistry| {
            check(
                &format!("{registry}{rest}"),
                Some(Resource::InRegistry("Reg".to_owned(), resource)),
            );
        };
        inside("", InRegistry::Itself);
        inside("/", InRegistry::Itself);
        inside("/ScheduleRun", InRegistry::ScheduleRun);
        inside("/tasks/My-Task", InRegistry::Task("My-Task".to_owned()));
        inside(
            "/runs/ca1/listLogSasUrl",
            InRegistry::LogLink("ca1".to_owned()),
        );
        check("/subscriptions", Some(Resource::Subscriptions));
        check(
            "/subscriptions/s/providers/Microsoft.ContainerRegistry/registries",
            Some(Resource::Registries),
        );
        check(
            "/subscriptions/s/providers/Microsoft.ContainerRegistry/registries/r",
            None,
        );
        check(&format!("{registry}/webhooks"), None);
        check("/providers", None);
    }

    #[test]
    fn role_assignments_hang_below_any_scope() {
        let scope =
            "/subscriptions/s/resourcegroups/g/providers/Microsoft.ContainerRegistry/registries/r";
        let list = format!("{scope}/providers/microsoft.authorization/roleassignments");
        check(&list, Some(Resource::RoleAssignments(scope.to_owned())));
        check(
            &format!("{list}/n"),
            Some(Resource::RoleAssignment(scope.to_owned(), "n".to_owned())),
        );
        let target = Target::parse(&list).unwrap();
        assert_eq!(
            (
                target.subscription.as_deref(),
                target.resource_group.as_deref()
            ),
            (Some("s"), Some("g"))
        );
        let permissions = "/subscriptions/s/providers/Microsoft.Authorization/permissions";
        check(
            permissions,
            Some(Resource::Permissions("/subscriptions/s".to_owned())),
        );
    }
}
