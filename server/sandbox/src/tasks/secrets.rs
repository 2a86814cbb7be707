//! What of a task's secrets is shown: nothing that could be used.
use serde_json::{Map, Value};

/// How much of the secrets a reader sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// GET and every write: no credentials.
    Plain,
    /// `listDetails`: credentials without their secret values.
    Details,
}

/// Takes the secrets out of a task's `properties`.
pub fn hide_secrets(properties: &mut Map<String, Value>, view: View) {
    match view {
        View::Plain => {
            properties.remove("credentials");
        }
        View::Details => {
            if let Some(credentials) = properties.get_mut("credentials") {
                hide_passwords(credentials);
            }
        }
    }
    if let Some(step) = properties.get_mut("step").and_then(Value::as_object_mut) {
        step.remove("contextAccessToken");
        for list in ["values", "arguments"] {
            let items = step.get_mut(list).and_then(Value::as_array_mut);
            for item in items.into_iter().flatten().filter_map(Value::as_object_mut) {
                if item.get("isSecret") == Some(&Value::Bool(true)) {
                    item.remove("value");
                }
            }
        }
    }
}

/// Opaque values go; the name of a vault's secret is no secret.
fn hide_passwords(credentials: &mut Value) {
    match credentials {
        Value::Object(members) => {
            if members.get("type").and_then(Value::as_str) == Some("Opaque") {
                members.remove("value");
            }
            members.values_mut().for_each(hide_passwords);
        }
        Value::Array(items) => items.iter_mut().for_each(hide_passwords),
        _ => {}
    }
}
