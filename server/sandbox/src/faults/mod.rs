//! Faults on purpose, for testing a client: answers that Azure gives on a bad day. They are there
//! only when the sandbox was started with them, and none is on until a client asks for it.
//!
//! `PUT /sandbox/faults` with a list of rules replaces the rules, `GET` lists them with what is
//! left of each, and `DELETE` clears them; all with a token for ARM. A rule is
//!
//! ```json
//! {"match": {"method": "POST", "path": "*/scheduleRun"}, "kind": "reset", "times": 1, "after": 0, "seconds": 10}
//! ```
//!
//! The path is compared without case and without its query; `*` stands for anything, slashes
//! included. A rule that no request can meet is refused with the reason. Without a method every one fits. The rule lets `after` requests that fit pass (0 unless
//! said), does its harm `times` times (1 unless said, `null` for always), and is then spent. The
//! first rule that fits a request is the one that counts.
//!
//! | kind | what the client meets |
//! | --- | --- |
//! | `throttle` | 429 with `Retry-After: seconds`; nothing is done |
//! | `server-error` | 500; nothing is done |
//! | `reset` | the connection breaks after the request has been carried out |
//! | `slow-body` | half of the answer, and the rest `seconds` later |
//! | `expired-link` | 403, as a link to a blob that has expired |
//! | `unauthorized` | 401, as a token that has expired |
//! | `empty-page` | a page without items and with a `nextLink` to the same list; of the registry, with a `Link` |
//! | `endless-run` | a run that goes on until it is canceled; the path is that of the run's task, or of `scheduleRun` for a quick run |
mod answers;
mod empty_page;
mod rule;

pub use rule::{Kind, Rule};

use crate::State;
use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use http::Method;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tower::ServiceExt;

/// What the rules are written as, for whoever wrote others.
pub const RULES: &str = r#"a list of rules such as {"match": {"method": "POST", "path": "*/scheduleRun"}, "kind": "throttle", "times": 1, "after": 0, "seconds": 10}, of which "kind" and the "path" have to be there"#;

/// The rules of a sandbox that was started with faults.
#[derive(Default)]
pub struct Faults(Mutex<Vec<Rule>>);

impl Faults {
    pub fn replace(&self, rules: Vec<Rule>) {
        *self.lock() = rules;
    }

    pub fn list(&self) -> Vec<Rule> {
        self.lock().clone()
    }

    /// The rule that counts for a request, when this is a time at which it does its harm.
    fn strike(&self, method: &Method, path: &str) -> Option<Rule> {
        let mut rules = self.lock();
        let is_for_requests = |rule: &&mut Rule| rule.kind != Kind::EndlessRun;
        let rule = rules
            .iter_mut()
            .filter(is_for_requests)
            .find(|rule| rule.fits(method, path) && !rule.is_spent())?;
        rule.strike().then(|| rule.clone())
    }

    /// Whether a run of the task at `path` is to go on for ever.
    pub fn is_endless(&self, path: &str) -> bool {
        let mut rules = self.lock();
        let rule = rules.iter_mut().find(|rule| {
            rule.kind == Kind::EndlessRun && rule.fits(&Method::POST, path) && !rule.is_spent()
        });
        rule.is_some_and(Rule::strike)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Rule>> {
        // A rule is changed by counting: a panic elsewhere leaves the list whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Answers a request by its room, with the harm that a rule asks for; the room knows nothing of it.
pub async fn serve(state: &Arc<State>, room: Router, request: Request) -> Response {
    let rule = state
        .faults
        .as_ref()
        .and_then(|faults| faults.strike(request.method(), request.uri().path()));
    match rule {
        None => forward(room, request).await,
        Some(rule) => answers::harm(state, &rule, room, request).await,
    }
}

async fn forward(room: Router, request: Request) -> Response {
    match room.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

#[cfg(test)]
mod tests;
