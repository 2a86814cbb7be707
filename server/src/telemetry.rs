//! Logs: one line per event on standard error, and no secret in any of them.
use std::io::{self, Write};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// `RUST_LOG` chooses what is logged; without it, everything from `info` up, less what the HTTP client
/// says of each attempt: our own errors tell of the last one.
pub fn start() {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,typespec_client_core=warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::IsTerminal::is_terminal(&io::stderr()))
        .with_writer(Redacting)
        .init();
}

/// What a secret follows in a log line: a SAS URL's signature, a header, a token in a query or a form.
const MARKERS: [&str; 10] = [
    "sig=",
    "Bearer ",
    "Basic ",
    "token=",
    "client_secret=",
    "client_assertion=",
    "password=",
    "\"access_token\":\"",
    "\"refresh_token\":\"",
    "drydock_session=",
];

/// Cuts out what follows a marker, up to the first character that a secret does not contain. This is
/// the second net: types without `Debug` are the first.
pub fn redact(line: &str) -> String {
    let mut kept = String::with_capacity(line.len());
    let mut rest = line;
    loop {
        let found = MARKERS
            .iter()
            .filter_map(|marker| Some(rest.find(marker)? + marker.len()))
            .min();
        let Some(end) = found else { break };
        let (before, after) = rest.split_at(end);
        let length = after
            .find(|c: char| !(c.is_ascii_alphanumeric() || "-._~+/=%".contains(c)))
            .unwrap_or(after.len());
        kept.push_str(before);
        if length > 0 {
            kept.push_str("[redacted]");
        }
        rest = &after[length..];
    }
    kept.push_str(rest);
    kept
}

struct Redacting;

impl<'writer> MakeWriter<'writer> for Redacting {
    type Writer = RedactedLine;

    fn make_writer(&'writer self) -> Self::Writer {
        RedactedLine
    }
}

/// The subscriber writes one whole event at a time.
struct RedactedLine;

impl Write for RedactedLine {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        io::stderr().write_all(redact(&String::from_utf8_lossy(bytes)).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

#[cfg(test)]
mod tests {
    use super::redact;

    #[test]
    fn what_follows_a_marker_is_cut_out() {
        let check = |line: &str, expected: &str| assert_eq!(redact(line), expected);
        check(
            "GET /logs?se=1&sig=aB%2F9=&sp=r failed",
            "GET /logs?se=1&sig=[redacted]&sp=r failed",
        );
        check(
            "authorization: Bearer ey.J-0_x, next",
            "authorization: Bearer [redacted], next",
        );
        check(
            "/sign-in?token=abc123 and token=def",
            "/sign-in?token=[redacted] and token=[redacted]",
        );
        check("nothing to hide", "nothing to hide");
        check("sig=", "sig=");
        check("é sig=é", "é sig=é");
    }
}
