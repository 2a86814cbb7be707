use crate::support::{Cluster, Desk, act, verify};

pub async fn a_dump_restores_to_a_trail_that_goes_on(desk: &Desk, cluster: &Cluster) {
    let ledger = desk.open().await;
    act(&ledger, "ada", "run.start", "before").await;
    let dump = cluster.dump(&desk.location);
    act(&ledger, "ada", "run.start", "after the dump").await;

    let restored = desk.moved_to(cluster.restore(&dump).await).open().await;
    let found = verify(&restored).await;
    assert_eq!((found.broken, found.entries), (None, 2));
    act(&restored, "ada", "run.start", "restored").await;
    let found = verify(&restored).await;
    assert_eq!((found.broken, found.entries), (None, 4));
    assert!(
        found.keys.iter().eq([&ledger.public_key()]),
        "the key came along"
    );
}
