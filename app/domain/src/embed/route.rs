use std::fmt;

/// A place inside a frame, as `navigate` and `navigated` name it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum EmbedRoute {
    /// `/`: where the view begins.
    Start,
    /// `/runs/ca1`.
    Run(String),
    /// `/images/web/shop`.
    Repository(String),
}

impl EmbedRoute {
    /// `None` for what is no place of any frame.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "/" {
            return Some(Self::Start);
        }
        let (room, rest) = text.strip_prefix('/')?.split_once('/')?;
        let is_plain = |extra: &[u8]| {
            let known = |byte: u8| byte.is_ascii_alphanumeric() || extra.contains(&byte);
            !rest.is_empty() && rest.len() <= 256 && rest.bytes().all(known)
        };
        match room {
            "runs" if is_plain(b"-") => Some(Self::Run(rest.to_owned())),
            "images" if is_plain(b"-._/") => Some(Self::Repository(rest.to_owned())),
            _ => None,
        }
    }
}

impl fmt::Display for EmbedRoute {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start => formatter.write_str("/"),
            Self::Run(id) => write!(formatter, "/runs/{id}"),
            Self::Repository(name) => write!(formatter, "/images/{name}"),
        }
    }
}
