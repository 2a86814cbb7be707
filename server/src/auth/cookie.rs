use chrono::TimeDelta;
use drydock_ledger::Token;
use http::{HeaderMap, header};

/// Browsers keep cookies by host name and not by port: two consoles on one machine need two names.
#[derive(Clone, Debug)]
pub struct SessionCookie {
    name: String,
}

impl SessionCookie {
    pub fn new(port: u16) -> Self {
        Self {
            name: format!("drydock_session_{port}"),
        }
    }

    /// `Lax`, so that a link to the console from elsewhere opens it signed in; changes are guarded by
    /// their origin. Not `Secure`: on loopback the console speaks plain HTTP.
    pub fn set(&self, session: &Token, life: TimeDelta) -> String {
        let (name, value, seconds) = (&self.name, session.expose(), life.num_seconds());
        format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax")
    }

    pub fn clear(&self) -> String {
        format!("{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax", self.name)
    }

    pub fn read(&self, headers: &HeaderMap) -> Option<Token> {
        let cookies = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok());
        cookies
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, _)| *name == self.name)
            .and_then(|(_, value)| parse(value))
    }
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
        let found = |port| SessionCookie::new(port).read(&headers);
        assert_eq!(found(4280).unwrap().expose(), token);
        assert!(found(1).is_none());
        assert!(found(4281).is_none());
    }

    #[test]
    fn scripts_never_see_the_cookie() {
        let cookie = SessionCookie::new(4280);
        let token = Token::from_presented("secret");
        for line in [cookie.set(&token, TimeDelta::hours(1)), cookie.clear()] {
            assert!(
                line.contains("; HttpOnly") && line.contains("; SameSite=Lax"),
                "{line}"
            );
        }
    }
}
