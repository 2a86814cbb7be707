//! Reads a template: its parameters, and its resources in the order in which they can be made.
use super::evaluate::{Context, TemplateError};
use super::expression::Expression;
use super::resource_path::resource_path;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// What a template asks for.
#[derive(Debug)]
pub struct Plan {
    /// In an order in which each comes after what it depends on.
    pub resources: Vec<Planned>,
    pub outputs: Map<String, Value>,
    /// As ARM shows them: `{"acrName": {"type": "String", "value": "reg"}}`.
    pub parameters: Value,
    pub template_hash: String,
}

/// One resource of a template.
#[derive(Debug)]
pub struct Planned {
    pub id: String,
    pub kind: String,
    /// `registry/task`.
    pub name: String,
    pub api_version: String,
    /// As written; its expressions are evaluated when it is made.
    pub body: Value,
    /// Ids of what it comes after: of `dependsOn`, and of `reference()` within the template.
    pub depends_on: Vec<String>,
}

impl Plan {
    /// Reads the body of a deployment, and puts its parameters and variables into the context.
    pub fn read(body: &Value, context: &mut Context) -> Result<Self, TemplateError> {
        let properties = &body["properties"];
        let template = &properties["template"];
        if !template.is_object() {
            return Err(TemplateError(
                "the deployment has no template in it; the sandbox fetches none from a link"
                    .to_owned(),
            ));
        }
        let parameters = read_parameters(template, &properties["parameters"], context)?;
        for (name, value) in members(&template["variables"]) {
            let name = name.to_ascii_lowercase();
            context.variables.insert(name, value.clone());
        }
        let Some(resources) = template["resources"].as_array() else {
            return Err(TemplateError(
                "the template's resources are not a list".to_owned(),
            ));
        };
        let mut planned = Vec::new();
        for resource in resources {
            if let Some(resource) = Planned::read(resource, context)? {
                planned.push(resource);
            }
        }
        link(&mut planned, context)?;
        let hash = Sha256::digest(template.to_string());
        let hash = hash[..8]
            .iter()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        Ok(Self {
            resources: in_order(planned)?,
            outputs: template["outputs"].as_object().cloned().unwrap_or_default(),
            parameters,
            template_hash: hash.to_string(),
        })
    }
}

const FOR_THE_TEMPLATE: [&str; 7] = [
    "type",
    "name",
    "apiVersion",
    "dependsOn",
    "scope",
    "condition",
    "comments",
];

impl Planned {
    /// `None` when its condition does not hold.
    fn read(resource: &Value, context: &Context) -> Result<Option<Self>, TemplateError> {
        if let Some(condition) = resource.get("condition")
            && context.evaluate_all(condition)? == Value::Bool(false)
        {
            return Ok(None);
        }
        let text = |member: &str| -> Result<String, TemplateError> {
            match context.evaluate_all(&resource[member])? {
                Value::String(text) if !text.is_empty() => Ok(text),
                _ => Err(TemplateError(format!(
                    "a resource of the template has no '{member}'"
                ))),
            }
        };
        let (kind, name) = (text("type")?, text("name")?);
        let group = context.resource_group["id"].as_str().unwrap_or_default();
        let scope = match resource.get("scope") {
            None | Some(Value::Null) => group.to_owned(),
            Some(_) => match text("scope")? {
                absolute if absolute.starts_with('/') => absolute,
                relative => format!("{group}/providers/{relative}"),
            },
        };
        Ok(Some(Self {
            id: format!("{scope}{}", resource_path(&kind, &[&name])?),
            api_version: text("apiVersion")?,
            kind,
            name,
            body: resource.clone(),
            depends_on: Vec::new(),
        }))
    }

    /// What is sent to make it.
    pub fn evaluate(&self, context: &Context) -> Result<Value, TemplateError> {
        let evaluate =
            |(member, value): (&String, &Value)| Ok((member.clone(), context.evaluate_all(value)?));
        let body: Result<Map<String, Value>, TemplateError> = self.sent().map(evaluate).collect();
        Ok(body?.into())
    }

    /// The same, before anything is made: what cannot be evaluated yet stays as it is written.
    pub fn evaluate_known(&self, context: &Context) -> Value {
        let body = self.sent();
        let known = body.map(|(member, value)| (member.clone(), context.evaluate_known(value)));
        Value::Object(known.collect())
    }

    /// What of the body is the resource's own, and not for the template.
    fn sent(&self) -> impl Iterator<Item = (&String, &Value)> {
        members(&self.body).filter(|(member, _)| !FOR_THE_TEMPLATE.contains(&member.as_str()))
    }

    /// The ids that its expressions refer to.
    pub fn references(&self, context: &Context) -> Result<Vec<String>, TemplateError> {
        references(&self.body, context)
    }
}

