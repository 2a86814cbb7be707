//! Evaluates the expressions of a template, and the functions that ask about its surroundings.
use super::expression::Expression;
use super::functions::{plain, pure, text, wrong_arguments};
use super::resource_path::{provider_path, split_at_kind};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What an expression can ask about.
pub struct Context {
    pub subscription_id: String,
    pub tenant_id: String,
    /// `resourceGroup()`: `id`, `name`, `location`, …
    pub resource_group: Value,
    pub deployment: String,
    /// By name in lower case: names are compared without case.
    pub parameters: BTreeMap<String, Value>,
    /// As written: they are evaluated where they are used.
    pub variables: BTreeMap<String, Value>,
    /// Resources that `reference()` may name, by id in lower case; those of this template are
    /// here once they have been made.
    pub resources: BTreeMap<String, Value>,
}

/// A template that cannot be used, in words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TemplateError(pub String);

pub type Evaluated = Result<Value, TemplateError>;

impl Context {
    /// Evaluates every expression in a value; everything else stays as it is.
    pub fn evaluate_all(&self, value: &Value) -> Evaluated {
        Ok(match value {
            Value::String(text) => match Expression::parse(text) {
                Some(parsed) => {
                    let parsed = parsed.map_err(|error| TemplateError(error.to_string()))?;
                    self.evaluate(&parsed)?
                }
                None => unescaped(text).into(),
            },
            Value::Array(items) => {
                let items = items.iter().map(|item| self.evaluate_all(item));
                Value::Array(items.collect::<Result<_, _>>()?)
            }
            Value::Object(members) => {
                let member = |(name, value): (&String, &Value)| {
                    Ok((name.clone(), self.evaluate_all(value)?))
                };
                let members: Result<Map<String, Value>, TemplateError> =
                    members.iter().map(member).collect();
                members?.into()
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        })
    }

    /// Evaluates what can be evaluated; an expression that asks for what is not there stays as it is
    /// written.
    pub fn evaluate_known(&self, value: &Value) -> Value {
        match value {
            Value::Array(items) => items.iter().map(|item| self.evaluate_known(item)).collect(),
            Value::Object(members) => {
                let known =
                    |(name, value): (&String, &Value)| (name.clone(), self.evaluate_known(value));
                Value::Object(members.iter().map(known).collect())
            }
            scalar => self.evaluate_all(scalar).unwrap_or_else(|_| scalar.clone()),
        }
    }

    pub fn evaluate(&self, expression: &Expression) -> Evaluated {
        match expression {
            Expression::Text(text) => Ok(text.clone().into()),
            Expression::Number(number) => Ok((*number).into()),
            Expression::Member(of, name) => member(&self.evaluate(of)?, name),
            Expression::Index(of, index) => match self.evaluate(index)? {
                Value::String(name) => member(&self.evaluate(of)?, &name),
                index => {
                    let of = self.evaluate(of)?;
                    let item = index.as_u64().and_then(|index| of.get(index as usize));
                    item.cloned().ok_or_else(|| {
                        TemplateError(format!("the index {index} is outside of {of}"))
                    })
                }
            },
            Expression::Call {
                function,
                arguments,
            } => self.call(function, arguments),
        }
    }

    fn call(&self, function: &str, arguments: &[Expression]) -> Evaluated {
        let lower = function.to_ascii_lowercase();
        // Only the branch that is taken is evaluated: the other may ask for what is not there.
        if lower == "if" {
            let [condition, then, otherwise] = arguments else {
                return Err(wrong_arguments(function, "a condition and two values"));
            };
            let branch = if self.evaluate(condition)? == Value::Bool(true) {
                then
            } else {
                otherwise
            };
            return self.evaluate(branch);
        }
        let values: Result<Vec<Value>, _> =
            arguments.iter().map(|value| self.evaluate(value)).collect();
        let values = values?;
        match (lower.as_str(), values.as_slice()) {
            ("parameters", [name]) => find(&self.parameters, "parameter", name),
            ("variables", [name]) => self.evaluate_all(&find(&self.variables, "variable", name)?),
            ("reference", [id, ..]) => self.reference(id, &values[1..]),
            ("resourceid", _) => self.resource_id(&values),
            ("subscriptionresourceid", _) => self.subscription_resource_id(&values),
            ("extensionresourceid", [scope, kind, names @ ..]) => {
                let scope = text(function, scope)?;
                Ok(format!("{scope}{}", provider_path(function, kind, names)?).into())
            }
            ("resourcegroup", []) => Ok(self.resource_group.clone()),
            ("subscription", []) => Ok(json!({
                "id": format!("/subscriptions/{}", self.subscription_id),
                "subscriptionId": self.subscription_id,
                "tenantId": self.tenant_id,
            })),
            ("tenant", []) => Ok(json!({"tenantId": self.tenant_id})),
            ("deployment", []) => Ok(json!({"name": self.deployment})),
            _ => pure(function, &values),
        }
    }

    /// `reference(id, [api-version], ['Full'])`: the properties, or the whole resource.
    fn reference(&self, id: &Value, options: &[Value]) -> Evaluated {
        let id = text("reference", id)?;
        let resource = self.resources.get(&id.to_ascii_lowercase());
        let resource =
            resource.ok_or_else(|| TemplateError(format!("the resource '{id}' is not there")))?;
        let is_full = options.iter().any(|option| {
            option
                .as_str()
                .is_some_and(|it| it.eq_ignore_ascii_case("full"))
        });
        Ok(if is_full {
            resource.clone()
        } else {
            resource["properties"].clone()
        })
    }

    /// `resourceId([subscription], [group], type, name…)`
    fn resource_id(&self, values: &[Value]) -> Evaluated {
        let function = "resourceId";
        let (before, kind, names) = split_at_kind(function, values)?;
        let own = self.resource_group["name"].as_str().unwrap_or_default();
        let (subscription, group) = match before {
            [] => (self.subscription_id.as_str(), own),
            [group] => (self.subscription_id.as_str(), text(function, group)?),
            [subscription, group] => (text(function, subscription)?, text(function, group)?),
            _ => return Err(wrong_arguments(function, "a type and its names")),
        };
        let path = provider_path(function, kind, names)?;
        Ok(format!("/subscriptions/{subscription}/resourceGroups/{group}{path}").into())
    }

    fn subscription_resource_id(&self, values: &[Value]) -> Evaluated {
        let function = "subscriptionResourceId";
        let (before, kind, names) = split_at_kind(function, values)?;
        let subscription = match before {
            [] => self.subscription_id.as_str(),
            [subscription] => text(function, subscription)?,
            _ => return Err(wrong_arguments(function, "a type and its names")),
        };
        let path = provider_path(function, kind, names)?;
        Ok(format!("/subscriptions/{subscription}{path}").into())
    }
}

fn find(named: &BTreeMap<String, Value>, what: &str, name: &Value) -> Evaluated {
    let name = plain(name);
    let found = named.get(&name.to_ascii_lowercase());
    found
        .cloned()
        .ok_or_else(|| TemplateError(format!("The template {what} '{name}' is not found.")))
}

fn member(of: &Value, name: &str) -> Evaluated {
    let members = of.as_object();
    let found = members.and_then(|members| {
        let mut members = members.iter();
        members.find(|(known, _)| known.eq_ignore_ascii_case(name))
    });
    match found {
        Some((_, value)) => Ok(value.clone()),
        None => {
            let known: Vec<&str> = members
                .into_iter()
                .flat_map(|members| members.keys())
                .map(String::as_str)
                .collect();
            Err(TemplateError(format!(
                "The language expression property '{name}' doesn't exist, available properties are '{}'.",
                known.join(", ")
            )))
        }
    }
}

/// `[[x]` stands for `[x]`.
fn unescaped(text: &str) -> &str {
    match text.strip_prefix('[') {
        Some(inner) if inner.starts_with('[') && text.ends_with(']') => inner,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expression: &str, expected: Result<Value, &str>) {
        let context = Context {
            subscription_id: "s".to_owned(),
            tenant_id: "t".to_owned(),
            resource_group: json!({"name": "g", "location": "local"}),
            deployment: "d".to_owned(),
            parameters: BTreeMap::from([("acrname".to_owned(), json!("reg"))]),
            variables: BTreeMap::from([("greeting".to_owned(), json!("[concat('hi ', 'you')]"))]),
            resources: BTreeMap::from([(
                "/r/one".to_owned(),
                json!({"identity": {"principalId": "p"}, "properties": {"a": [1, 2]}}),
            )]),
        };
        let found = context.evaluate_all(&expression.into());
        match (found, expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{expression}"),
            (Err(error), Err(part)) => assert!(error.0.contains(part), "{error}"),
            (found, _) => panic!("{expression}: {found:?}"),
        }
    }

    #[test]
    fn each_function_is_what_it_is_in_azure() {
        for (expression, expected) in [
            ("text", json!("text")),
            ("[[text]", json!("[text]")),
            ("[PARAMETERS('ACRNAME')]", json!("reg")),
            ("[variables('greeting')]", json!("hi you")),
            ("[format('{1}/{0} {{}}', 'a', 2)]", json!("2/a {}")),
            ("[resourceGroup().location]", json!("local")),
            (
                "[resourceId('N.s/registries/tasks', 'reg', 'task')]",
                json!("/subscriptions/s/resourceGroups/g/providers/N.s/registries/reg/tasks/task"),
            ),
            (
                "[resourceId('other', 'N.s/registries', 'reg')]",
                json!("/subscriptions/s/resourceGroups/other/providers/N.s/registries/reg"),
            ),
            (
                "[subscriptionResourceId('N.s/roleDefinitions', 'x')]",
                json!("/subscriptions/s/providers/N.s/roleDefinitions/x"),
            ),
            (
                "[extensionResourceId('/scope', 'N.s/locks', 'x')]",
                json!("/scope/providers/N.s/locks/x"),
            ),
            (
                "[reference('/R/ONE', '2019-06-01-preview', 'full').identity.principalId]",
                json!("p"),
            ),
            ("[reference('/r/one').a[1]]", json!(2)),
            (
                "[if(empty(''), 'yes', reference('/nowhere'))]",
                json!("yes"),
            ),
            ("[and(true(), not(equals(1, 2)))]", json!(true)),
        ] {
            check(expression, Ok(expected));
        }
    }

    #[test]
    fn a_guid_is_the_uuid_of_its_joined_arguments() {
        // As `uuid.uuid5(UUID("11fb06fb-…"), "a-b-c")` of Python has it.
        check(
            "[guid('a', 'b', 'c')]",
            Ok(json!("a98fa280-e03f-5afa-8d8e-92d0a9c201e8")),
        );
        check(
            "[guid('a-b', 'c')]",
            Ok(json!("a98fa280-e03f-5afa-8d8e-92d0a9c201e8")),
        );
    }

    #[test]
    fn what_cannot_be_evaluated_is_named() {
        for (expression, part) in [
            (
                "[copyIndex()]",
                "'copyIndex' is not one that the sandbox knows",
            ),
            ("[guid()]", "'guid' is not used right"),
            (
                "[parameters('x')]",
                "The template parameter 'x' is not found",
            ),
            ("[reference('/r/two')]", "'/r/two' is not there"),
            ("[reference('/r/one').b]", "property 'b' doesn't exist"),
            (
                "[resourceId('N.s/a/b', 'one')]",
                "has 2 levels, and 1 names",
            ),
            ("[format('{1}', 'a')]", "asks for more than the 1 arguments"),
            ("[concat(]", "expected a name"),
        ] {
            check(expression, Err(part));
        }
    }
}
