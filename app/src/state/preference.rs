//! A choice of the person at this browser: kept in a cookie for a year, so that the server writes it
//! into an attribute of `<html>` before the first paint, where the page finds it again.

/// One choice. No value is the default one, and needs neither cookie nor attribute.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Preference {
    #[cfg_attr(
        target_arch = "wasm32",
        expect(dead_code, reason = "only the server sets cookies")
    )]
    pub cookie: &'static str,
    pub attribute: &'static str,
}

impl Preference {
    /// What the request's cookie says.
    #[cfg(not(target_arch = "wasm32"))]
    fn requested(self) -> Option<String> {
        let parts = leptos::prelude::use_context::<http::request::Parts>()?;
        let cookies = parts.headers.get_all(http::header::COOKIE);
        let mut texts = cookies.iter().filter_map(|value| value.to_str().ok());
        texts.find_map(|text| self.find_in(text).map(str::to_owned))
    }

    /// Keeps a value, made of what a cookie may hold; `None` forgets it.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn remember(self, value: Option<&str>) {
        const YEAR_SECONDS: u32 = 365 * 24 * 60 * 60;
        let (value, age) = value.map_or(("", 0), |value| (value, YEAR_SECONDS));
        let cookie = format!(
            "{}={value}; Path=/; Max-Age={age}; SameSite=Lax; HttpOnly",
            self.cookie
        );
        if let Some(response) = leptos::prelude::use_context::<leptos_axum::ResponseOptions>() {
            response.append_header(
                http::header::SET_COOKIE,
                http::HeaderValue::from_str(&cookie).expect("made of ASCII words and a number"),
            );
        }
    }

    /// Reads a `Cookie` header.
    #[cfg(not(target_arch = "wasm32"))]
    fn find_in(self, header: &str) -> Option<&str> {
        let mut pairs = header
            .split(';')
            .filter_map(|pair| pair.trim().split_once('='));
        pairs
            .find(|(name, _)| *name == self.cookie)
            .map(|(_, value)| value)
    }

    /// Shows a value at once; the cookie keeps it for the next page load.
    pub fn show(self, value: Option<&str>) {
        #[cfg(target_arch = "wasm32")]
        if let Some(root) = leptos::prelude::document().document_element() {
            // Setting a known attribute of the root element cannot be refused.
            let _ = match value {
                Some(value) => root.set_attribute(self.attribute, value),
                None => root.remove_attribute(self.attribute),
            };
        }
        #[cfg(not(target_arch = "wasm32"))]
        let _ = (self.attribute, value);
    }

    /// What somebody chose, unchecked: the same on the server and in the browser at first.
    pub fn chosen(self) -> Option<String> {
        #[cfg(target_arch = "wasm32")]
        let chosen = leptos::prelude::document()
            .document_element()
            .and_then(|root| root.get_attribute(self.attribute));
        #[cfg(not(target_arch = "wasm32"))]
        let chosen = self.requested();
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_read_from_among_other_cookies() {
        let preference = Preference {
            cookie: "drydock_theme",
            attribute: "data-theme",
        };
        let check = |header, expected| assert_eq!(preference.find_in(header), expected);
        check("drydock_theme=dark", Some("dark"));
        check("session=abc; drydock_theme=light", Some("light"));
        check("not_drydock_theme=dark", None);
        check("", None);
    }
}
