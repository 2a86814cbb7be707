//! The az extension's own command.
use super::{POLICY_FILE, write_file};
use crate::schedule::Schedule;

/// The commands, for a POSIX shell, that create or update the workflow. The extension takes the
/// days alone: the time of day becomes that of the moment at which it runs, which the first line
/// says.
pub fn az_command(
    registry: &str,
    resource_group: &str,
    policy: &str,
    schedule: Schedule,
    exists: bool,
) -> String {
    let verb = if exists { "update" } else { "create" };
    let arguments = [
        ("--resource-group", posix_quote(resource_group)),
        ("--registry", posix_quote(registry)),
        ("--type", "continuouspatchv1".to_owned()),
        ("--schedule", format!("{}d", schedule.days())),
        ("--config", POLICY_FILE.to_owned()),
    ];
    let mut text = format!(
        "# az runs it at the time of day of this command, not at {:02}:{:02} UTC.\n",
        schedule.hour(),
        schedule.minute()
    );
    text.push_str(&write_file(policy));
    text.push_str("az acr supply-chain workflow ");
    text.push_str(verb);
    for (name, value) in arguments {
        text.push_str(" \\\n  ");
        text.push_str(name);
        text.push(' ');
        text.push_str(&value);
    }
    text.push('\n');
    text
}

/// One word of a POSIX shell: quoted where it must be, so that nothing in it means anything.
pub fn posix_quote(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:@%+,=".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        return word.to_owned();
    }
    let mut quoted = String::with_capacity(word.len() + 2);
    quoted.push('\'');
    for character in word.chars() {
        match character {
            '\'' => quoted.push_str("'\\''"),
            other => quoted.push(other),
        }
    }
    quoted.push('\'');
    quoted
}
