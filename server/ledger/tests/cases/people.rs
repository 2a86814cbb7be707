use crate::support::{Desk, act, list, sign_in, verify};
use drydock_domain::access::Role;
use drydock_domain::audit::{Kind, Outcome};
use drydock_ledger::{Client, EntryFilter, Happening};

pub async fn erasing_a_person_leaves_the_chain_whole(desk: &Desk) {
    let (name, address) = ("Ada Sentinel-Name", "192.0.2.77");
    let ledger = desk.open().await;
    act(&ledger, name, "run.start", "harbour").await;
    let signed_in = Happening {
        kind: Kind::SignIn,
        actor: name,
        client: Some(Client {
            address: address.into(),
            user_agent: "Browser/1".into(),
        }),
        operation: "auth.login",
        object: "console",
        detail: "",
        outcome: Outcome::Succeeded,
    };
    ledger.note(signed_in).await.unwrap();
    let session = sign_in(&ledger, name, Role::Viewer).await;

    assert_eq!(ledger.erase_person("root", name).await.unwrap(), 2);
    let found = verify(&ledger).await;
    assert_eq!((found.broken, found.entries), (None, 4));
    let listed = list(&ledger, EntryFilter::default()).await;
    assert_eq!(listed[0].operation, "person.erase");
    let pseudonym = listed[2].actor.strip_prefix("erased (").unwrap();
    assert!(listed[0].object.contains(pseudonym.trim_end_matches(')')));
    assert_eq!(ledger.find_session(&session).await.unwrap(), None);
    for secret in [name, address] {
        assert!(!desk.holds(secret), "{secret} is still in a file");
    }

    act(&ledger, name, "run.start", "harbour").await;
    let again = list(
        &ledger,
        EntryFilter {
            actor: Some(name.into()),
            ..EntryFilter::default()
        },
    );
    assert_eq!(
        again.await.len(),
        1,
        "a person who comes back is another one"
    );
}
