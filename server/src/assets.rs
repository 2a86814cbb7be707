//! Files compiled into the binary by the build script: the browser's code, the style sheet, icons.
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};

/// One embedded file, in as many encodings as are smaller than the file itself.
pub struct Asset {
    /// Without a leading slash; files of the bundle are under `pkg/`.
    pub path: &'static str,
    /// Of the content, quoted as HTTP wants it.
    pub etag: &'static str,
    pub raw: &'static [u8],
    pub brotli: Option<&'static [u8]>,
    pub gzip: Option<&'static [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// Answers `/pkg/<hash>/<file>` (never changes) and the public files (revalidated by their ETag).
/// `None` is for a path that belongs to nobody here; another build's bundle is a 404.
pub fn serve(path: &str, headers: &HeaderMap) -> Option<Response> {
    let path = path.strip_prefix('/')?;
    let (asset, immutable) = match path.strip_prefix("pkg/") {
        Some(rest) => {
            let found = rest
                .split_once('/')
                .filter(|(hash, _)| *hash == PACKAGE_HASH)
                .and_then(|(_, file)| find(&format!("pkg/{file}")));
            match found {
                Some(asset) => (asset, true),
                None => return Some(StatusCode::NOT_FOUND.into_response()),
            }
        }
        None => (find(path)?, false),
    };
    let mut response = if immutable || !is_known(asset, headers) {
        content(asset, headers)
    } else {
        StatusCode::NOT_MODIFIED.into_response()
    };
    let fields = response.headers_mut();
    fields.insert(header::ETAG, HeaderValue::from_static(asset.etag));
    fields.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    fields.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static(if immutable {
            "public, max-age=31536000, immutable"
        } else {
            "public, max-age=0, must-revalidate"
        }),
    );
    Some(response)
}

fn find(path: &str) -> Option<&'static Asset> {
    // Asked for by name whatever a page says, as by a browser that shows a text file.
    let path = match path {
        "favicon.ico" => "favicon.svg",
        path => path,
    };
    let index = ASSETS.binary_search_by(|asset| asset.path.cmp(path)).ok()?;
    ASSETS.get(index)
}

fn is_known(asset: &Asset, headers: &HeaderMap) -> bool {
    let known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    known.is_some_and(|known| {
        known
            .split(',')
            .map(|tag| tag.trim().trim_start_matches("W/"))
            .any(|tag| tag == asset.etag)
    })
}

fn content(asset: &Asset, headers: &HeaderMap) -> Response {
    let (body, encoding) = match (asset.brotli, asset.gzip) {
        (Some(brotli), _) if accepts(headers, "br") => (brotli, Some("br")),
        (_, Some(gzip)) if accepts(headers, "gzip") => (gzip, Some("gzip")),
        _ => (asset.raw, None),
    };
    let mut response = Response::new(Body::from(body));
    let fields = response.headers_mut();
    fields.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(media_type(asset.path)),
    );
    if let Some(encoding) = encoding {
        fields.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

/// `br;q=0` is a refusal; every other weight is consent.
fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING);
    values
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|offer| {
            let (name, weight) = offer.split_once(';').unwrap_or((offer, ""));
            let weight = weight
                .trim()
                .strip_prefix("q=")
                .map_or(Ok(1.0), str::parse::<f32>);
            name.trim().eq_ignore_ascii_case(encoding) && weight.is_ok_and(|weight| weight > 0.0)
        })
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "css" => "text/css; charset=utf-8",
        "ico" => "image/x-icon",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "png" => "image/png",
        // A host's editor reads it; browsers do not.
        "ts" => "text/plain; charset=utf-8",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        "webmanifest" => "application/manifest+json",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::accepts;
    use http::{HeaderMap, HeaderValue, header};

    #[track_caller]
    fn check(accept: &'static str, encoding: &str, expected: bool) {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(accept));
        assert_eq!(
            accepts(&headers, encoding),
            expected,
            "{accept} / {encoding}"
        );
    }

    #[test]
    fn a_weight_of_zero_is_a_refusal() {
        check("gzip, br", "br", true);
        check("gzip;q=0.5, br;q=0", "br", false);
        check("gzip;q=0.5, br;q=0.000", "br", false);
        check("BR;q=1.0", "br", true);
        check("brotli", "br", false);
        check("", "gzip", false);
        check("br;q=none", "br", false);
    }
}
