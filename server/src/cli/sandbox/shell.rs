//! Assignments in the language of a shell, safe for any value.
use std::fmt::Write as _;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    Posix,
    PowerShell,
}

/// A script under construction.
pub struct Script {
    shell: Shell,
    text: String,
}

impl Script {
    pub fn new(shell: Shell) -> Self {
        Self {
            shell,
            text: String::new(),
        }
    }

    pub fn comment(&mut self, text: &str) {
        self.line(&format!("# {text}"));
    }

    /// Sets an environment variable for the programs that the shell starts.
    pub fn set(&mut self, name: &str, value: &str) {
        let line = match self.shell {
            Shell::Posix => format!("export {name}='{}'", value.replace('\'', r"'\''")),
            Shell::PowerShell => format!("$env:{name} = '{}'", value.replace('\'', "''")),
        };
        self.line(&line);
    }

    /// Puts a value, which needs no quoting, before what a list separated by commas holds.
    pub fn prepend(&mut self, name: &str, value: &str) {
        let line = match self.shell {
            Shell::Posix => format!("export {name}=\"{value}${{{name}:+,${name}}}\""),
            Shell::PowerShell => format!(
                "$env:{name} = if ($env:{name}) {{ \"{value},$env:{name}\" }} else {{ '{value}' }}"
            ),
        };
        self.line(&line);
    }

    /// `drydock_az_login` (in PowerShell `Connect-DrydockSandbox`): the Azure CLI, from a fresh
    /// configuration to its first question.
    pub fn login_function(&mut self) {
        self.comment("The Azure CLI learns the cloud from one address, and signs in:");
        let text = match self.shell {
            Shell::Posix => {
                "drydock_az_login() {
  az cloud show --name Drydock --output none 2>/dev/null \\
    || az cloud register --name Drydock --endpoint-resource-manager \"$DRYDOCK_SANDBOX_URL\" || return
  az cloud set --name Drydock --only-show-errors || return
  az login --service-principal --username \"$AZURE_CLIENT_ID\" --password \"$AZURE_CLIENT_SECRET\" \\
    --tenant \"$AZURE_TENANT_ID\" --output none
}"
            }
            Shell::PowerShell => {
                "function Connect-DrydockSandbox {
  az cloud show --name Drydock --output none 2>$null
  if ($LASTEXITCODE) { az cloud register --name Drydock --endpoint-resource-manager $env:DRYDOCK_SANDBOX_URL }
  az cloud set --name Drydock --only-show-errors
  az login --service-principal --username $env:AZURE_CLIENT_ID --password $env:AZURE_CLIENT_SECRET --tenant $env:AZURE_TENANT_ID --output none
}"
            }
        };
        self.line(text);
    }

    pub fn finish(self) -> String {
        self.text
    }

    fn line(&mut self, line: &str) {
        writeln!(self.text, "{line}").expect("a String takes any text");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    fn posix(build: impl FnOnce(&mut Script)) -> String {
        let mut script = Script::new(Shell::Posix);
        build(&mut script);
        script.finish()
    }

    /// What a real shell makes of it.
    fn evaluated(script: &str, then: &str) -> String {
        let output = Command::new("sh")
            .args(["-euc", &format!("{script}\n{then}")])
            .env_remove("NO_PROXY")
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    #[test]
    fn any_value_comes_through_a_posix_shell_as_it_is() {
        for value in ["plain", "it's", "$(id) `id` \\ \"", "two\nlines", ""] {
            let script = posix(|script| script.set("VALUE", value));
            assert_eq!(evaluated(&script, "printf %s \"$VALUE\""), value);
        }
    }

    #[test]
    fn a_list_keeps_what_it_held() {
        let script = posix(|script| script.prepend("NO_PROXY", "localhost"));
        let show = "printf %s \"$NO_PROXY\"";
        assert_eq!(evaluated(&script, show), "localhost");
        let twice = format!("NO_PROXY=elsewhere\n{script}");
        assert_eq!(evaluated(&twice, show), "localhost,elsewhere");
    }

    #[test]
    fn a_quote_is_doubled_for_powershell() {
        let mut script = Script::new(Shell::PowerShell);
        script.set("VALUE", "it's");
        assert_eq!(script.finish(), "$env:VALUE = 'it''s'\n");
    }

    #[test]
    fn the_function_is_one_that_a_shell_takes() {
        let script = posix(Script::login_function);
        assert_eq!(
            evaluated(&script, "type drydock_az_login >/dev/null; echo yes"),
            "yes\n"
        );
    }
}
