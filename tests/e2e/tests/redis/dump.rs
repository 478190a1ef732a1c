use std::fs;
use std::time::Duration;

use remint_conformance::quota_counter::{charge, subject, take};
use remint_core::{QuotaHolder, SharedTier, Slot};
use remint_redis::{RedisCounter, RedisTier};
use remint_seal::{ClusterSecret, ClusterSecrets, EntryParts};

use crate::server::Server;

const CREDENTIAL: &str = "rk_live_abcdefghijklmnopqrstuvwxyz0123456789";
const TOKEN: &str = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl";

#[tokio::test]
async fn a_dump_holds_no_piece_of_a_credential_or_a_token_and_swapped_values_do_not_open() {
    let server = Server::start();
    let tier = RedisTier::new(server.redis());
    let secrets = ClusterSecrets::new(ClusterSecret::from_bytes(&[7; 32]).unwrap());
    let parts = |credential| EntryParts {
        slot: Slot::ApiKeyHeader,
        credential,
        audience: "internal-audience",
        on_behalf_of: Some("user-alice"),
        policy: "policy-version",
    };
    let (one, other) = (parts(CREDENTIAL), parts("rk_live_9876543210zyxwvutsrqponmlkjihgfedcba"));
    let (one, other) = (secrets.newest_place(&one), secrets.newest_place(&other));
    for place in [one, other] {
        tier.put(place.name(), place.seal(TOKEN.as_bytes()).unwrap(), Duration::from_secs(60)).await.unwrap();
    }
    let user = subject("user-alice");
    take(&RedisCounter::new(server.redis()), &[charge(QuotaHolder::Subject(&user), 5, 1)]).await;

    assert_eq!(server.cli(&["CONFIG", "SET", "rdbcompression", "no"]), "OK");
    assert_eq!(server.cli(&["SAVE"]), "OK");
    let dump = fs::read(server.folder().join("dump.rdb")).unwrap();
    assert!(dump.windows(13).any(|window| window == b"remint:entry:"), "this test finds what it looks for");
    for secret in [CREDENTIAL, TOKEN, "internal-audience", "user-alice", "policy-version"] {
        for piece in secret.as_bytes().windows(6) {
            assert!(!dump.windows(6).any(|window| window == piece), "{}", piece.escape_ascii());
        }
    }

    let opened = one.open(&tier.get(one.name()).await.unwrap().unwrap()).unwrap();
    assert_eq!(*opened, TOKEN.as_bytes());
    let keys = server.cli(&["KEYS", "remint:entry:*"]);
    let keys: Vec<_> = keys.lines().collect();
    server.cli(&["RENAME", keys[0], "third"]);
    server.cli(&["RENAME", keys[1], keys[0]]);
    server.cli(&["RENAME", "third", keys[1]]);
    for place in [one, other] {
        assert!(place.open(&tier.get(place.name()).await.unwrap().unwrap()).is_none());
    }
}
