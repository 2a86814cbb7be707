//! The functions of templates that need nothing but their arguments.
use super::evaluate::{Evaluated, TemplateError};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use uuid::Uuid;

/// The namespace of `guid()`, as Microsoft's reference of template functions gives it.
const GUID_NAMESPACE: Uuid = Uuid::from_u128(0x11fb_06fb_712d_4ddd_98c7_e71b_bd58_8830);

/// Every function, for the message about one that is not.
const FUNCTIONS: [&str; 25] = [
    "and",
    "base64",
    "concat",
    "coalesce",
    "deployment",
    "empty",
    "equals",
    "extensionResourceId",
    "false",
    "format",
    "guid",
    "if",
    "not",
    "null",
    "or",
    "parameters",
    "reference",
    "resourceGroup",
    "resourceId",
    "string",
    "subscription",
    "subscriptionResourceId",
    "tenant",
    "true",
    "variables",
];

/// Functions of their arguments alone.
pub fn pure(function: &str, values: &[Value]) -> Evaluated {
    Ok(match (function.to_ascii_lowercase().as_str(), values) {
        ("concat", [Value::Array(_), ..]) => {
            let arrays = values.iter().filter_map(Value::as_array);
            arrays.flatten().cloned().collect()
        }
        ("concat", _) => values.iter().map(plain).collect::<String>().into(),
        ("format", [pattern, inserts @ ..]) => format(text(function, pattern)?, inserts)?.into(),
        ("guid", [_, ..]) => guid(values).into(),
        ("string", [value]) => plain(value).into(),
        ("base64", [value]) => STANDARD.encode(text(function, value)?).into(),
        ("coalesce", [_, ..]) => {
            let found = values.iter().find(|value| !value.is_null());
            found.cloned().unwrap_or(Value::Null)
        }
        ("empty", [value]) => is_empty(value).into(),
        ("equals", [left, right]) => (left == right).into(),
        ("not", [Value::Bool(flag)]) => (!flag).into(),
        ("and", [_, _, ..]) => values
            .iter()
            .all(|value| *value == Value::Bool(true))
            .into(),
        ("or", [_, _, ..]) => values
            .iter()
            .any(|value| *value == Value::Bool(true))
            .into(),
        ("true", []) => true.into(),
        ("false", []) => false.into(),
        ("null", []) => Value::Null,
        (name, _) => {
            let is_known = FUNCTIONS
                .iter()
                .any(|known| known.eq_ignore_ascii_case(name));
            if is_known {
                return Err(wrong_arguments(function, "other arguments"));
            }
            return Err(TemplateError(format!(
                "The template function '{function}' is not one that the sandbox knows: those are {}",
                FUNCTIONS.join(", ")
            )));
        }
    })
}

/// UUID version 5 of the arguments, joined by hyphens.
fn guid(values: &[Value]) -> String {
    let joined = values.iter().map(plain).collect::<Vec<_>>().join("-");
    Uuid::new_v5(&GUID_NAMESPACE, joined.as_bytes()).to_string()
}

/// `{0}` and `{1}`; doubled braces stand for one.
fn format(pattern: &str, inserts: &[Value]) -> Result<String, TemplateError> {
    let mut text = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(at) = rest.find(['{', '}']) {
        text.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            text.push_str(brace);
            rest = after;
            continue;
        }
        let insert = rest.split_once('}').filter(|_| brace == "{");
        let value = insert.and_then(|(index, _)| inserts.get(index.trim().parse::<usize>().ok()?));
        let (Some((_, after)), Some(value)) = (insert, value) else {
            return Err(TemplateError(format!(
                "format: '{pattern}' asks for more than the {} arguments that it has, or has a brace too many",
                inserts.len()
            )));
        };
        text.push_str(&plain(value));
        rest = after;
    }
    text.push_str(rest);
    Ok(text)
}

pub fn text<'v>(function: &str, value: &'v Value) -> Result<&'v str, TemplateError> {
    value
        .as_str()
        .ok_or_else(|| TemplateError(format!("{function}: {value} is not a text")))
}

/// A text without its quotes; anything else as JSON.
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

pub fn wrong_arguments(function: &str, wanted: &str) -> TemplateError {
    TemplateError(format!(
        "The template function '{function}' is not used right: it takes {wanted}."
    ))
}
