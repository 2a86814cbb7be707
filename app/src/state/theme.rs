//! Light, dark, or as the system says. The choice lives in a cookie, so that the server writes it
//! into `<html data-theme>` before the first paint.
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }

    /// The value of `data-theme`; the system's own theme needs none.
    pub fn attribute(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light | Self::Dark => Some(self.as_str()),
        }
    }

    fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.as_str() == name)
    }

    /// Reads the theme out of a `Cookie` header.
    pub fn from_cookies(header: &str) -> Self {
        header
            .split(';')
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, _)| *name == COOKIE)
            .and_then(|(_, value)| Self::find(value))
            .unwrap_or_default()
    }
}

const COOKIE: &str = "drydock_theme";

/// The theme that the request's cookie asks for.
#[cfg(not(target_arch = "wasm32"))]
pub fn requested() -> Theme {
    leptos::prelude::use_context::<http::request::Parts>()
        .and_then(|parts| {
            let cookies = parts.headers.get_all(http::header::COOKIE);
            cookies
                .iter()
                .filter_map(|value| value.to_str().ok())
                .map(Theme::from_cookies)
                .find(|theme| *theme != Theme::System)
        })
        .unwrap_or_default()
}

#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn remember(theme: Theme) {
    const YEAR_SECONDS: u32 = 365 * 24 * 60 * 60;
    let age = match theme {
        Theme::System => 0,
        Theme::Light | Theme::Dark => YEAR_SECONDS,
    };
    let cookie = format!(
        "{COOKIE}={}; Path=/; Max-Age={age}; SameSite=Lax; HttpOnly",
        theme.as_str()
    );
    if let Some(response) = leptos::prelude::use_context::<leptos_axum::ResponseOptions>() {
        response.append_header(
            http::header::SET_COOKIE,
            http::HeaderValue::from_str(&cookie).expect("made of ASCII words and a number"),
        );
    }
}

/// Shows the theme at once; the cookie keeps it for the next page load.
pub fn show(theme: Theme) {
    #[cfg(target_arch = "wasm32")]
    if let Some(root) = leptos::prelude::document().document_element() {
        // Setting a known attribute of the root element cannot be refused.
        let _ = match theme.attribute() {
            Some(value) => root.set_attribute("data-theme", value),
            None => root.remove_attribute("data-theme"),
        };
    }
    #[cfg(not(target_arch = "wasm32"))]
    let _ = theme;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_theme_is_read_from_among_other_cookies() {
        let check = |header, expected| assert_eq!(Theme::from_cookies(header), expected);
        check("drydock_theme=dark", Theme::Dark);
        check("session=abc; drydock_theme=light", Theme::Light);
        check("drydock_theme=pink", Theme::System);
        check("not_drydock_theme=dark", Theme::System);
        check("", Theme::System);
    }
}
