//! A quick run: the one kind that is carried out is the dry run of a policy, as the az extension
//! sends it before each change.
use super::trigger::inventory;
use super::{admission, definition};
use crate::logs::{SourceFiles, SourcePath};
use crate::tasks::runner::{Agent, Halt};
use drydock_domain::policy;
use drydock_domain::selection::{PolicySource, acr_output, select};
use drydock_domain::task_log::LogLine;

/// The name that the runner gives a step without one.
const STEP: &str = "acb_step_0";

/// What the definition asks `acr cssc patch` for.
#[derive(Debug, PartialEq, Eq)]
struct Command {
    /// The policy file, as the command names it.
    policy_file: String,
    show_patch_tags: bool,
}

pub async fn carry_out(agent: &Agent) -> Result<(), Halt> {
    let files = download(agent)?;
    let text = definition_text(agent, &files).map_err(|why| agent.fail(&why))?;
    let command = Command::find(&text, |name| value_of(agent, name));
    let command = command.map_err(|why| agent.fail(&why))?;
    admission::sign_in(agent)?;
    agent
        .step(STEP, async { print(agent, &files, &command) })
        .await
}

/// The uploaded archive; a request without one has no files.
fn download(agent: &Agent) -> Result<SourceFiles, Halt> {
    let Some(location) = agent.order.source.as_deref() else {
        return Ok(SourceFiles::default());
    };
    agent.log.stamped("Downloading source code...");
    let path = SourcePath::parse(location).ok_or_else(|| {
        agent.fail(&format!(
            "the source '{location}' is not an archive that was uploaded here; the sandbox fetches nothing from elsewhere"
        ))
    })?;
    match agent.state.desk.sources.read(&path) {
        Ok(Some(files)) => {
            agent.log.stamped("Finished downloading source code");
            Ok(files)
        }
        Ok(None) => Err(agent.fail(&format!(
            "nothing was uploaded as '{location}'; upload it again and start another run"
        ))),
        Err(error) => Err(agent.fail(&format!("'{location}' cannot be unpacked: {error}"))),
    }
}

fn definition_text(agent: &Agent, files: &SourceFiles) -> Result<String, String> {
    let order = &agent.order;
    match order.step_type.as_str() {
        "EncodedTask" => definition::decode(order.encoded_content.as_deref().unwrap_or_default()),
        "FileTask" => {
            let path = order.task_file.as_deref().unwrap_or_default();
            let file = files
                .get(path)
                .ok_or_else(|| format!("the archive has no file '{path}', which the run names"))?;
            String::from_utf8(file.to_vec()).map_err(|_| format!("'{path}' is not text in UTF-8"))
        }
        other => Err(format!(
            "the sandbox runs no containers, so it does not carry out a step of type '{other}'"
        )),
    }
}

/// A value of the request; the definition reads one that is missing as nothing.
fn value_of(agent: &Agent, name: &str) -> String {
    let value = agent.order.values.iter().find(|value| value.name == name);
    value.map_or_else(String::new, |value| value.value.clone())
}

impl Command {
    /// Finds the one command that is carried out, with `{{.Values.NAME}}` filled in.
    fn find(text: &str, value_of: impl Fn(&str) -> String) -> Result<Self, String> {
        let text = fill_in(&definition::normalise(text), value_of);
        let foreign = ["az acr task run", "copa patch", "trivy image"]
            .into_iter()
            .find(|command| text.contains(command));
        if let Some(command) = foreign {
            return Err(format!(
                "the sandbox does not carry out '{command}' in a quick run: save the definition as a task and run that"
            ));
        }
        let Some((_, arguments)) = text.split_once("acr cssc patch ") else {
            return Err("the sandbox runs no containers: of quick runs it carries out a dry run of a policy, 'acr cssc patch --dry-run', and this one has another step".to_owned());
        };
        let mut command = Self {
            policy_file: String::new(),
            show_patch_tags: false,
        };
        let mut is_dry = false;
        let ends = |word: &&str| !matches!(*word, ">" | "|" | "&&" | ";" | "-");
        let mut words = arguments.split_whitespace().take_while(ends);
        while let Some(word) = words.next() {
            let word = unquoted(word);
            let (flag, inline) = match word.split_once('=') {
                Some((flag, value)) => (flag, Some(value)),
                None => (word, None),
            };
            match flag {
                "--dry-run" => is_dry = true,
                "--show-patch-tags" => command.show_patch_tags = true,
                "--filter-policy-file" => {
                    let value = inline.or_else(|| words.next()).unwrap_or_default();
                    unquoted(value).clone_into(&mut command.policy_file);
                }
                _ => {}
            }
        }
        if !is_dry || command.policy_file.is_empty() {
            return Err("the sandbox carries out 'acr cssc patch' in a quick run only with --dry-run and a --filter-policy-file".to_owned());
        }
        Ok(command)
    }
}

