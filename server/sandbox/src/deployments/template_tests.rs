use super::*;
use std::collections::BTreeMap;

fn context() -> Context {
    Context {
        subscription_id: "s".to_owned(),
        tenant_id: "t".to_owned(),
        resource_group: json!({"id": "/subscriptions/s/resourceGroups/g", "name": "g", "location": "local"}),
        deployment: "d".to_owned(),
        parameters: BTreeMap::new(),
        variables: BTreeMap::new(),
        resources: BTreeMap::new(),
    }
}

fn read(template: Value, parameters: Value) -> Result<Plan, TemplateError> {
    let body = json!({"properties": {"template": template, "parameters": parameters}});
    Plan::read(&body, &mut context())
}

fn resource(name: &str, rest: Value) -> Value {
    let mut resource = json!({"type": "N.s/things", "apiVersion": "1", "name": name});
    for (member, value) in members(&rest) {
        resource[member] = value.clone();
    }
    resource
}

fn names(plan: &Plan) -> Vec<&str> {
    plan.resources.iter().map(|it| it.name.as_str()).collect()
}

#[test]
fn a_resource_comes_after_what_it_names_and_what_it_refers_to() {
    let template = json!({"resources": [
        resource("c", json!({"dependsOn": ["[resourceId('N.s/things', 'b')]"]})),
        resource("b", json!({"properties": {"x": "[reference(resourceId('N.s/things', 'a')).y]"}})),
        resource("off", json!({"condition": "[false()]"})),
        resource("a", json!({"dependsOn": []})),
        resource("d", json!({"dependsOn": ["c"]})),
    ]});
    let plan = read(template, json!({})).unwrap();
    assert_eq!(names(&plan), ["a", "b", "c", "d"]);
    assert_eq!(
        plan.resources[0].id,
        "/subscriptions/s/resourceGroups/g/providers/N.s/things/a"
    );
}

#[test]
fn a_scope_is_where_a_resource_hangs() {
    let template = json!({"resources": [
        resource("a", json!({"scope": "[format('N.s/registries/{0}', 'r')]"})),
        resource("a", json!({"scope": "/subscriptions/s"})),
    ]});
    let plan = read(template, json!({})).unwrap();
    let ids: Vec<&str> = plan.resources.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "/subscriptions/s/resourceGroups/g/providers/N.s/registries/r/providers/N.s/things/a",
            "/subscriptions/s/providers/N.s/things/a",
        ]
    );
}

#[test]
fn parameters_are_given_or_have_a_default_and_secrets_are_not_shown() {
    let template = json!({
        "parameters": {
            "Name": {"type": "string"},
            "Place": {"type": "string", "defaultValue": "[resourceGroup().location]"},
            "Secret": {"type": "secureString"},
        },
        "resources": [],
    });
    let plan = read(
        template.clone(),
        json!({"name": {"value": "n"}, "Secret": {"value": "x"}}),
    );
    assert_eq!(
        plan.unwrap().parameters,
        json!({
            "name": {"type": "String", "value": "n"},
            "place": {"type": "String", "value": "local"},
            "secret": {"type": "SecureString"},
        })
    );
    for (given, part) in [
        (json!({}), "'Name' is not provided"),
        (
            json!({"Name": {"value": 1}}),
            "Expected 'string' for the parameter 'Name'",
        ),
        (
            json!({"Nam": {"value": "n"}}),
            "do not correspond to any parameters defined in the template: 'Nam'",
        ),
    ] {
        let error = read(template.clone(), given).unwrap_err();
        assert!(error.0.contains(part), "{error}");
    }
}

#[test]
fn a_template_that_cannot_be_carried_out_is_refused() {
    for (template, part) in [
        (json!("x"), "no template"),
        (json!({}), "not a list"),
        (
            json!({"resources": [{"type": "N.s/t", "name": "a"}]}),
            "no 'apiVersion'",
        ),
        (
            json!({"resources": [resource("a/b", json!({}))]}),
            "has 1 levels, and 2 names",
        ),
        (
            json!({"resources": [resource("a", json!({"dependsOn": ["b"]}))]}),
            "depends on 'b', which is not defined in the template",
        ),
        (
            json!({"resources": [resource("a", json!({"dependsOn": ["b"]})), resource("b", json!({"dependsOn": ["a"]}))]}),
            "Circular dependency",
        ),
        (
            json!({"resources": [resource("a", json!({})), resource("A", json!({})), resource("a", json!({}))]}),
            "defined multiple times",
        ),
    ] {
        let error = read(template, json!({})).unwrap_err();
        assert!(error.0.contains(part), "{error}");
    }
}
