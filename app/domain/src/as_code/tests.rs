use super::*;
use crate::schedule::Schedule;

const POLICY: &str = "{\n  \"version\": \"v1\", \"owner\": \"it's $HOME `x` \\\\ 'ours'\"\n}\n";

fn task(name: TaskName, yaml: &str) -> TaskText<'_> {
    TaskText { name, yaml }
}

fn workflow<'a>(trigger: &'a str) -> WorkflowText<'a> {
    WorkflowText {
        registry: "myreg",
        login_server: "myreg.azurecr.io",
        resource_group: "my group",
        policy: POLICY,
        cron: "30 2 */7 * *",
        tasks: [
            task(TaskName::Patch, "version: v1.1.0\n"),
            task(TaskName::Scan, "version: v1.1.0\nx: '${N}' %{x}\n"),
            task(TaskName::Trigger, trigger),
        ],
    }
}

#[test]
fn the_command_is_the_extension_s() {
    let schedule = Schedule::new(7, 2, 30).unwrap();
    let text = az_command("myreg", "my group", "{}\n", schedule, false);
    let expected = "# az runs it at the time of day of this command, not at 02:30 UTC.\n\
        printf %s '{}\n' > continuous-patching.json\n\
        az acr supply-chain workflow create \\\n  --resource-group 'my group' \\\n  \
        --registry myreg \\\n  --type continuouspatchv1 \\\n  --schedule 7d \\\n  \
        --config continuous-patching.json\n";
    assert_eq!(text, expected);
    assert!(az_command("r", "g", "", schedule, true).contains("workflow update"));
}

#[cfg(unix)]
#[test]
fn a_shell_gives_a_quoted_word_back() {
    for word in [
        "",
        "plain-1.0",
        "a b",
        POLICY,
        "'",
        "''",
        "\\'\n",
        "-n",
        "é*?[~#;&|<>()",
    ] {
        let command = format!("printf %s {}", posix_quote(word));
        let shell = std::process::Command::new("/bin/sh")
            .args(["-c", &command])
            .output();
        let output = shell.expect("every POSIX system has /bin/sh");
        assert_eq!(String::from_utf8_lossy(&output.stdout), word, "{command}");
    }
}

#[test]
fn the_templates_have_every_part_of_the_workflow() {
    let workflow = workflow("version: v1.1.0\n");
    for text in [bicep(&workflow), terraform(&workflow)] {
        for part in [
            "cssc-patch-image",
            "cssc-scan-image",
            "cssc-trigger-workflow",
            "azcli_defined_schedule",
            "30 2 */7 * *",
            "2019-06-01-preview",
            "oras push myreg.azurecr.io/csscpolicies/patchpolicy:v1 continuous-patching.json",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        assert_eq!(text.matches("SystemAssigned").count(), 2, "{text}");
        assert_eq!(text.matches("clienttracking").count(), 2, "{text}");
        assert_eq!(
            text.matches("EncodedTask\"").count() + text.matches("'EncodedTask'").count(),
            3
        );
        let open = text.matches('{').count();
        assert_eq!(open, text.matches('}').count(), "{text}");
    }
}

#[test]
fn bicep_holds_a_definition_as_it_is_or_quotes_it() {
    let text = bicep(&workflow("a: ${x}\n"));
    assert!(text.contains("base64('''\na: ${x}\n''')"), "{text}");
    let text = bicep(&workflow("a: '''\\${x}\n"));
    assert!(text.contains(r"base64('a: \'\'\'\\\${x}\n')"), "{text}");
}

#[test]
fn terraform_fills_nothing_in() {
    let text = terraform(&workflow("a: b\n"));
    assert!(text.contains("x: '$${N}' %%{x}\nTASK\n)"), "{text}");
    let text = terraform(&workflow("TASK\n\"\\"));
    assert!(text.contains(r#"base64encode("TASK\n\"\\")"#), "{text}");
}

#[test]
fn every_line_of_a_comment_is_one() {
    let text = bicep(&workflow("version: v1.1.0\n"));
    let (comment, _) = text.split_once("targetScope").unwrap();
    assert!(
        comment.lines().all(|line| line.starts_with("//")),
        "{comment}"
    );
    assert!(comment.contains(r"it'\''s $HOME"), "{comment}");
}

#[test]
fn a_tool_comes_back_from_its_word() {
    for tool in Tool::ALL {
        let word = serde_json::to_value(tool).unwrap();
        assert_eq!(word.as_str().and_then(Tool::parse), Some(tool));
    }
}
