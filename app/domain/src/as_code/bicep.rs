//! Bicep, for a resource group.
use super::{
    API_VERSION, TASKS_CONTRIBUTOR, TIMER, TaskText, WorkflowText, comment, push_commands,
};

/// A template of the three tasks and the two role assignments.
pub fn bicep(workflow: &WorkflowText<'_>) -> String {
    let mut out = String::new();
    comment(
        &mut out,
        "//",
        "Continuous patching. Push the policy first:",
    );
    comment(&mut out, "//", &push_commands(workflow));
    out.push_str("targetScope = 'resourceGroup'\n\n");
    out.push_str("var tasksContributor = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '");
    out.push_str(TASKS_CONTRIBUTOR);
    out.push_str("')\n\nresource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' existing = {\n  name: ");
    out.push_str(&quote(workflow.registry));
    out.push_str("\n}\n");
    for task in &workflow.tasks {
        write_task(&mut out, task, workflow.cron);
        if task.has_identity() {
            write_role(&mut out, task);
        }
    }
    out
}

fn write_task(out: &mut String, task: &TaskText<'_>, cron: &str) {
    let symbol = task.symbol();
    out.push_str(&format!(
        "\nresource {symbol} 'Microsoft.ContainerRegistry/registries/tasks@{API_VERSION}' = {{\n  \
         parent: registry\n  name: {}\n  location: registry.location\n  tags: {{\n",
        quote(task.name.as_str())
    ));
    for tag in task.tags() {
        out.push_str("    ");
        out.push_str(tag);
        out.push_str(": 'true'\n");
    }
    out.push_str("  }\n");
    if task.has_identity() {
        out.push_str("  identity: {\n    type: 'SystemAssigned'\n  }\n");
    }
    out.push_str(
        "  properties: {\n    status: 'Enabled'\n    platform: {\n      os: 'linux'\n      \
         architecture: 'amd64'\n    }\n    agentConfiguration: {\n      cpu: 2\n    }\n    \
         timeout: 3600\n    isSystemTask: false\n    step: {\n      type: 'EncodedTask'\n      \
         encodedTaskContent: base64(",
    );
    out.push_str(&verbatim(task.yaml));
    out.push_str(")\n      values: []\n    }\n");
    if symbol == "trigger" {
        out.push_str(&format!(
            "    trigger: {{\n      timerTriggers: [\n        {{\n          name: '{TIMER}'\n          \
             schedule: {}\n        }}\n      ]\n    }}\n",
            quote(cron)
        ));
    }
    out.push_str("  }\n}\n");
}

fn write_role(out: &mut String, task: &TaskText<'_>) {
    let symbol = task.symbol();
    out.push_str(&format!(
        "\nresource {symbol}Role 'Microsoft.Authorization/roleAssignments@2022-04-01' = {{\n  \
         name: guid({symbol}.id, tasksContributor)\n  scope: registry\n  properties: {{\n    \
         roleDefinitionId: tasksContributor\n    principalId: {symbol}.identity.principalId\n    \
         principalType: 'ServicePrincipal'\n  }}\n}}\n"
    ));
}

/// A text of several lines as it is, where Bicep can hold it so.
fn verbatim(text: &str) -> String {
    // A quote at the end would run into the closing ones.
    if text.contains("'''") || text.ends_with('\'') {
        return quote(text);
    }
    // The line break after the opening quotes does not count.
    format!("'''\n{text}'''")
}

/// A string in single quotes.
fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('\'');
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\'' => quoted.push_str("\\'"),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '$' if characters.peek() == Some(&'{') => quoted.push_str("\\$"),
            other => quoted.push(other),
        }
    }
    quoted.push('\'');
    quoted
}
