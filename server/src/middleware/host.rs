//! Only names that we answer to. A page of another site whose name suddenly resolves to 127.0.0.1
//! would otherwise be same-origin with the console (DNS rebinding).
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header, uri::Authority};
use std::sync::Arc;

/// Host names, without a port, in lower case: loopback always, and what the operator added.
#[derive(Clone, Debug)]
pub struct AllowedHosts(Arc<[String]>);

impl AllowedHosts {
    const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

    pub fn new(additional: &[String]) -> Self {
        let names = Self::LOOPBACK.into_iter().map(str::to_owned);
        Self(
            names
                .chain(additional.iter().map(|name| name.to_ascii_lowercase()))
                .collect(),
        )
    }

    fn contains(&self, host: &str) -> bool {
        self.0.iter().any(|name| name.eq_ignore_ascii_case(host))
    }
}

/// Answers 421 to a request that was meant for another host, or does not say for which.
pub async fn refuse_foreign_hosts(
    State(hosts): State<AllowedHosts>,
    request: Request,
    next: Next,
) -> Response {
    // HTTP/2 carries the name in the URI, HTTP/1.1 in a header.
    let authority = request.uri().authority().cloned().or_else(|| {
        let value = request.headers().get(header::HOST)?;
        value.to_str().ok()?.parse::<Authority>().ok()
    });
    match authority {
        Some(authority) if hosts.contains(authority.host()) => next.run(request).await,
        _ => {
            let sentence = "This Drydock answers on this machine's own names only. Open it as \
                            http://127.0.0.1 or http://localhost with its port, or start it with \
                            --host NAME to add a name.\n";
            (StatusCode::MISDIRECTED_REQUEST, sentence).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::AllowedHosts;

    #[test]
    fn loopback_and_the_operators_names_are_answered() {
        let hosts = AllowedHosts::new(&["Drydock.example".to_owned()]);
        for name in [
            "localhost",
            "LOCALHOST",
            "127.0.0.1",
            "[::1]",
            "drydock.example",
        ] {
            assert!(hosts.contains(name), "{name}");
        }
        for name in [
            "evil.example",
            "127.0.0.1.evil.example",
            "localhost.",
            "",
            "0.0.0.0",
        ] {
            assert!(!hosts.contains(name), "{name}");
        }
    }
}
