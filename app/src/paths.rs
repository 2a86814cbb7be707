//! Every address of the console, built in one place: pages and server agree by calling these.

pub const REGISTRIES: &str = "/";
pub const AUDIT: &str = "/audit";
/// The whole audit trail as NDJSON, a route of the server.
pub const AUDIT_FILE: &str = "/audit.ndjson";
/// Who is signed in.
pub const SESSIONS: &str = "/sessions";
pub const NOTIFICATIONS: &str = "/notifications";
/// Who may show which view in a frame.
pub const EMBEDS: &str = "/settings/embeds";
/// What a host's page loads.
pub const EMBED_KIT: &str = "/embed/drydock-embed.js";
/// The server's own routes, not pages of the application.
pub const SIGN_IN: &str = "/sign-in";
pub const SIGN_OUT: &str = "/sign-out";
pub const SHARED_FEED: &str = "/feeds/schedule.ics";
/// Server-sent events: all that a tab follows, in one stream.
pub const EVENTS: &str = "/events";

pub fn overview(registry: &str) -> String {
    format!("/registries/{}", segment(registry))
}

pub fn policy(registry: &str) -> String {
    overview(registry) + "/policy"
}

pub fn dry_run(registry: &str) -> String {
    overview(registry) + "/dry-run"
}

/// The dry run that is kept under this digest.
pub fn kept_dry_run(registry: &str, digest: &str) -> String {
    format!("{}?record={}", dry_run(registry), query_value(digest))
}

/// Changes that wait for a second person.
pub fn proposals(registry: &str) -> String {
    overview(registry) + "/proposals"
}

pub fn schedule(registry: &str) -> String {
    overview(registry) + "/schedule"
}

/// The planned runs as iCalendar, a route of the server.
pub fn feed(registry: &str) -> String {
    schedule(registry) + ".ics"
}

/// The same for whoever holds a link's token, in the query: paths are logged, queries are not.
pub fn shared_feed(token: &str) -> String {
    format!("{SHARED_FEED}?token={}", segment(token))
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

/// Every tag of the registry as a file, a route of the server; `format` is `csv` or `json`.
pub fn images_file(registry: &str, format: &str) -> String {
    format!("{}.{format}", images(registry))
}

/// A repository's name keeps its slashes: the route takes the rest of the path.
pub fn lineage(registry: &str, repository: &str) -> String {
    let repository: Vec<_> = repository.split('/').map(segment).collect();
    format!("{}/{}", images(registry), repository.join("/"))
}

/// The lineage as a file, a route of the server; `&as=dot` or `&as=json` follows.
pub fn lineage_file(registry: &str, repository: &str) -> String {
    format!(
        "{}/lineage?repository={}",
        overview(registry),
        segment(repository)
    )
}

pub fn compliance(registry: &str) -> String {
    overview(registry) + "/compliance"
}

/// The findings as a file, a route of the server; `format` and the page's own query follow.
pub fn compliance_export(registry: &str) -> String {
    compliance(registry) + "/export"
}

/// Everything for an auditor in one signed file, a route of the server.
pub fn compliance_pack(registry: &str) -> String {
    compliance(registry) + "/pack"
}

pub fn settings(registry: &str) -> String {
    overview(registry) + "/settings"
}

pub fn preflight(registry: &str) -> String {
    settings(registry) + "/preflight"
}

/// One embed: its snippet, and what stands between it and a frame.
pub fn embed_check(id: &str) -> String {
    format!("{EMBEDS}?embed={}", segment(id))
}

/// What a host's frame shows, a route of the server.
pub fn embed_frame(id: &str) -> String {
    format!("/embed/{}", segment(id))
}

/// The registry that a path belongs to: `/registries/{name}/…`.
pub fn registry_of(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("/registries/")?;
    let name = rest.split('/').next()?;
    (!name.is_empty()).then_some(name)
}

/// The page above a page: the list that it is in, the registry, all registries.
pub fn above(path: &str) -> Option<&str> {
    let path = path.trim_end_matches('/');
    match path.strip_prefix("/registries/") {
        Some(rest) if rest.contains('/') => {
            let (above, _) = path.rsplit_once('/')?;
            // A repository's name has slashes, and the pages above it are not pages.
            let images = path.find("/images/").map(|place| &path[..place + 7]);
            Some(images.unwrap_or(above))
        }
        _ => (!path.is_empty()).then_some(REGISTRIES),
    }
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
