use std::time::Duration;

use remint_conformance::key_store::{link, user_id};
use remint_core::{
    ApiKeyStore, Day, Directory, KeyCursor, KeyDigest, Page, StoreRegistry, Subject, Timestamp, UsageFilter, UsageStore,
};
use sqlx::Row;
use sqlx::postgres::PgPool;

use crate::database::Database;

/// Enough that reading a table from its beginning would be the wrong plan.
const FILL: &str = "
    INSERT INTO remint.tenants (id, enabled, created_at) SELECT 'tenant ' || n, true, n FROM generate_series(1, 3000) n;
    INSERT INTO remint.users (id, tenant_id, enabled, scopes, entitlements, created_at)
    SELECT 'user ' || n, 'tenant ' || n, true, '', '{}', n FROM generate_series(1, 3000) n;
    INSERT INTO remint.external_identities (issuer, subject, user_id)
    SELECT 'https://idp.example', 'subject ' || n, 'user ' || n FROM generate_series(1, 3000) n;
    INSERT INTO remint.api_keys (id, user_id, environment, start, networks, scheme, digest, created_at)
    SELECT 'key ' || n, 'user ' || (n % 3000 + 1), 'live', 'start ' || n, '', 'scheme', int8send(n), n
    FROM generate_series(1, 30000) n;
    INSERT INTO remint.usage (day, subject, tenant, api_key, environment, requests, units)
    SELECT n / 100, 'user ' || n % 100, '', '', 'live', 1, 1 FROM generate_series(1, 30000) n;
    ANALYZE remint.tenants, remint.users, remint.external_identities, remint.api_keys, remint.usage;";

/// More often than PostgreSQL plans anew for each value.
const CALLS: u32 = 20;

#[tokio::test]
async fn no_look_up_reads_a_whole_table() {
    let (store, database) = Database::with_store().await;
    store.close().await;
    database.run(FILL).await.unwrap();
    let raw = database.raw().await;
    let (before, _) = reads(&raw, 0).await;

    let store = database.open().await;
    for number in 1..=CALLS {
        let digest = KeyDigest { scheme: "scheme".into(), bytes: u64::from(number).to_be_bytes().into() };
        let found = store.find(&digest).await.unwrap().unwrap();
        assert_eq!(found.tenant.map(|tenant| Some(tenant.id)), Some(found.user.tenant));
        assert_eq!(store.candidates("sch", &format!("start {number}")).await.unwrap().len(), 1);
        assert!(store.key(&found.key.id).await.unwrap().is_some());
        assert_eq!(store.live_schemes("sch", Timestamp::from_secs(1)).await.unwrap(), ["scheme".into()]);
        assert!(store.linked(&link(&format!("subject {number}"))).await.unwrap().is_some());
        let user = user_id(&format!("user {number}"));
        assert!(store.user(&user).await.unwrap().is_some());
        assert_eq!(store.external(&user).await.unwrap().len(), 1);
        assert_eq!(store.list(&user, Page::first(5)).await.unwrap().len(), 5);
        let after = KeyCursor { created_at: Timestamp::from_millis(20_000), id: found.key.id };
        assert!(!store.list(&user, Page { after: Some(after), limit: 5 }).await.unwrap().is_empty());
        let subject = Some(Subject::new("user 7").unwrap());
        let filter = UsageFilter { subject, from: Some(Day(10)), to: Some(Day(20)), ..UsageFilter::default() };
        assert_eq!(store.usage(&filter, Page::all()).await.unwrap().len(), 11);
    }
    store.close().await;
    // At least: find, candidates and key on keys.
    let (after, by_index) = reads(&raw, i64::from(3 * CALLS)).await;
    assert_eq!(after - before, 0, "{by_index} look-ups went by index");
}

/// How often a whole table was read, and how often keys by an index, as soon as the latter is at
/// least so often: what a connection has done is counted when it ends.
async fn reads(raw: &PgPool, at_least: i64) -> (i64, i64) {
    for _ in 0..200 {
        let row = sqlx::query(READS).fetch_one(raw).await.unwrap();
        let (whole, by_index): (i64, i64) = (row.get(0), row.get(1));
        if by_index >= at_least {
            return (whole, by_index);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the server counts no reads");
}

const READS: &str = "
    SELECT sum(seq_scan)::bigint, sum(idx_scan) FILTER (WHERE relname = 'api_keys')::bigint
    FROM pg_stat_user_tables
    WHERE schemaname = 'remint' AND relname IN ('tenants', 'users', 'external_identities', 'api_keys', 'usage')";
