use super::flow::FLOW_LIFE;
use chrono::TimeDelta;
use drydock_ledger::Token;
use http::{HeaderMap, header};

/// The console's two cookies: the session's, and for some minutes the one of an attempt to sign in at
/// a provider.
#[derive(Clone, Debug)]
pub struct Cookies {
    session: String,
    flow: String,
    is_secure: bool,
}

impl Cookies {
    /// By TLS the browser itself sees to it that no other host, and nobody on the way, sets or reads
    /// them (`__Host-`, RFC 6265bis). Else the names hold the port: browsers keep cookies by host, and
    /// two consoles on one machine need two names.
    pub fn new(port: u16, is_secure: bool) -> Self {
        let name = |name: &str| match is_secure {
            true => format!("__Host-drydock_{name}"),
            false => format!("drydock_{name}_{port}"),
        };
        Self {
            session: name("session"),
            flow: name("sign_in"),
            is_secure,
        }
    }

    pub fn set_session(&self, session: &Token, life: TimeDelta) -> String {
        self.set(&self.session, session.expose(), life)
    }

    pub fn clear_session(&self) -> String {
        self.set(&self.session, "", TimeDelta::zero())
    }

    pub fn session(&self, headers: &HeaderMap) -> Option<Token> {
        parse(find(headers, &self.session)?)
    }

    pub fn set_flow(&self, value: &str) -> String {
        self.set(&self.flow, value, FLOW_LIFE)
    }

    pub fn clear_flow(&self) -> String {
        self.set(&self.flow, "", TimeDelta::zero())
    }

    pub fn flow<'h>(&self, headers: &'h HeaderMap) -> Option<&'h str> {
        find(headers, &self.flow)
    }

    /// `Lax`, so that a link to the console from elsewhere opens it signed in, and the provider's answer
    /// finds the attempt; changes are guarded by their origin.
    fn set(&self, name: &str, value: &str, life: TimeDelta) -> String {
        let secure = if self.is_secure { "; Secure" } else { "" };
        let seconds = life.num_seconds();
        format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
    }
}

fn find<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let cookies = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}

/// What a browser sent, if it has the shape of a token: the ledger is asked for nothing else.
pub fn parse(text: &str) -> Option<Token> {
    let fits = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    fits.then(|| Token::from_presented(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn the_cookie_is_found_among_others_and_for_its_own_port() {
        let token = "0f".repeat(32);
        let line = format!("a=b; drydock_session_1=no; drydock_session_4280={token}");
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_str(&line).unwrap());
        let found = |port| Cookies::new(port, false).session(&headers);
        assert_eq!(found(4280).unwrap().expose(), token);
        assert!(found(1).is_none());
        assert!(found(4281).is_none());
        assert!(Cookies::new(4280, true).session(&headers).is_none());
    }

    #[test]
    fn scripts_never_see_a_cookie_and_by_tls_no_other_host_sets_it() {
        let token = Token::from_presented("secret");
        for is_secure in [false, true] {
            let cookies = Cookies::new(4280, is_secure);
            let lines = [
                cookies.set_session(&token, TimeDelta::hours(1)),
                cookies.clear_session(),
                cookies.set_flow("flow"),
                cookies.clear_flow(),
            ];
            for line in lines {
                assert!(
                    line.contains("; Path=/;") && line.contains("; HttpOnly; SameSite=Lax"),
                    "{line}"
                );
                assert_eq!(line.starts_with("__Host-"), is_secure, "{line}");
                assert_eq!(line.ends_with("; Secure"), is_secure, "{line}");
            }
        }
    }
}
