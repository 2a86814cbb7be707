//! Ids of resources out of a type and its names.
use super::evaluate::TemplateError;
use super::functions::{text, wrong_arguments};
use serde_json::Value;

/// `/providers/Namespace/type/name/type/name`.
pub fn provider_path(
    function: &str,
    kind: &Value,
    names: &[Value],
) -> Result<String, TemplateError> {
    let kind = text(function, kind)?;
    let names: Result<Vec<&str>, _> = names.iter().map(|name| text(function, name)).collect();
    resource_path(kind, &names?)
}

/// The same, of texts. A name may hold those of several levels, `registry/task`.
pub fn resource_path(kind: &str, names: &[&str]) -> Result<String, TemplateError> {
    let mut kinds = kind.split('/');
    let namespace = kinds.next().unwrap_or_default();
    let kinds: Vec<&str> = kinds.collect();
    let names: Vec<&str> = names.iter().flat_map(|name| name.split('/')).collect();
    if kinds.is_empty() || kinds.len() != names.len() {
        return Err(TemplateError(format!(
            "the type '{kind}' has {} levels, and {} names are given: '{}'",
            kinds.len(),
            names.len(),
            names.join("/")
        )));
    }
    let mut path = format!("/providers/{namespace}");
    for (kind, name) in kinds.iter().zip(names) {
        path.push_str(&format!("/{kind}/{name}"));
    }
    Ok(path)
}

/// The type is the first argument with a slash in it.
pub fn split_at_kind<'v>(
    function: &str,
    values: &'v [Value],
) -> Result<(&'v [Value], &'v Value, &'v [Value]), TemplateError> {
    let is_kind = |value: &Value| value.as_str().is_some_and(|text| text.contains('/'));
    let at = values.iter().position(is_kind);
    let at = at.ok_or_else(|| wrong_arguments(function, "a type, such as 'Namespace/type'"))?;
    Ok((&values[..at], &values[at], &values[at + 1..]))
}
