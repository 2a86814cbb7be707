//! Terraform: tasks with azapi, which has them as Azure has them, roles with azurerm.
use super::{API_VERSION, TIMER, TaskText, WorkflowText, comment, push_commands};

const PROVIDERS: &str = r#"terraform {
  required_providers {
    azapi = {
      source  = "Azure/azapi"
      version = "~> 2.0"
    }
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 4.0"
    }
  }
}
"#;

/// A module of the three tasks and the two role assignments.
pub fn terraform(workflow: &WorkflowText<'_>) -> String {
    let mut out = String::new();
    comment(&mut out, "#", "Continuous patching. Push the policy first:");
    comment(&mut out, "#", &push_commands(workflow));
    out.push_str(PROVIDERS);
    out.push_str(&format!(
        "\ndata \"azurerm_container_registry\" \"registry\" {{\n  name                = {}\n  \
         resource_group_name = {}\n}}\n",
        quote(workflow.registry),
        quote(workflow.resource_group)
    ));
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
        "\nresource \"azapi_resource\" \"{symbol}\" {{\n  type      = \
         \"Microsoft.ContainerRegistry/registries/tasks@{API_VERSION}\"\n  parent_id = \
         data.azurerm_container_registry.registry.id\n  name      = {}\n  location  = \
         data.azurerm_container_registry.registry.location\n  tags = {{\n",
        quote(task.name.as_str())
    ));
    for tag in task.tags() {
        out.push_str("    ");
        out.push_str(tag);
        out.push_str(" = \"true\"\n");
    }
    out.push_str("  }\n");
    if task.has_identity() {
        out.push_str("  identity {\n    type = \"SystemAssigned\"\n  }\n");
    }
    out.push_str(
        "  body = {\n    properties = {\n      status = \"Enabled\"\n      platform = {\n        \
         os           = \"linux\"\n        architecture = \"amd64\"\n      }\n      \
         agentConfiguration = {\n        cpu = 2\n      }\n      timeout      = 3600\n      \
         isSystemTask = false\n      step = {\n        type = \"EncodedTask\"\n        \
         encodedTaskContent = base64encode(",
    );
    out.push_str(&heredoc(task.yaml));
    out.push_str(")\n        values = []\n      }\n");
    if symbol == "trigger" {
        out.push_str(&format!(
            "      trigger = {{\n        timerTriggers = [{{\n          name     = \"{TIMER}\"\n          \
             schedule = {}\n        }}]\n      }}\n",
            quote(cron)
        ));
    }
    out.push_str("    }\n  }\n}\n");
}

fn write_role(out: &mut String, task: &TaskText<'_>) {
    let symbol = task.symbol();
    out.push_str(&format!(
        "\nresource \"azurerm_role_assignment\" \"{symbol}\" {{\n  scope                = \
         data.azurerm_container_registry.registry.id\n  role_definition_name = \"Container \
         Registry Tasks Contributor\"\n  principal_id         = \
         azapi_resource.{symbol}.identity[0].principal_id\n  principal_type       = \
         \"ServicePrincipal\"\n}}\n"
    ));
}

/// Whole lines as they are, where Terraform can hold them so; what it would fill in is escaped.
fn heredoc(text: &str) -> String {
    const MARK: &str = "TASK";
    let is_held = text.ends_with('\n')
        && !text.contains('\r')
        && !text.lines().any(|line| line.trim() == MARK);
    if !is_held {
        return quote(text);
    }
    format!("<<{MARK}\n{}{MARK}\n", escape_template(text))
}

fn escape_template(text: &str) -> String {
    text.replace("${", "$${").replace("%{", "%%{")
}

/// A string in double quotes.
fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in escape_template(text).chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
