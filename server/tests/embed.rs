//! Views in other sites' frames: who may frame them, and what a token opens.
mod support;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use axum::http::{Method, StatusCode};
use drydock_domain::access::Role;
use drydock_domain::embed::{EmbedScope, EmbedView, RepositoryPattern};
use drydock_ledger::EntryFilter;
use drydock_workflow::Caller;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use support::{Answer, Console, HOST};

const PORTAL: &str = "https://portal.example";

/// A console with a host, its key, and an embed of the runs.
struct Portal {
    console: Console,
    admin: Caller,
    host: String,
    key: String,
    embed: String,
    signer: EncodingKey,
}

fn scope(view: EmbedView, repositories: &[&str]) -> EmbedScope {
    let pattern = |text: &&str| RepositoryPattern::parse(text).unwrap();
    EmbedScope {
        view,
        registry: "drydock".into(),
        repositories: repositories.iter().map(pattern).collect(),
        statuses: Vec::new(),
        role: Role::Viewer,
    }
}

impl Portal {
    async fn open() -> Self {
        Self::of(scope(EmbedView::Runs, &[])).await
    }

    async fn of(scope: EmbedScope) -> Self {
        let console = Console::start().await;
        let admin = Caller::new("ada", Role::Admin);
        let workflow = &console.running.console.workflow;
        let host = workflow.create_embed_host(&admin, "Portal", PORTAL).await;
        let host = host.unwrap();
        let pair = Ed25519KeyPair::generate().unwrap();
        let key = workflow
            .create_embed_key(&admin, &host, "2026", &jwk(&pair))
            .await;
        let embed = workflow
            .create_embed(&admin, scope, vec![host.clone()])
            .await;
        Self {
            key: key.unwrap(),
            embed: embed.unwrap(),
            signer: EncodingKey::from_ed_der(pair.to_pkcs8().unwrap().as_ref()),
            console,
            admin,
            host,
        }
    }

    fn claims(&self, jti: &str) -> Value {
        let now = chrono::Utc::now().timestamp();
        json!({
            "iss": PORTAL, "aud": "acr-console:embed", "sub": "u-812", "jti": jti, "iat": now,
            "exp": now + 45, "origin": PORTAL, "view": "runs", "registry": "drydock",
            "role": "viewer"
        })
    }

    fn sign(&self, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some("2026".into());
        encode(&header, claims, &self.signer).unwrap()
    }

    async fn present(&self, token: &str, origin: &str) -> Answer {
        let body = json!({ "embed": self.embed, "token": token, "origin": origin });
        let headers = [("content-type", "application/json")];
        let body = body.to_string();
        let path = "/embed/api/session";
        self.console.send(Method::POST, path, &headers, body).await
    }

    #[track_caller]
    fn refused(answer: &Answer, code: &str) {
        let body: Value = serde_json::from_str(&answer.text).unwrap();
        assert_eq!(body["code"], code, "{}", answer.text);
        assert_eq!(body["traceId"], answer.header("x-request-id"));
        assert!(answer.status.is_client_error(), "{}", answer.status);
    }

    /// What becomes of a good token after `change`.
    async fn check(&self, change: impl FnOnce(&mut Value), code: &str) {
        let mut claims = self.claims(&format!("j-{code}-{}", rand::random::<u64>()));
        change(&mut claims);
        let answer = self.present(&self.sign(&claims), PORTAL).await;
        Self::refused(&answer, code);
    }

    async fn session(&self, jti: &str) -> String {
        let answer = self.present(&self.sign(&self.claims(jti)), PORTAL).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let body: Value = serde_json::from_str(&answer.text).unwrap();
        assert_eq!(body["expiresIn"], 480);
        format!("Bearer {}", body["session"].as_str().unwrap())
    }

    async fn view(&self, session: &str, route: &str) -> Answer {
        let path = format!("/embed/api/view?route={route}");
        let headers = [("authorization", session)];
        self.console.get(&path, &headers).await
    }

    async fn operations(&self) -> Vec<String> {
        let filter = EntryFilter {
            limit: 100,
            ..EntryFilter::default()
        };
        let entries = self.console.running.ledger.list_entries(&filter).await;
        let entries = entries.unwrap().into_iter().rev();
        let told = |entry: drydock_domain::console::AuditEntry| {
            format!("{} by {}", entry.operation, entry.actor)
        };
        entries.map(told).collect()
    }
}

