//! Every address of the console, built in one place: pages and server agree by calling these.

pub const REGISTRIES: &str = "/";
pub const AUDIT: &str = "/audit";
/// The server's own routes, not pages of the application.
pub const SIGN_IN: &str = "/sign-in";
pub const SIGN_OUT: &str = "/sign-out";
pub const SAMPLE_EVENTS: &str = "/events/samples";

pub fn overview(registry: &str) -> String {
    format!("/registries/{}", segment(registry))
}

pub fn policy(registry: &str) -> String {
    overview(registry) + "/policy"
}

pub fn dry_run(registry: &str) -> String {
    overview(registry) + "/dry-run"
}

pub fn schedule(registry: &str) -> String {
    overview(registry) + "/schedule"
}

pub fn runs(registry: &str) -> String {
    overview(registry) + "/runs"
}

pub fn run(registry: &str, id: &str) -> String {
    format!("{}/{}", runs(registry), segment(id))
}

/// The log as plain text, a route of the server.
pub fn run_log_text(registry: &str, id: &str) -> String {
    run(registry, id) + "/log.txt"
}

pub fn images(registry: &str) -> String {
    overview(registry) + "/images"
}

/// A repository's name keeps its slashes: the route takes the rest of the path.
pub fn lineage(registry: &str, repository: &str) -> String {
    let repository: Vec<_> = repository.split('/').map(segment).collect();
    format!("{}/{}", images(registry), repository.join("/"))
}

pub fn settings(registry: &str) -> String {
    overview(registry) + "/settings"
}

/// Server-sent events: all cycles of a registry whenever one of them changes.
pub fn runs_events(registry: &str) -> String {
    format!("/events/registries/{}/runs", segment(registry))
}

/// Server-sent events: a run's log from a byte offset on.
pub fn log_events(registry: &str, id: &str, offset: u64) -> String {
    format!(
        "{}/{}/log?offset={offset}",
        runs_events(registry),
        segment(id)
    )
}

/// The registry that a path belongs to: `/registries/{name}/…`.
pub fn registry_of(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("/registries/")?;
    let name = rest.split('/').next()?;
    (!name.is_empty()).then_some(name)
}

/// A value as it stands in a query.
pub fn query_value(text: &str) -> String {
    segment(text)
}

/// Percent-encodes whatever RFC 3986 does not leave unreserved.
fn segment(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
