//! Embedded files.
mod support;

use axum::http::StatusCode;
use drydock_server::assets::{ASSETS, PACKAGE_HASH};
use support::Console;

fn sheet() -> String {
    format!("/pkg/{PACKAGE_HASH}/drydock.css")
}

#[tokio::test]
async fn the_bundle_is_immutable_under_its_hash_and_unknown_under_any_other() {
    let console = Console::start().await;
    let answer = console.get(&sheet(), &[]).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        answer.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    assert_eq!(answer.header("content-type"), "text/css; charset=utf-8");
    let other = console.get("/pkg/0000000000000000/drydock.css", &[]).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
    assert_eq!(other.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_public_file_is_revalidated_by_its_etag() {
    let console = Console::start().await;
    let asset = ASSETS
        .iter()
        .find(|asset| !asset.path.starts_with("pkg/"))
        .unwrap();
    let path = format!("/{}", asset.path);
    let first = console.get(&path, &[]).await;
    assert_eq!(first.status, StatusCode::OK);
    assert_eq!(first.header("vary"), "accept-encoding");
    let again = console
        .get(&path, &[("if-none-match", first.header("etag"))])
        .await;
    assert_eq!(
        (again.status, again.text.as_str()),
        (StatusCode::NOT_MODIFIED, "")
    );
    let changed = console.get(&path, &[("if-none-match", "\"other\"")]).await;
    assert_eq!(changed.status, StatusCode::OK);
}

#[tokio::test]
async fn the_icon_is_found_under_the_name_that_browsers_guess() {
    let console = Console::start().await;
    let icon = console.get("/favicon.ico", &[]).await;
    assert_eq!(icon.status, StatusCode::OK);
    assert_eq!(icon.header("content-type"), "image/svg+xml");
    assert_eq!(icon.text, console.get("/favicon.svg", &[]).await.text);
}

/// Compressed forms are made by release builds; this holds in both.
#[tokio::test]
async fn the_smallest_encoding_that_the_browser_takes_is_sent() {
    let console = Console::start().await;
    let sheet_asset = ASSETS
        .iter()
        .find(|asset| asset.path == "pkg/drydock.css")
        .unwrap();
    let check = async |accept: &str, expected: Option<&str>| {
        let answer = console.get(&sheet(), &[("accept-encoding", accept)]).await;
        assert_eq!(
            answer.header("content-encoding"),
            expected.unwrap_or(""),
            "{accept}"
        );
    };
    check("identity", None).await;
    check("gzip, deflate, br", sheet_asset.brotli.map(|_| "br")).await;
    check("gzip", sheet_asset.gzip.map(|_| "gzip")).await;
}
