//! A workflow in the words of other tools, as this console would deploy it.
use crate::definitions::{CREATION_ORDER, yaml};
use crate::{Answer, Caller, Workflow};
use drydock_domain::access::Operation;
use drydock_domain::as_code::{TaskText, Tool, WorkflowText, az_command, bicep, terraform};
use drydock_domain::schedule::Schedule;

impl Workflow {
    /// The text for a tool that makes the same workflow. Nothing is deployed; the policy is taken
    /// byte for byte, right or wrong, as the tool would.
    pub async fn write_as_code(
        &self,
        caller: &Caller,
        registry: &str,
        policy_text: &str,
        schedule: Schedule,
        tool: Tool,
    ) -> Answer<String> {
        caller.authorise(Operation::Read)?;
        let room = self.room(caller, registry).await?;
        let group = room.id.resource_group();
        let cron = schedule.to_cron();
        let workflow = WorkflowText {
            registry: &room.registry.name,
            login_server: &room.registry.login_server,
            resource_group: group,
            policy: policy_text,
            cron: &cron,
            tasks: CREATION_ORDER.map(|name| TaskText {
                name,
                yaml: yaml(name),
            }),
        };
        Ok(match tool {
            Tool::Bicep => bicep(&workflow),
            Tool::Terraform => terraform(&workflow),
            Tool::Az => {
                let deployed = room.deployed(self.inner.azure.arm()).await?;
                let exists = deployed.tasks.iter().all(|(_, task)| task.is_some());
                az_command(workflow.registry, group, policy_text, schedule, exists)
            }
        })
    }
}
