//! Pages of a listing: `n`, `last`, and the link to the next one.
use super::error::RegistryError;
use http::{HeaderValue, StatusCode, header, request::Parts};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

const DEFAULT_PAGE: usize = 100;
const LARGEST_PAGE: usize = 1000;

/// What goes into a query without being encoded.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/')
    .remove(b':');

/// The query of a listing.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub limit: usize,
    /// The last item of the page before.
    pub last: Option<String>,
    pub order_by: Option<String>,
    pub digest: Option<String>,
}

impl Page {
    /// # Errors
    /// `n` is not a number.
    pub fn parse(parts: &Parts) -> Result<Self, RegistryError> {
        let mut page = Self {
            limit: DEFAULT_PAGE,
            ..Self::default()
        };
        for (key, value) in query(parts) {
            let value = value.into_owned();
            match key.as_ref() {
                "n" if value.is_empty() => {}
                "n" => page.limit = parse_limit(&value)?,
                "last" => page.last = Some(value).filter(|last| !last.is_empty()),
                "orderby" => page.order_by = Some(value).filter(|order| !order.is_empty()),
                "digest" => page.digest = Some(value).filter(|digest| !digest.is_empty()),
                _ => {}
            }
        }
        Ok(page)
    }

    /// `Link` to the page after the one that ends with `last`, in ACR's form: every item of the
    /// query has a `=`, because its own client insists.
    pub fn link(&self, path: &str, last: &str) -> HeaderValue {
        let encode = |text| utf8_percent_encode(text, QUERY);
        let order_by = self.order_by.as_deref().unwrap_or_default();
        let link = format!(
            "<{path}?last={}&n={}&orderby={}>; rel=\"next\"",
            encode(last),
            self.limit,
            encode(order_by)
        );
        HeaderValue::from_str(&link).expect("names and encoded text are plain ASCII")
    }

    /// Headers for a page: a link when there is more.
    pub fn headers(&self, path: &str, next: Option<&str>) -> http::HeaderMap {
        let link = next.map(|last| (header::LINK, self.link(path, last)));
        link.into_iter().collect()
    }

    /// Cuts a list that was fetched with one item more than asked for. Returns whether there is
    /// another page.
    pub fn cut<T>(&self, items: &mut Vec<T>) -> bool {
        let more = items.len() > self.limit && self.limit > 0;
        items.truncate(self.limit);
        more
    }
}

pub(crate) fn query(parts: &Parts) -> url::form_urlencoded::Parse<'_> {
    url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
}

fn parse_limit(text: &str) -> Result<usize, RegistryError> {
    match text.parse::<usize>() {
        Ok(limit) => Ok(limit.min(LARGEST_PAGE)),
        Err(_) => Err(RegistryError::new(
            StatusCode::BAD_REQUEST,
            "PAGINATION_NUMBER_INVALID",
            format!("n is '{text}', which is not a number of items"),
        )),
    }
}
