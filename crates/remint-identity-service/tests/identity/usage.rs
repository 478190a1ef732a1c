use std::time::Duration;

use remint_core::{Day, Environment, UsageBatch, UsageCount, UsageKey, UsageRow};
use serde_json::{Value, json};

use crate::edge::Edge;

async fn metered(edge: &Edge, id: u8, rows: &[(&str, Option<&str>, u32, u64)]) {
    let rows = rows
        .iter()
        .map(|(subject, tenant, day, requests)| UsageRow {
            key: UsageKey {
                day: Day(*day),
                subject: subject.parse().unwrap(),
                tenant: tenant.map(|tenant| tenant.parse().unwrap()),
                key: None,
                environment: Environment::Live,
            },
            count: UsageCount { requests: *requests, units: requests * 2 },
        })
        .collect();
    let batch = UsageBatch { id: [id; 16], at: edge.now(), rows };
    edge.keys.store().add_usage(&batch).await.unwrap();
}

fn sums(body: &Value) -> Vec<(String, String, u64)> {
    let items = body["items"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    items.iter().map(|row| (text(&row["day"]), text(&row["user"]), row["requests"].as_u64().unwrap())).collect()
}

fn row(day: &str, user: &str, requests: u64) -> (String, String, u64) {
    (day.to_owned(), user.to_owned(), requests)
}

/// 2026-01-01, when the clock starts.
const TODAY: u32 = 20_454;

#[tokio::test]
async fn a_user_sees_their_own_usage_since_they_are_there() {
    let edge = Edge::new().await;
    let alice = edge.user("alice", "").await;
    metered(&edge, 1, &[("alice", None, TODAY - 1, 1), ("alice", None, TODAY, 2), ("bob", None, TODAY, 4)]).await;
    metered(&edge, 2, &[("alice", Some("acme"), TODAY + 1, 8)]).await;
    edge.clock.advance(Duration::from_secs(48 * 3600));
    let own = [row("2026-01-01", "alice", 2), row("2026-01-02", "alice", 8)];
    for (query, expected) in [
        ("", &own[..]),
        ("?user=alice", &own[..]),
        ("?from=2025-12-01", &own[..]),
        ("?from=2026-01-02", &own[1..]),
        ("?to=2026-01-01", &own[..1]),
        ("?tenant=acme", &own[1..]),
        ("?from=2027-01-01", &[]),
    ] {
        let answer = edge.call(&alice, &format!("GET /v1/usage{query}"), Value::Null).await;
        assert_eq!(sums(&answer.body), expected, "{query}");
    }
}

#[tokio::test]
async fn an_administrator_sees_everyones_usage_page_by_page() {
    let edge = Edge::new().await;
    let rows = [("alice", None, TODAY - 9, 1), ("alice", Some("acme"), TODAY, 2), ("idp|x", None, TODAY, 4)];
    metered(&edge, 1, &rows).await;
    let all = [row("2025-12-23", "alice", 1), row("2026-01-01", "alice", 2), row("2026-01-01", "idp|x", 4)];
    let (mut seen, mut next) = (Vec::new(), String::new());
    loop {
        let page = edge.bootstrap(&format!("GET /v1/usage?limit=1{next}"), Value::Null).await;
        seen.extend(sums(&page.body));
        let Some(cursor) = page.body["next"].as_str() else { break };
        next = format!("&cursor={cursor}");
    }
    assert_eq!(seen, all);
    let one = edge.bootstrap("GET /v1/usage?tenant=acme", Value::Null).await.body;
    let expected = json!({
        "day": "2026-01-01", "user": "alice", "tenant": "acme", "key": null, "environment": "live", "requests": 2, "units": 4,
    });
    assert_eq!(one, json!({ "items": [expected], "next": null }));
    assert_eq!(sums(&edge.bootstrap("GET /v1/usage?user=idp%7Cx", Value::Null).await.body), all[2..]);
}
