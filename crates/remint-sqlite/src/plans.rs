//! What SQLite says it would do for the statements that must not read a whole table.

use sqlx::Row;

use crate::{Sqlite, api_keys, audit, directory, last_used, registry, replays, revocations, usage, users};

async fn plan(statement: &'static str) -> String {
    let store = Sqlite::in_memory().await.unwrap();
    let explained = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
    let rows = sqlx::query(explained).fetch_all(store.readers()).await.unwrap();
    rows.iter().map(|row| row.get::<String, _>("detail")).collect::<Vec<_>>().join("; ")
}

/// The steps of the plan, in order, each as it begins; none of them scans a table or sorts.
async fn assert_plan(statement: &'static str, steps: &[&str]) {
    let plan = plan(statement).await;
    let matches = plan.split("; ").map(Some).zip(steps.iter().map(Some)).all(|(is, should)| {
        let (Some(is), Some(should)) = (is, should) else { return false };
        is.starts_with(should)
    });
    assert!(matches && plan.split("; ").count() == steps.len(), "{plan}");
    assert!(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{plan}");
}

#[tokio::test]
async fn a_look_up_is_three_searches_by_index() {
    let key = "SEARCH k USING INDEX sqlite_autoindex_api_keys_2 (scheme=? AND digest=?)";
    let (user, tenant) = ("SEARCH u USING PRIMARY KEY (id=?)", "SEARCH t USING PRIMARY KEY (id=?)");
    assert_plan(api_keys::FIND, &[key, user, tenant]).await;
    let key = "SEARCH k USING INDEX api_keys_by_start (start=?)";
    assert_plan(api_keys::CANDIDATES, &[key, user, tenant]).await;
    let link = "SEARCH e USING PRIMARY KEY (issuer=? AND subject=?)";
    assert_plan(directory::LINKED, &[link, user, tenant]).await;
}

#[tokio::test]
async fn a_list_is_read_in_the_order_of_its_index() {
    assert_plan(api_keys::LIST, &["SEARCH k USING INDEX api_keys_of_user (user_id=?)"]).await;
    let after = "SEARCH k USING INDEX api_keys_of_user (user_id=? AND (created_at,id)<(?,?))";
    assert_plan(api_keys::LIST_AFTER, &[after]).await;
    let links = "SEARCH external_identities USING COVERING INDEX external_identities_of_user (user_id=?)";
    assert_plan(users::EXTERNAL, &[links]).await;
    let descent = plan(api_keys::DESCENT).await;
    assert!(descent.contains("SEARCH key_descent USING PRIMARY KEY (maker=?"), "{descent}");
    assert!(!descent.contains("SCAN key_descent") && !descent.contains("TEMP B-TREE"), "{descent}");
    assert_plan(audit::EVENTS, &["SEARCH audit USING INTEGER PRIMARY KEY (rowid>?)"]).await;
}

#[tokio::test]
async fn usage_is_read_in_the_order_of_an_index() {
    assert_plan(usage::USAGE, &["SEARCH usage USING PRIMARY KEY ((day,subject,tenant,api_key,environment)>"]).await;
    assert_plan(usage::USAGE_OF_TENANT, &["SEARCH usage USING INDEX usage_of_tenant (tenant=? AND "]).await;
    assert_plan(usage::USAGE_OF_SUBJECT, &["SEARCH usage USING INDEX usage_of_subject (subject=? AND "]).await;
}

#[tokio::test]
async fn a_change_finds_its_row_by_index() {
    for statement in [api_keys::KEY, api_keys::REVOKE, api_keys::ROTATE, api_keys::REHASH, last_used::RECORD] {
        let plan = plan(statement).await;
        assert!(plan.starts_with("SEARCH ") && plan.contains(" USING INDEX ") && !plan.contains("SCAN"), "{plan}");
    }
    for statement in [users::USER, users::TENANT] {
        assert!(plan(statement).await.contains(" USING PRIMARY KEY (id=?)"));
    }
}

#[tokio::test]
async fn what_was_used_once_is_forgotten_in_the_order_of_an_index() {
    let ended = "SEARCH replays USING COVERING INDEX replays_by_end (until<?)";
    let steps = plan(replays::PRUNE).await;
    assert!(steps.starts_with("SEARCH replays USING PRIMARY KEY (key=?)") && steps.contains(ended), "{steps}");
    assert!(!steps.contains("SCAN") && !steps.contains("ORDER BY"), "{steps}");
}

#[tokio::test]
async fn the_schemes_of_live_keys_are_found_by_index_and_not_by_reading_keys() {
    let steps = plan(registry::LIVE_SCHEMES).await;
    let by_index: Vec<_> = steps.split("; ").filter(|step| step.contains("api_keys") || step.contains(" k ")).collect();
    assert_eq!(by_index.len(), 3, "{steps}");
    for step in by_index {
        assert!(step.starts_with("SEARCH ") && step.contains("USING INDEX api_keys_live (scheme"), "{steps}");
    }
}

#[tokio::test]
async fn the_log_of_revocations_is_read_by_position_and_forgotten_by_age() {
    let read = plan(revocations::READ).await;
    assert!(read.contains("SEARCH revocations USING INTEGER PRIMARY KEY (rowid>?)"), "{read}");
    assert!(!read.contains("SCAN revocations"), "{read}");
    let latest = plan(revocations::LATEST).await;
    assert!(latest.contains("USING INDEX revocations_ended (target=?)") && !latest.contains("B-TREE"), "{latest}");
    let forget = plan(revocations::FORGET).await;
    assert_eq!(forget.matches("revocations_age (lasting=? AND logged_at<?)").count(), 2, "{forget}");
}
