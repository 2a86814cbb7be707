//! Recognises the three tasks of continuous patching by the commands in their definitions.
use crate::tasks::run::Order;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use drydock_domain::run::TaskName;

/// Which of the three tasks a definition is; otherwise a sentence that says why the sandbox does
/// not carry it out.
///
/// The sandbox runs no containers: it does natively what these definitions ask their tools for,
/// and must not pretend to have done what another definition asks.
pub fn recognise(task: &str, order: &Order) -> Result<TaskName, String> {
    let Some(named) = TaskName::find(task) else {
        return Err(format!(
            "the sandbox does not carry out the task '{task}': it runs cssc-trigger-workflow, cssc-scan-image and cssc-patch-image"
        ));
    };
    if order.step_type != "EncodedTask" {
        let kind = &order.step_type;
        return Err(format!(
            "the sandbox carries out steps of type EncodedTask, and this one is '{kind}'"
        ));
    }
    let text = decode(order.encoded_content.as_deref().unwrap_or_default())?;
    match commands_of(&text) {
        Some(found) if found == named => Ok(named),
        Some(found) => Err(format!(
            "the definition of '{task}' is that of {}",
            found.as_str()
        )),
        None => Err(format!(
            "the definition of '{task}' is not one of continuous patching: it has none of the commands \
             'acr cssc patch', 'trivy image' with 'az acr task run', or 'copa patch'"
        )),
    }
}

/// The text of a definition that came in base64.
pub fn decode(content: &str) -> Result<String, String> {
    let decoded = STANDARD.decode(content.trim()).ok();
    let text = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    text.ok_or_else(|| "the definition is not text in base64".to_owned())
}

fn commands_of(text: &str) -> Option<TaskName> {
    let commands = normalise(text);
    let has = |command: &str| commands.contains(command);
    if has("copa patch") {
        Some(TaskName::Patch)
    } else if has("acr cssc patch") && has("az acr task run") {
        Some(TaskName::Trigger)
    } else if has("trivy image") && has("az acr task run") {
        Some(TaskName::Scan)
    } else {
        None
    }
}

/// Comments go, continued lines are joined, and every run of blanks becomes one.
pub fn normalise(text: &str) -> String {
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    let words = lines.flat_map(|line| line.split_whitespace().filter(|word| *word != "\\"));
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(task: &str, content: &str, expected: Result<TaskName, &str>) {
        let order = Order {
            step_type: "EncodedTask".to_owned(),
            encoded_content: Some(STANDARD.encode(content)),
            ..Order::default()
        };
        match (recognise(task, &order), expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected),
            (Err(why), Err(part)) => assert!(why.contains(part), "{why}"),
            (found, _) => panic!("{content}: {found:?}"),
        }
    }

    #[test]
    fn a_definition_is_known_by_its_commands_in_any_layout() {
        let trigger = "steps:\r\n  - cmd: cssc acr  cssc \\\r\n      patch --dry-run\r\n  - cmd: az acr task run --name x";
        check("cssc-trigger-workflow", trigger, Ok(TaskName::Trigger));
        let scan = "cmd: trivy image $Registry/x\ncmd: az acr task run";
        check("CSSC-scan-image", scan, Ok(TaskName::Scan));
        check(
            "cssc-patch-image",
            "trivy image x\ncopa patch -i x",
            Ok(TaskName::Patch),
        );
    }

    #[test]
    fn what_is_not_recognised_is_refused_in_a_sentence() {
        check(
            "cssc-scan-image",
            "copa patch",
            Err("is that of cssc-patch-image"),
        );
        check(
            "cssc-scan-image",
            "# trivy image\naz acr task run",
            Err("none of the commands"),
        );
        check(
            "cssc-patch-image",
            "bash -c 'rm -rf /'",
            Err("not one of continuous patching"),
        );
        check(
            "my-build",
            "copa patch",
            Err("does not carry out the task 'my-build'"),
        );
    }
}