fn jwk(pair: &Ed25519KeyPair) -> String {
    use base64::Engine as _;
    let x = pair.public_key().as_ref();
    let x = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(x);
    json!({ "kty": "OKP", "crv": "Ed25519", "x": x }).to_string()
}

#[tokio::test]
async fn only_an_embeds_document_may_be_framed_and_only_by_its_sites() {
    let portal = Portal::open().await;
    let console = &portal.console;
    let document = console.get(&format!("/embed/{}", portal.embed), &[]).await;
    assert_eq!(document.status, StatusCode::OK);
    let policy = document.header("content-security-policy");
    let ancestors = format!("frame-ancestors {PORTAL};");
    assert!(policy.contains(&ancestors), "{policy}");
    assert!(policy.contains("require-trusted-types-for 'script'"));
    assert_eq!(document.header("x-frame-options"), "");
    assert_eq!(
        document.header("cross-origin-resource-policy"),
        "cross-origin"
    );
    assert_eq!(document.header("referrer-policy"), "no-referrer");
    assert!(
        document
            .text
            .contains(&format!("data-origins=\"{PORTAL}\""))
    );

    let cookie = console.sign_in().await;
    let signed_in = [("cookie", cookie.as_str())];
    let embed = portal.embed.clone();
    for path in [
        "/",
        "/sign-in",
        "/audit",
        "/embed/unknown",
        "/embed/api/view?route=/",
    ] {
        let answer = console.get(path, &signed_in).await;
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        if !path.starts_with("/embed/") {
            assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        }
    }
    let workflow = &console.running.console.workflow;
    workflow.revoke_embed(&portal.admin, &embed).await.unwrap();
    let revoked = console.get(&format!("/embed/{embed}"), &[]).await;
    assert_eq!(revoked.status, StatusCode::GONE);
    assert!(!revoked.text.contains("<script"));
}

#[tokio::test]
async fn a_token_that_is_not_all_right_opens_nothing() {
    let portal = Portal::open().await;
    let now = chrono::Utc::now().timestamp();
    portal
        .check(|it| it["aud"] = "other".into(), "TOKEN_AUDIENCE")
        .await;
    portal
        .check(|it| it["exp"] = (now + 3_600).into(), "TOKEN_TOO_LONG")
        .await;
    portal
        .check(
            |it| {
                it["iat"] = (now - 60).into();
                it["exp"] = (now - 10).into()
            },
            "TOKEN_EXPIRED",
        )
        .await;
    portal
        .check(
            |it| {
                it["iat"] = (now + 60).into();
                it["exp"] = (now + 90).into()
            },
            "TOKEN_EXPIRED",
        )
        .await;
    portal
        .check(
            |it| it["origin"] = "https://evil.example".into(),
            "TOKEN_ORIGIN",
        )
        .await;
    portal
        .check(|it| it["view"] = "overview".into(), "TOKEN_VIEW")
        .await;
    portal
        .check(|it| it["registry"] = "other".into(), "TOKEN_REGISTRY")
        .await;
    portal
        .check(|it| it["role"] = "auditor".into(), "TOKEN_ROLE")
        .await;
    portal
        .check(|it| it["role"] = "admin".into(), "TOKEN_ROLE")
        .await;
    portal
        .check(|it| it["repos"] = json!(["*"]), "TOKEN_SCOPE")
        .await;
    portal
        .check(
            |it| it["locked"] = json!({ "severity": "high" }),
            "TOKEN_SCOPE",
        )
        .await;
    portal
        .check(|it| it["sub"] = "".into(), "TOKEN_MALFORMED")
        .await;
    portal
        .check(
            |it| drop(it.as_object_mut().unwrap().remove("jti")),
            "TOKEN_MALFORMED",
        )
        .await;
    portal
        .check(
            |it| it["iss"] = "https://evil.example".into(),
            "TOKEN_KEY_UNKNOWN",
        )
        .await;

    let token = portal.sign(&portal.claims("twice"));
    let elsewhere = portal.present(&token, "https://evil.example").await;
    Portal::refused(&elsewhere, "TOKEN_ORIGIN");
    assert_eq!(portal.present(&token, PORTAL).await.status, StatusCode::OK);
    Portal::refused(&portal.present(&token, PORTAL).await, "TOKEN_REPLAYED");

    let claims = portal.claims("forged");
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some("2027".into());
    let unknown = encode(&header, &claims, &portal.signer).unwrap();
    Portal::refused(&portal.present(&unknown, PORTAL).await, "TOKEN_KEY_UNKNOWN");
    header.kid = Some("2026".into());
    let other = Ed25519KeyPair::generate().unwrap().to_pkcs8().unwrap();
    let other = EncodingKey::from_ed_der(other.as_ref());
    let forged = encode(&header, &claims, &other).unwrap();
    Portal::refused(&portal.present(&forged, PORTAL).await, "TOKEN_SIGNATURE");
    header.alg = Algorithm::HS256;
    let public = jwk(&Ed25519KeyPair::generate().unwrap());
    let confused = encode(
        &header,
        &claims,
        &EncodingKey::from_secret(public.as_bytes()),
    )
    .unwrap();
    Portal::refused(&portal.present(&confused, PORTAL).await, "TOKEN_ALGORITHM");
    let (_, rest) = token.split_once('.').unwrap();
    // {"alg":"none","kid":"2026"}
    let none = format!("eyJhbGciOiJub25lIiwia2lkIjoiMjAyNiJ9.{rest}");
    Portal::refused(&portal.present(&none, PORTAL).await, "TOKEN_ALGORITHM");
    Portal::refused(&portal.present("nonsense", PORTAL).await, "TOKEN_ALGORITHM");
}

