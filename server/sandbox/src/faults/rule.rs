//! One rule: which requests it is for, and how often it does its harm.
use http::Method;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    #[serde(rename = "match")]
    pub fits: Match,
    pub kind: Kind,
    /// How many times are left; `None` for always.
    #[serde(default = "once")]
    pub times: Option<u32>,
    /// How many requests that fit still pass.
    #[serde(default)]
    pub after: u32,
    /// Of `Retry-After`, and of a slow body's pause.
    #[serde(default = "ten")]
    pub seconds: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Match {
    #[serde(default)]
    pub method: Option<String>,
    pub path: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Throttle,
    ServerError,
    Reset,
    SlowBody,
    ExpiredLink,
    Unauthorized,
    EmptyPage,
    EndlessRun,
}

/// Those that any room of the sandbox answers.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

fn once() -> Option<u32> {
    Some(1)
}

fn ten() -> u32 {
    10
}

impl Rule {
    /// Why no request can ever meet the rule; `None` where one can.
    pub fn why_never(&self) -> Option<String> {
        let Match { method, path } = &self.fits;
        let is_met = |method: &String| METHODS.iter().any(|it| it.eq_ignore_ascii_case(method));
        if let Some(method) = method.as_ref().filter(|method| !is_met(method)) {
            let known = METHODS.join(", ");
            return Some(format!("the method '{method}' is none of {known}"));
        }
        if !path.starts_with(['/', '*']) {
            return Some(format!("the path '{path}' begins with neither / nor *"));
        }
        let is_of_a_path = |byte: u8| byte.is_ascii_graphic() && !b"?#".contains(&byte);
        if !path.bytes().all(is_of_a_path) {
            let why =
                "holds what no path holds: rules are compared with the path alone, as it is sent";
            return Some(format!("the path '{path}' {why}"));
        }
        let is_started = |method: &String| method.eq_ignore_ascii_case("POST");
        if self.kind == Kind::EndlessRun && !method.as_ref().is_none_or(is_started) {
            return Some("a run is started by POST alone".to_owned());
        }
        self.is_spent().then(|| "'times' is 0".to_owned())
    }

    pub fn fits(&self, method: &Method, path: &str) -> bool {
        let wanted = self.fits.method.as_deref();
        wanted.is_none_or(|wanted| wanted.eq_ignore_ascii_case(method.as_str()))
            && fits_pattern(
                self.fits.path.to_ascii_lowercase().as_bytes(),
                path.to_ascii_lowercase().as_bytes(),
            )
    }

    pub fn is_spent(&self) -> bool {
        self.times == Some(0)
    }

    /// Counts a request that fits; answers whether it is to be harmed.
    pub fn strike(&mut self) -> bool {
        if self.after > 0 {
            self.after -= 1;
            return false;
        }
        self.times = self.times.map(|times| times.saturating_sub(1));
        true
    }
}

/// `*` stands for any bytes, or none. Each star takes as little as it can, and the last one more
/// whenever what follows it does not fit: no other order can find more.
fn fits_pattern(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut from) = (0, 0);
    let mut star = None;
    while from < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, from));
                at += 1;
            }
            Some(byte) if *byte == text[from] => {
                at += 1;
                from += 1;
            }
            _ => match star {
                Some((star_at, taken)) => {
                    star = Some((star_at, taken + 1));
                    (at, from) = (star_at + 1, taken + 1);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, text, expected) in [
            ("/a/b", "/a/b", true),
            ("/a/b", "/a/b/c", false),
            ("*/runs", "/s/x/runs", true),
            ("*/runs", "/s/x/runs/1", false),
            ("*/runs/*/cancel", "/s/runs/runs/1/cancel", true),
            ("*", "", true),
            ("**a", "ba", true),
            ("a*b*c", "a-b-c-b", false),
        ] {
            assert_eq!(
                fits_pattern(pattern.as_bytes(), text.as_bytes()),
                expected,
                "{pattern} {text}"
            );
        }
    }

    #[test]
    fn a_rule_that_nothing_can_meet_says_why() {
        let check = |rule: &str, expected: Option<&str>| {
            let rule: Rule = serde_json::from_str(rule).unwrap();
            let why = rule.why_never();
            match expected {
                None => assert_eq!(why, None),
                Some(part) => assert!(why.as_deref().unwrap().contains(part), "{why:?}"),
            }
        };
        check(r#"{"match": {"path": "*/runs"}, "kind": "reset"}"#, None);
        check(
            r#"{"match": {"method": "post", "path": "/v2/*"}, "kind": "reset"}"#,
            None,
        );
        check(
            r#"{"match": {"method": "FETCH", "path": "*"}, "kind": "reset"}"#,
            Some("FETCH"),
        );
        check(
            r#"{"match": {"path": "runs"}, "kind": "reset"}"#,
            Some("neither / nor *"),
        );
        check(
            r#"{"match": {"path": ""}, "kind": "reset"}"#,
            Some("neither / nor *"),
        );
        check(
            r#"{"match": {"path": "*/runs?x=1"}, "kind": "reset"}"#,
            Some("the path alone"),
        );
        check(
            r#"{"match": {"path": "*/a b"}, "kind": "reset"}"#,
            Some("the path alone"),
        );
        check(
            r#"{"match": {"path": "*"}, "kind": "reset", "times": 0}"#,
            Some("'times' is 0"),
        );
        let endless = r#"{"match": {"method": "GET", "path": "*"}, "kind": "endless-run"}"#;
        check(endless, Some("POST alone"));
    }

    #[test]
    fn a_rule_lets_some_pass_strikes_and_is_spent() {
        let rule = r#"{"match": {"path": "*"}, "kind": "throttle", "after": 1, "times": 2}"#;
        let mut rule: Rule = serde_json::from_str(rule).unwrap();
        assert!(!rule.strike());
        assert!(rule.strike() && !rule.is_spent());
        assert!(rule.strike() && rule.is_spent());
        let always = r#"{"match": {"path": "*"}, "kind": "reset", "times": null}"#;
        let mut always: Rule = serde_json::from_str(always).unwrap();
        assert!((0..9).all(|_| always.strike()) && !always.is_spent());
    }
}
