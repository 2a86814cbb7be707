//! What the sandbox's principals may do. The console's is Owner of the subscription; the reader has the
//! roles Reader and AcrPull, so whoever signs in as it sees everything and changes nothing. Roles that the
//! reader is given besides count in ABAC mode alone.
use crate::{State, identity::Identity, tokens::Principal};
use http::Method;

/// What AcrPull grants in every repository, and Reader besides: the listings.
pub(crate) const PULL_ONLY: [&str; 3] = ["pull", "metadata_read", "catalog"];

/// Whether this is the principal that may only read.
pub(crate) fn is_reader(state: &State, principal: &Principal) -> bool {
    principal.object_id == state.identity.reader_object_id.to_string()
}

/// The service principal with this client id and secret.
pub(crate) fn sign_in(identity: &Identity, client_id: &str, secret: &str) -> Option<Principal> {
    let known = [
        (
            identity.client_id,
            identity.object_id,
            &identity.client_secret,
        ),
        (
            identity.reader_client_id,
            identity.reader_object_id,
            &identity.reader_secret,
        ),
    ];
    let found = known
        .iter()
        .find(|(client, _, _)| client_id.eq_ignore_ascii_case(&client.to_string()));
    let (client, object, known_secret) = found?;
    known_secret.matches(secret).then(|| Principal {
        object_id: object.to_string(),
        client_id: Some(client.to_string()),
    })
}

/// Whether there is a service principal with this client id.
pub(crate) fn is_client(identity: &Identity, client_id: &str) -> bool {
    [identity.client_id, identity.reader_client_id]
        .iter()
        .any(|known| client_id.eq_ignore_ascii_case(&known.to_string()))
}

/// What Azure calls a request in its refusals: `Microsoft.ContainerRegistry/registries/tasks/write`.
/// A path alternates types and names behind its last `providers`; that of a POST ends in a verb.
pub(crate) fn action(method: &Method, path: &str) -> String {
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    let provider = segments
        .iter()
        .rposition(|segment| segment.eq_ignore_ascii_case("providers"));
    let (mut action, types) = match provider {
        Some(at) => {
            let namespace = segments.get(at + 1).copied().unwrap_or_default();
            (namespace.to_owned(), segments.get(at + 2..))
        }
        None => ("Microsoft.Resources".to_owned(), segments.get(..)),
    };
    for kind in types.unwrap_or_default().iter().step_by(2) {
        action.push('/');
        action.push_str(kind);
    }
    action.push_str(match *method {
        Method::POST => "/action",
        Method::DELETE => "/delete",
        _ => "/write",
    });
    action
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_named_as_azure_names_it() {
        let registry =
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/r";
        for (method, path, expected) in [
            (
                Method::PUT,
                "/tasks/t",
                "Microsoft.ContainerRegistry/registries/tasks/write",
            ),
            (
                Method::POST,
                "/scheduleRun",
                "Microsoft.ContainerRegistry/registries/scheduleRun/action",
            ),
            (
                Method::DELETE,
                "/providers/Microsoft.Authorization/roleAssignments/a",
                "Microsoft.Authorization/roleAssignments/delete",
            ),
            (
                Method::POST,
                "/runs/dd1/listLogSasUrl",
                "Microsoft.ContainerRegistry/registries/runs/listLogSasUrl/action",
            ),
        ] {
            assert_eq!(action(&method, &format!("{registry}{path}")), expected);
        }
        assert_eq!(
            action(&Method::PUT, "/subscriptions/s/resourceGroups/g"),
            "Microsoft.Resources/subscriptions/resourceGroups/write"
        );
    }
}