#[tokio::test]
async fn a_session_reads_its_own_view_and_nothing_else() {
    let portal = Portal::open().await;
    let session = portal.session("one").await;
    let shown = portal.view(&session, "/").await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text);
    assert_eq!(shown.header("access-control-allow-origin"), "*");
    assert_eq!(shown.header("access-control-allow-credentials"), "");
    let body: Value = serde_json::from_str(&shown.text).unwrap();
    assert_eq!(body["title"], "Runs of drydock");
    assert!(body["html"].as_str().unwrap().contains("No cycle to show."));
    Portal::refused(&portal.view(&session, "/images/web").await, "ROUTE_REFUSED");
    Portal::refused(&portal.view(&session, "/policy").await, "ROUTE_REFUSED");
    Portal::refused(&portal.view(&session, "/runs/zz9").await, "NOT_FOUND");

    // Neither of the two doors takes the other's key.
    let console = &portal.console;
    let cookie = console.sign_in().await;
    let by_cookie = [("cookie", cookie.as_str())];
    let answer = console.get("/embed/api/view?route=/", &by_cookie).await;
    Portal::refused(&answer, "SESSION_EXPIRED");
    let by_bearer = [("authorization", session.as_str())];
    let answer = console
        .get("/registries/drydock/policy.json", &by_bearer)
        .await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn every_view_is_rendered() {
    let portal = Portal::of(scope(EmbedView::Overview, &[])).await;
    let mut claims = portal.claims("overview");
    claims["view"] = "overview".into();
    let answer = portal.present(&portal.sign(&claims), PORTAL).await;
    let body: Value = serde_json::from_str(&answer.text).unwrap();
    let session = format!("Bearer {}", body["session"].as_str().unwrap());
    let shown = portal.view(&session, "/").await;
    assert!(shown.text.contains("In the registry"), "{}", shown.text);

    let lineage = scope(EmbedView::Lineage, &["web/*"]);
    let workflow = &portal.console.running.console.workflow;
    let embed = workflow.create_embed(&portal.admin, lineage, vec![portal.host.clone()]);
    let portal = Portal {
        embed: embed.await.unwrap(),
        ..portal
    };
    let mut claims = portal.claims("lineage");
    claims["view"] = "lineage".into();
    claims["repos"] = json!(["web/shop"]);
    let answer = portal.present(&portal.sign(&claims), PORTAL).await;
    let body: Value = serde_json::from_str(&answer.text).unwrap();
    let session = format!("Bearer {}", body["session"].as_str().unwrap());
    let shown = portal.view(&session, "/").await;
    assert!(
        shown.text.contains("No repository to show."),
        "{}",
        shown.text
    );
    Portal::refused(
        &portal.view(&session, "/images/web/other").await,
        "ROUTE_REFUSED",
    );
}

