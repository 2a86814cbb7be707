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
    /// configuration to its first question, or from one that knows the sandbox at another port.
    pub fn login_function(&mut self) {
        self.comment("The Azure CLI learns the cloud from one address, and signs in:");
        let text = match self.shell {
            Shell::Posix => {
                "drydock_az_login() {
  if az cloud show --name Drydock --output none 2>/dev/null; then set -- update; else set -- register; fi
  az cloud \"$1\" --name Drydock --endpoint-resource-manager \"$DRYDOCK_SANDBOX_URL\" || return
  az cloud set --name Drydock --only-show-errors || return
  az login --service-principal --username \"$AZURE_CLIENT_ID\" --password=\"$AZURE_CLIENT_SECRET\" \\
    --tenant \"$AZURE_TENANT_ID\" --output none
}"
            }
            Shell::PowerShell => {
                "function Connect-DrydockSandbox {
  az cloud show --name Drydock --output none 2>$null
  $verb = if ($LASTEXITCODE) { 'register' } else { 'update' }
  az cloud $verb --name Drydock --endpoint-resource-manager $env:DRYDOCK_SANDBOX_URL
  az cloud set --name Drydock --only-show-errors
  az login --service-principal --username $env:AZURE_CLIENT_ID \"--password=$env:AZURE_CLIENT_SECRET\" --tenant $env:AZURE_TENANT_ID --output none
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

    /// What `drydock_az_login` asks of the Azure CLI, whose `cloud show` ends with this status.
    fn login_commands(cloud_show: u8) -> String {
        let script = posix(Script::login_function);
        let az =
            format!("az() {{ if [ \"$2\" = show ]; then return {cloud_show}; fi; echo \"$*\"; }}");
        let variables = "DRYDOCK_SANDBOX_URL=https://new AZURE_CLIENT_ID=id \
                         AZURE_CLIENT_SECRET=secret AZURE_TENANT_ID=tenant";
        evaluated(&script, &format!("{az}\n{variables}\ndrydock_az_login"))
    }

    #[test]
    fn a_cloud_that_is_known_is_told_the_new_address() {
        let address = "--name Drydock --endpoint-resource-manager https://new";
        let first = |commands: String| commands.lines().next().map(str::to_owned);
        let check = |cloud_show, verb| {
            let expected = format!("cloud {verb} {address}");
            assert_eq!(first(login_commands(cloud_show)), Some(expected));
        };
        check(1, "register");
        check(0, "update");
    }

    #[test]
    fn a_secret_that_begins_like_an_option_is_still_the_password() {
        let commands = login_commands(0);
        assert!(commands.contains(" --password=secret "), "{commands}");
    }
}
