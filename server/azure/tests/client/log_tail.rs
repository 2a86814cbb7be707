//! Logs that grow, links that expire.

use crate::support::{REGISTRY, Reply, Server, registry};
use drydock_azure::{AzureError, LogPiece};
use serde_json::json;

async fn server() -> Server {
    let server = Server::start().await;
    for link in ["/logs/ca1?sig=one", "/logs/ca1?sig=two"] {
        let link = json!({"logLink": server.url(link)});
        let key = format!("POST {REGISTRY}/runs/ca1/listLogSasUrl");
        server.on(&key, Reply::json(200, link));
    }
    server
}

fn part(text: &str, range: &str) -> Reply {
    Reply::bytes(206, text).with("content-range", range)
}

async fn follow(server: &Server, offset: u64) -> Result<Vec<LogPiece>, AzureError> {
    let mut tail = server.azure().log(&registry(), "ca1", offset);
    let mut pieces = Vec::new();
    while let Some(piece) = tail.next().await? {
        pieces.push(piece);
    }
    Ok(pieces)
}

fn text(pieces: &[LogPiece]) -> String {
    let bytes: Vec<u8> = pieces
        .iter()
        .flat_map(|piece| piece.bytes.to_vec())
        .collect();
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn a_log_is_followed_from_before_its_first_byte_to_its_end() {
    let server = server().await;
    let log = "GET /logs/ca1";
    server.on(
        log,
        Reply::bytes(404, "").with("x-ms-error-code", "BlobNotFound"),
    );
    server.on(log, part("one\r\n", "bytes 0-4/5"));
    server.on(log, Reply::bytes(416, ""));
    server.on(
        log,
        part("two\r\n", "bytes 5-9/10").with("x-ms-meta-complete", "successful"),
    );
    server.on("HEAD /logs/ca1", Reply::bytes(200, "one\r\n"));
    let pieces = follow(&server, 0).await.unwrap();
    assert_eq!(text(&pieces), "one\r\ntwo\r\n");
    assert_eq!((pieces[1].offset, pieces[1].complete), (5, true));
    let ranges: Vec<String> = server
        .asked("GET /logs/")
        .iter()
        .map(|asked| asked.headers["x-ms-range"].to_str().unwrap().to_owned())
        .collect();
    assert_eq!(ranges[0], "bytes=0-262143");
    assert_eq!(ranges[2], "bytes=5-262148");
    assert_eq!(server.asked("listLogSasUrl").len(), 1);
    assert!(
        !server.asked("GET /logs/")[0]
            .headers
            .contains_key("authorization")
    );
}

#[tokio::test]
async fn an_expired_link_is_replaced_and_the_log_goes_on_where_it_was() {
    let server = server().await;
    let log = "GET /logs/ca1";
    server.on(log, part("one\r\n", "bytes 0-4/5"));
    server.on(log, Reply::bytes(403, ""));
    server.on(
        log,
        part("two", "bytes 5-7/8").with("x-ms-meta-complete", "failed"),
    );
    let pieces = follow(&server, 0).await.unwrap();
    assert_eq!(text(&pieces), "one\r\ntwo");
    let asked = server.asked("GET /logs/");
    assert!(asked[1].line.ends_with("sig=one") && asked[2].line.ends_with("sig=two"));
    assert_eq!(asked[2].headers["x-ms-range"], "bytes=5-262148");
}

#[tokio::test]
async fn a_fresh_link_that_is_refused_is_an_error_without_the_link() {
    let server = server().await;
    server.on("GET /logs/ca1", Reply::bytes(403, ""));
    let error = follow(&server, 0).await.unwrap_err();
    assert!(matches!(error, AzureError::Unavailable { .. }));
    assert!(!format!("{error} {error:?}").contains("sig="));
}

#[tokio::test]
async fn a_reader_who_comes_after_the_end_is_told_so() {
    let server = server().await;
    server.on("GET /logs/ca1", Reply::bytes(416, ""));
    let end = Reply::bytes(200, "one\r\n").with("x-ms-meta-complete", "successful");
    server.on("HEAD /logs/ca1", end);
    let pieces = follow(&server, 5).await.unwrap();
    assert_eq!(
        pieces,
        [LogPiece {
            offset: 5,
            bytes: Default::default(),
            complete: true
        }]
    );
}

#[tokio::test]
async fn a_run_that_was_cancelled_before_it_wrote_ends_its_log() {
    let server = server().await;
    server.on("GET /logs/ca1", Reply::bytes(404, ""));
    let run = json!({"name": "ca1", "properties": {
        "runId": "ca1", "status": "Canceled", "createTime": "2025-04-22T21:54:16Z",
    }});
    server.on(&format!("GET {REGISTRY}/runs/ca1"), Reply::json(200, run));
    let pieces = follow(&server, 0).await.unwrap();
    assert!(pieces.len() == 1 && pieces[0].complete);
}

#[tokio::test]
async fn what_is_written_now_is_read_without_waiting() {
    let server = server().await;
    server.on("GET /logs/ca1", part("one\r\n", "bytes 0-4/5"));
    server.on("GET /logs/ca1", Reply::bytes(416, ""));
    server.on("HEAD /logs/ca1", Reply::bytes(200, "one\r\n"));
    let piece = server
        .azure()
        .log(&registry(), "ca1", 0)
        .read_now()
        .await
        .unwrap();
    assert_eq!((&piece.bytes[..], piece.complete), (&b"one\r\n"[..], false));
}
