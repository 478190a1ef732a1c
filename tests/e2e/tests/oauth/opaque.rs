//! Trust by introspection (RFC 7662) in a provider that nobody here wrote, whose tokens are opaque.

use std::time::Duration;

use remint::{ClientCredentials, ClientSecret, Clock as _, Introspection, SystemClock};
use remint_e2e::{Algorithm, Edge, Outcome, Provider, trusted};
use remint_testkit::ManualClock;
use serde_json::json;

/// An edge that asks the provider, by a clock of its own.
async fn asking(provider: &Provider) -> Outcome<(Edge, ManualClock)> {
    let secret = ClientSecret::new(Provider::SECRET);
    let credentials = ClientCredentials::secret_basic(Provider::SERVICE.parse()?, secret);
    let trust = trusted(provider).introspection(Introspection::new(credentials));
    let clock = ManualClock::at(SystemClock.now());
    let edge = Edge::start_by(|builder, _| Ok(builder.trust(trust).clock(clock.clone()))).await?;
    Ok((edge, clock))
}

#[tokio::test]
async fn an_opaque_token_counts_until_its_provider_revokes_it_and_the_answer_is_over() -> Outcome<()> {
    let provider = Provider::start().await?;
    let token = provider.log_in_for_opaque("alice").await?.access;
    let (edge, clock) = asking(&provider).await?;
    let cold = edge.send(&token).await?;
    assert_eq!(cold.status, 200, "{}", cold.body);
    let caller = &cold.body["caller"];
    assert_eq!((&caller["subject"], &caller["client"]), (&json!("idp|alice"), &json!("web")), "{caller}");
    assert_eq!(caller["scopes"], json!(["jobs:read", "jobs:write"]));
    assert_eq!(caller["credential"]["iss"], provider.issuer());
    let warm = edge.send(&token).await?;
    assert_eq!((warm.body, provider.introspections().await?), (cold.body, 1), "the answer was not kept");

    provider.revoke(&token).await?;
    assert_eq!(edge.send(&token).await?.status, 200, "the answer counts for its time");
    clock.advance(Duration::from_secs(61));
    let after = edge.send(&token).await?;
    assert_eq!(after.status, 401, "{}", after.body);
    assert!(after.headers["www-authenticate"].to_str()?.contains("invalid_token"), "{:?}", after.headers);
    assert_eq!(provider.introspections().await?, 2);
    let (fresh, _) = asking(&provider).await?;
    assert_eq!(fresh.send(&token).await?.status, 401, "a node that never saw it alive");
    Ok(())
}

#[tokio::test]
async fn a_provider_that_is_gone_is_an_outage_and_no_tokens_fault() -> Outcome<()> {
    let provider = Provider::start().await?;
    let known = provider.log_in_for_opaque("alice").await?.access;
    let unknown = provider.log_in_for_opaque("bob").await?.access;
    let (edge, clock) = asking(&provider).await?;
    assert_eq!(edge.send("of-nobody").await?.status, 401);
    assert_eq!(edge.send(&known).await?.status, 200);
    provider.kill().await?;
    assert_eq!(edge.send(&known).await?.status, 200, "the answer counts for its time");
    for _ in 0..20 {
        for token in [&unknown, "of-nobody-either"] {
            let answer = edge.send(token).await?;
            assert_eq!(answer.status, 503, "{}", answer.body);
            assert!(!answer.headers.contains_key("www-authenticate"), "{:?}", answer.headers);
        }
    }
    clock.advance(Duration::from_secs(61));
    assert_eq!(edge.send(&known).await?.status, 503, "and no longer");

    provider.restart().await?;
    clock.advance(Duration::from_secs(61));
    assert_eq!(edge.send(&known).await?.status, 401, "it came back without its tokens");
    assert_eq!(provider.introspections().await?, 1);
    Ok(())
}

#[tokio::test]
async fn no_key_of_ours_and_no_foreign_jwt_reaches_the_provider() -> Outcome<()> {
    let [provider, other] = [Provider::start().await?, Provider::start().await?];
    let (edge, _) = asking(&provider).await?;
    let [live, _] = edge.sign_up("bob").await?;
    assert_eq!(edge.send(&live).await?.body["caller"]["subject"], "bob");
    let (kept, changed) = live.split_at(live.len() - 20);
    let unknown = format!("{kept}{}", changed.chars().rev().collect::<String>());
    assert_eq!(edge.send(&unknown).await?.status, 401);
    edge.delete_user("bob").await?;
    assert_eq!(edge.send(&live).await?.status, 401, "the user is gone");
    let strangers = other.service_token(Algorithm::Es256).await?;
    assert_eq!(edge.send(&strangers).await?.status, 401);
    assert_eq!(provider.introspections().await?, 0);

    let alices = provider.log_in_for_opaque("alice").await?.access;
    assert_eq!(edge.send(&alices).await?.status, 200);
    assert_eq!(provider.introspections().await?, 1, "the count counts");
    Ok(())
}