#[tokio::test]
async fn a_token_is_exchanged_by_the_frame_and_not_by_the_page_around_it() {
    let portal = Portal::open().await;
    let token = portal.sign(&portal.claims("stolen"));
    let body = json!({ "embed": portal.embed, "token": token, "origin": PORTAL });
    let body = body.to_string();
    let own = format!("http://{HOST}");
    for (origin, status) in [
        (PORTAL, StatusCode::FORBIDDEN),
        (own.as_str(), StatusCode::OK),
    ] {
        let headers = [("origin", origin)];
        let path = "/embed/api/session";
        let answer = portal
            .console
            .send(Method::POST, path, &headers, body.clone())
            .await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
}

#[tokio::test]
async fn what_is_revoked_ends_at_once() {
    let portal = Portal::open().await;
    let (one, two) = (portal.session("one").await, portal.session("two").await);
    let workflow = &portal.console.running.console.workflow;
    let ended = workflow
        .end_embed_sessions(&portal.admin, PORTAL, "u-812")
        .await;
    assert_eq!(ended.unwrap(), 2);
    for session in [&one, &two] {
        Portal::refused(&portal.view(session, "/").await, "SESSION_EXPIRED");
    }
    let three = portal.session("three").await;
    let admin = &portal.admin;
    workflow.revoke_embed_key(admin, &portal.key).await.unwrap();
    Portal::refused(&portal.view(&three, "/").await, "SESSION_EXPIRED");
    let token = portal.sign(&portal.claims("four"));
    Portal::refused(&portal.present(&token, PORTAL).await, "TOKEN_KEY_UNKNOWN");
    workflow
        .delete_embed_host(admin, &portal.host)
        .await
        .unwrap();
    let path = format!("/embed/{}", portal.embed);
    let document = portal.console.get(&path, &[]).await;
    let policy = document.header("content-security-policy");
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
}

#[tokio::test]
async fn who_looked_and_what_was_refused_is_in_the_trail() {
    let portal = Portal::open().await;
    let token = portal.sign(&portal.claims("one"));
    portal.present(&token, PORTAL).await;
    portal.present(&token, PORTAL).await;
    let session = portal.session("two").await;
    portal.view(&session, "/").await;
    portal.view(&session, "/").await;
    let report = r#"{"csp-report":{"effective-directive":"frame-ancestors","blocked-uri":"https://evil.example/page?secret"}}"#;
    let path = format!("/embed/{}/reports", portal.embed);
    for _ in 0..2 {
        let answer = portal.console.send(Method::POST, &path, &[], report).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
    }
    let operations = portal.operations().await;
    let person = "by u-812 at https://portal.example";
    assert_eq!(
        operations[3..],
        [
            format!("token.consumed {person}"),
            format!("token.minted {person}"),
            format!("token.replayed {person}"),
            format!("token.consumed {person}"),
            format!("token.minted {person}"),
            format!("embed.loaded {person}"),
            "embed.blocked by a browser".to_owned(),
        ]
    );
    let workflow = &portal.console.running.console.workflow;
    let (_, blocked, _) = workflow
        .get_embed(&portal.admin, &portal.embed)
        .await
        .unwrap();
    assert_eq!(blocked[0].ancestor, "https://evil.example");
}

#[tokio::test]
async fn only_an_administrator_changes_who_may_embed() {
    let portal = Portal::open().await;
    let workflow = &portal.console.running.console.workflow;
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Admin) {
        let caller = Caller::new("eve", role);
        let made = workflow
            .create_embed_host(&caller, "Mine", "https://evil.example")
            .await;
        assert!(made.is_err(), "{}", role.as_str());
        assert!(workflow.revoke_embed(&caller, &portal.embed).await.is_err());
    }
    let wildcard = workflow
        .create_embed_host(&portal.admin, "All", "https://*.example")
        .await;
    assert!(wildcard.unwrap_err().to_string().contains("wildcard"));
}

#[test]
fn the_hosts_script_is_small_and_asks_for_no_wildcard() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../public/embed");
    let kit = std::fs::read_to_string(format!("{folder}/drydock-embed.js")).unwrap();
    let frame = std::fs::read_to_string(format!("{folder}/frame.js")).unwrap();
    assert!(kit.len() < 5_000, "{} bytes", kit.len());
    assert!(frame.len() < 10_000, "{} bytes", frame.len());
    for script in [kit, frame] {
        assert!(!script.contains("\"*\"") && !script.contains("innerHTML"));
    }
}
