use crate::support::Desk;
use chrono::TimeDelta;
use drydock_domain::access::Role;
use drydock_domain::embed::{EmbedScope, EmbedView, Origin};
use drydock_ledger::{Entry, Ledger, NewEmbedSession, NewKey, Token};
use tokio::join;

const PORTAL: &str = "https://portal.example";

struct Placed {
    ledger: Ledger,
    entry: Entry,
    host: String,
    key: String,
    embed: String,
}

fn scope() -> EmbedScope {
    EmbedScope {
        view: EmbedView::Runs,
        registry: "harbour".into(),
        repositories: Vec::new(),
        statuses: Vec::new(),
        role: Role::Viewer,
    }
}

/// A host with a key, and an embed for it.
async fn place(desk: &Desk) -> Placed {
    let ledger = desk.open().await;
    let entry = ledger
        .begin("ada", "embed.change", "embeds", "")
        .await
        .unwrap();
    let origin = Origin::parse(PORTAL).unwrap();
    let host = ledger.create_embed_host(&entry, "Portal", &origin).await;
    let host = host.unwrap().unwrap();
    let key = ledger.create_embed_key(&entry, &host, &new_key()).await;
    let embed = ledger
        .create_embed(&entry, &scope(), std::slice::from_ref(&host))
        .await;
    Placed {
        key: key.unwrap().unwrap(),
        embed: embed.unwrap().unwrap(),
        ledger,
        entry,
        host,
    }
}

fn new_key() -> NewKey {
    NewKey {
        kid: "2026".into(),
        jwk: "{}".into(),
        algorithm: "EdDSA".into(),
        thumbprint: "print".into(),
    }
}

impl Placed {
    async fn visit(&self, subject: &str, cap: i64) -> Option<Token> {
        let scope = scope();
        let session = NewEmbedSession {
            embed: &self.embed,
            key: &self.key,
            origin: PORTAL,
            subject,
            scope: &scope,
        };
        let life = TimeDelta::minutes(8);
        let made = self.ledger.create_embed_session(&session, life, cap).await;
        made.unwrap()
    }

    async fn lives(&self, token: &Token) -> bool {
        let found = self.ledger.find_embed_session(token).await.unwrap();
        found.is_some()
    }
}

pub async fn an_embed_is_for_the_hosts_that_it_names(desk: &Desk) {
    let placed = place(desk).await;
    let ledger = desk.open().await;
    let found = ledger.find_embed(&placed.embed).await.unwrap().unwrap();
    assert_eq!(found.scope, scope());
    assert_eq!(found.origins, [Origin::parse(PORTAL).unwrap()]);
    assert_eq!(found.created_at, desk.now());
    let hosts = ledger.list_embed_hosts().await.unwrap();
    assert_eq!(hosts[0].keys[0].kid, "2026");

    let entry = &placed.entry;
    let again = Origin::parse(PORTAL).unwrap();
    let again = ledger.create_embed_host(entry, "Other", &again).await;
    assert_eq!(again.unwrap(), None, "an origin belongs to one host");
    let again = ledger
        .create_embed_key(entry, &placed.host, &new_key())
        .await;
    assert_eq!(again.unwrap(), None, "a kid names one key");
    let unknown = ledger
        .create_embed(entry, &scope(), &["nobody".into()])
        .await;
    assert_eq!(unknown.unwrap(), None);
    assert_eq!(ledger.list_embeds().await.unwrap().len(), 1);
}

pub async fn a_token_is_used_up_by_the_first_who_presents_it(desk: &Desk) {
    let placed = place(desk).await;
    let other = desk.open().await;
    let until = desk.now() + TimeDelta::seconds(60);
    let (one, two) = join!(
        placed.ledger.consume_embed_token(&placed.host, "j1", until),
        other.consume_embed_token(&placed.host, "j1", until),
    );
    assert_ne!(one.unwrap(), two.unwrap());
    let elsewhere = other.consume_embed_token("other", "j1", until).await;
    assert!(elsewhere.unwrap(), "another host's names are its own");
    desk.pass(TimeDelta::seconds(59));
    let replayed = other.consume_embed_token(&placed.host, "j1", until).await;
    assert!(!replayed.unwrap());
}

pub async fn a_frames_session_ends_by_time(desk: &Desk) {
    let placed = place(desk).await;
    let token = placed.visit("u-1", 9).await.unwrap();
    let found = desk.open().await.find_embed_session(&token).await.unwrap();
    let found = found.unwrap();
    assert_eq!(found.actor(), "u-1 at https://portal.example");
    assert_eq!(found.scope, scope());
    desk.pass(TimeDelta::minutes(8));
    assert!(!placed.lives(&token).await);
}

pub async fn frames_have_only_so_many_sessions_at_a_time(desk: &Desk) {
    let placed = place(desk).await;
    assert!(placed.visit("u-1", 1).await.is_some());
    assert!(placed.visit("u-2", 1).await.is_none());
    desk.pass(TimeDelta::minutes(8));
    assert!(placed.visit("u-2", 1).await.is_some());
}

pub async fn revoking_a_key_an_embed_or_a_person_ends_their_sessions(desk: &Desk) {
    let placed = place(desk).await;
    let (ledger, entry) = (&placed.ledger, &placed.entry);
    let (one, two) = (placed.visit("u-1", 9).await, placed.visit("u-2", 9).await);
    let (one, two) = (one.unwrap(), two.unwrap());
    let ended = ledger.end_embed_sessions(entry, PORTAL, "u-1").await;
    assert_eq!(ended.unwrap(), 1);
    assert!(!placed.lives(&one).await && placed.lives(&two).await);

    assert!(
        ledger
            .find_embed_key(PORTAL, "2026")
            .await
            .unwrap()
            .is_some()
    );
    assert!(ledger.revoke_embed_key(entry, &placed.key).await.unwrap());
    assert!(!ledger.revoke_embed_key(entry, &placed.key).await.unwrap());
    assert!(
        ledger
            .find_embed_key(PORTAL, "2026")
            .await
            .unwrap()
            .is_none()
    );
    assert!(!placed.lives(&two).await);

    let three = placed.visit("u-3", 9).await.unwrap();
    assert!(ledger.revoke_embed(entry, &placed.embed).await.unwrap());
    assert!(!placed.lives(&three).await);
    let embed = ledger.find_embed(&placed.embed).await.unwrap().unwrap();
    assert_eq!(embed.revoked_at, Some(desk.now()));

    let four = placed.visit("u-4", 9).await.unwrap();
    let erased = ledger
        .erase_person("root", "u-4 at https://portal.example")
        .await;
    erased.unwrap();
    assert!(!placed.lives(&four).await);

    let five = placed.visit("u-5", 9).await.unwrap();
    assert!(ledger.delete_embed_host(entry, &placed.host).await.unwrap());
    assert!(!placed.lives(&five).await);
    let embed = ledger.find_embed(&placed.embed).await.unwrap().unwrap();
    assert!(embed.origins.is_empty());
}