fn unquoted(word: &str) -> &str {
    word.trim_matches(['"', '\''])
}

/// Replaces each `{{.Values.NAME}}`; blanks within the braces are allowed.
fn fill_in(text: &str, value_of: impl Fn(&str) -> String) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        filled.push_str(before);
        let Some((inside, after)) = after.split_once("}}") else {
            filled.push_str("{{");
            rest = after;
            continue;
        };
        match inside.trim().strip_prefix(".Values.") {
            Some(name) => filled.push_str(&value_of(name.trim())),
            None => filled.push_str(inside),
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// The tool writes its output to a file that is shown when it succeeded: a policy that is refused
/// leaves nothing but the reason.
fn print(agent: &Agent, files: &SourceFiles, command: &Command) -> Result<(), Halt> {
    let path = &command.policy_file;
    let text = files.get(path).map(String::from_utf8_lossy);
    let text = text.ok_or_else(|| {
        agent.fail(&format!(
            "open {path}: no such file or directory; the archive has {}",
            files.list()
        ))
    })?;
    let policy =
        policy::parse(&text).map_err(|error| agent.fail(&error.acr_message(PolicySource::File)))?;
    let selection = select(&policy, &inventory(agent));
    if let Some(failure) = &selection.failure {
        return Err(agent.fail(&failure.acr_message()));
    }
    let printed = acr_output(
        &policy,
        &selection,
        PolicySource::File,
        command.show_patch_tags,
    );
    printed.lines().for_each(|line| agent.log.line(line));
    if selection.is_over_limit() {
        agent.say(LogLine::LimitExceeded { is_failure: false });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<(&str, bool), &str>) {
        let found = Command::find(text, |name| format!("<{name}>"));
        match (found, expected) {
            (Ok(found), Ok((file, show_patch_tags))) => {
                let policy_file = file.to_owned();
                let expected = Command {
                    policy_file,
                    show_patch_tags,
                };
                assert_eq!(found, expected);
            }
            (Err(why), Err(part)) => assert!(why.contains(part), "{why}"),
            (found, _) => panic!("{text}: {found:?}"),
        }
    }

    #[test]
    fn the_policy_is_the_file_that_the_command_names() {
        check(
            "- cmd: cssc acr cssc patch --filter-policy-file {{.Values.CONFIGPATH}} --dry-run > out.txt",
            Ok(("<CONFIGPATH>", false)),
        );
        check(
            "- cmd: |\n    acr cssc patch \\\n      --dry-run --show-patch-tags --filter-policy-file=\"{{ .Values.P }}\" && cat x",
            Ok(("<P>", true)),
        );
    }

    #[test]
    fn another_definition_is_refused_with_its_reason() {
        for (text, part) in [
            ("- cmd: bash echo", "has another step"),
            ("- build: -t x .", "has another step"),
            (
                "- cmd: acr cssc patch --filter-policy-file p",
                "only with --dry-run",
            ),
            ("- cmd: acr cssc patch --dry-run", "--filter-policy-file"),
            (
                "- cmd: acr cssc patch --dry-run\n- cmd: az acr task run",
                "'az acr task run'",
            ),
        ] {
            check(text, Err(part));
        }
    }
}