/// The ids in every `reference(…)` of a value.
pub fn references(value: &Value, context: &Context) -> Result<Vec<String>, TemplateError> {
    let mut ids = Vec::new();
    match value {
        Value::String(text) => {
            if let Some(Ok(expression)) = Expression::parse(text) {
                for arguments in expression.calls("reference") {
                    let id = arguments.first().map(|id| context.evaluate(id));
                    if let Some(Value::String(id)) = id.transpose()? {
                        ids.push(id);
                    }
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                ids.extend(references(item, context)?);
            }
        }
        Value::Object(members) => {
            for member in members.values() {
                ids.extend(references(member, context)?);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
    Ok(ids)
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn read_parameters(
    template: &Value,
    given: &Value,
    context: &mut Context,
) -> Result<Value, TemplateError> {
    let definitions = &template["parameters"];
    for (name, _) in members(given) {
        if !members(definitions).any(|(known, _)| known.eq_ignore_ascii_case(name)) {
            return Err(TemplateError(format!(
                "The following parameters were supplied, but do not correspond to any parameters defined in the template: '{name}'."
            )));
        }
    }
    let mut shown = Map::new();
    for (name, definition) in members(definitions) {
        let given = members(given).find(|(known, _)| known.eq_ignore_ascii_case(name));
        let value = match (given, definition.get("defaultValue")) {
            (Some((_, given)), _) if given.get("value").is_some() => given["value"].clone(),
            (_, Some(default)) => context.evaluate_all(default)?,
            _ => {
                return Err(TemplateError(format!(
                    "The value for the template parameter '{name}' is not provided. Please see https://aka.ms/resource-manager-parameter-files for usage details."
                )));
            }
        };
        let kind = definition["type"].as_str().unwrap_or_default();
        check_type(name, kind, &value)?;
        let is_secret = kind.to_ascii_lowercase().starts_with("secure");
        let mut entry = json!({"type": capitalised(kind)});
        if !is_secret {
            entry["value"] = value.clone();
        }
        shown.insert(uncapitalised(name), entry);
        let name = name.to_ascii_lowercase();
        context.parameters.insert(name, value);
    }
    Ok(shown.into())
}

fn check_type(name: &str, kind: &str, value: &Value) -> Result<(), TemplateError> {
    let fits = match kind.to_ascii_lowercase().as_str() {
        "string" | "securestring" => value.is_string(),
        "int" => value.is_i64(),
        "bool" => value.is_boolean(),
        "array" => value.is_array(),
        "object" | "secureobject" => value.is_object(),
        _ => {
            return Err(TemplateError(format!(
                "The template parameter '{name}' has the type '{kind}', which is none."
            )));
        }
    };
    if fits {
        return Ok(());
    }
    Err(TemplateError(format!(
        "Template parameter JToken type is not valid. Expected '{kind}' for the parameter '{name}'. Please see https://aka.ms/resource-manager-parameter-files for usage details."
    )))
}

/// Fills in what each resource comes after.
fn link(planned: &mut [Planned], context: &Context) -> Result<(), TemplateError> {
    let known: Vec<(String, String)> = planned
        .iter()
        .map(|resource| (resource.id.clone(), resource.name.clone()))
        .collect();
    for resource in planned {
        let named = context.evaluate_all(&resource.body["dependsOn"])?;
        for name in named.as_array().into_iter().flatten() {
            let name = name.as_str().unwrap_or_default();
            let found = known.iter().find(|(id, short)| {
                id.eq_ignore_ascii_case(name) || short.eq_ignore_ascii_case(name)
            });
            let (id, _) = found.ok_or_else(|| {
                TemplateError(format!(
                    "The resource '{}' depends on '{name}', which is not defined in the template. Please see https://aka.ms/arm-syntax for usage details.",
                    resource.id
                ))
            })?;
            resource.depends_on.push(id.clone());
        }
        for reference in resource.references(context)? {
            let found = known
                .iter()
                .find(|(id, _)| id.eq_ignore_ascii_case(&reference));
            if let Some((id, _)) = found {
                resource.depends_on.push(id.clone());
            }
        }
    }
    Ok(())
}

/// Each after what it depends on, otherwise as written.
fn in_order(mut planned: Vec<Planned>) -> Result<Vec<Planned>, TemplateError> {
    let mut ordered = Vec::with_capacity(planned.len());
    let mut made = BTreeSet::new();
    while !planned.is_empty() {
        let is_ready = |resource: &Planned| resource.depends_on.iter().all(|id| made.contains(id));
        let Some(next) = planned.iter().position(is_ready) else {
            let ids: Vec<&str> = planned.iter().map(|left| left.id.as_str()).collect();
            return Err(TemplateError(format!(
                "Circular dependency detected on resource: '{}'. Please see https://aka.ms/arm-syntax-resources for usage details.",
                ids.join("', '")
            )));
        };
        let next = planned.remove(next);
        if !made.insert(next.id.clone()) {
            return Err(TemplateError(format!(
                "The resource '{}' is defined multiple times in a template. Please see https://aka.ms/arm-syntax-resources for usage details.",
                next.id
            )));
        }
        ordered.push(next);
    }
    Ok(ordered)
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

fn uncapitalised(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

#[cfg(test)]
#[path = "template_tests.rs"]
mod tests;
