//! `drydock check`: every finding about a policy document, for a person.
use super::{Exit, decode, read_bytes};
use anyhow::Result;
use drydock_domain::policy::{self, Finding, PolicyCheck, Severity, Validator};
use std::io::{self, Write};
use std::path::Path;

/// One finding as three lines on standard output: where and what, the remedy, who refuses.
pub fn run(path: &Path) -> Result<Exit> {
    let text = match decode(read_bytes(path)?) {
        Ok(text) => text,
        Err(fault) => {
            writeln!(io::stdout(), "{}: error: {fault}", path.display())?;
            return Ok(Exit::RefusedByService);
        }
    };
    let check = policy::check(&text);
    write(
        &mut io::stdout().lock(),
        &path.display().to_string(),
        &check,
    )?;
    Ok(if check.is_refused_by(Validator::Service) {
        Exit::RefusedByService
    } else if check.is_refused_by(Validator::Extension) {
        Exit::RefusedByExtension
    } else {
        Exit::Success
    })
}

fn write(output: &mut impl Write, name: &str, check: &PolicyCheck) -> io::Result<()> {
    for finding in &check.findings {
        write_finding(output, name, finding)?;
    }
    let (service, extension) = (
        check.is_refused_by(Validator::Service),
        check.is_refused_by(Validator::Extension),
    );
    let verdict = match (service, extension) {
        (false, false) => "accepted by ACR's own check and by the az extension",
        (true, true) => "refused by ACR's own check and by the az extension",
        (true, false) => "refused by ACR's own check",
        (false, true) => "accepted by ACR's own check, refused by the az extension",
    };
    writeln!(output, "{name}: {verdict}")
}

fn write_finding(output: &mut impl Write, name: &str, finding: &Finding) -> io::Result<()> {
    let Finding {
        line,
        column,
        message,
        remedy,
        pointer,
        refused_by,
        ..
    } = finding;
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let place = if pointer.is_empty() {
        String::new()
    } else {
        format!(" [{pointer}]")
    };
    writeln!(
        output,
        "{name}:{line}:{column}: {severity}{place}: {message}"
    )?;
    if !remedy.is_empty() {
        writeln!(output, "    {remedy}")?;
    }
    if !refused_by.is_empty() {
        let names: Vec<_> = refused_by
            .iter()
            .map(|validator| validator.name())
            .collect();
        writeln!(output, "    refused by {}", names.join(" and "))?;
    }
    Ok(())
}
