//! The provider is killed.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use remint_e2e::{Algorithm, Outcome, Provider};
use serde_json::{Value, json};

use crate::{eager_edge, edge, eventually};

#[tokio::test]
async fn known_keys_go_on_when_the_provider_is_gone() -> Outcome<()> {
    let provider = Provider::start().await?;
    let edge = eager_edge(&provider).await?;
    let seen = provider.service_token(Algorithm::Es256).await?;
    assert_eq!(edge.send(&seen).await?.status, 200);
    let mut unseen = Vec::new();
    for algorithm in Algorithm::ALL {
        unseen.push(provider.service_token(algorithm).await?);
    }
    provider.rotate().await?;
    let new = provider.service_token(Algorithm::Es256).await?;
    provider.kill().await?;
    assert_eq!(edge.send(&new).await?.status, 503, "the keys are asked for, in vain");
    assert_eq!(edge.send(&seen).await?.status, 200);
    for token in unseen {
        assert_eq!(edge.send(&token).await?.status, 200);
    }
    Ok(())
}

#[tokio::test]
async fn a_new_key_of_a_provider_that_is_gone_is_an_outage_and_no_401() -> Outcome<()> {
    let provider = Provider::start().await?;
    let edge = eager_edge(&provider).await?;
    provider.rotate().await?;
    let token = provider.service_token(Algorithm::Es256).await?;
    provider.kill().await?;
    for _ in 0..3 {
        let answer = edge.send(&token).await?;
        assert_eq!(answer.status, 503, "{}", answer.body);
        assert!(answer.headers.contains_key("retry-after"));
        assert!(!answer.headers.contains_key("www-authenticate"));
    }
    provider.restart().await?;
    eventually(200, &[503], || edge.send(&token)).await
}

#[tokio::test]
async fn an_edge_that_started_without_its_provider_recovers() -> Outcome<()> {
    let provider = Provider::start().await?;
    let token = provider.service_token(Algorithm::Es256).await?;
    provider.kill().await?;
    let edge = eager_edge(&provider).await?;
    assert_eq!(edge.send(&token).await?.status, 503);
    provider.restart().await?;
    eventually(200, &[503], || edge.send(&token)).await
}

#[tokio::test]
async fn what_the_known_keys_disprove_is_refused_though_the_provider_is_gone() -> Outcome<()> {
    let provider = Provider::start().await?;
    let (edge, eager) = (edge(&provider).await?, eager_edge(&provider).await?);
    let token = provider.service_token(Algorithm::Es256).await?;
    provider.kill().await?;

    // Under a known key, with another claim: its signature says no.
    let forged = altered(&token, |_, claims| claims["sub"] = json!("root"))?;
    assert_eq!(edge.send(&forged).await?.status, 401);

    // Under a key that was not among those fetched a moment ago, whenever it says it was issued.
    for seconds in [0, 60] {
        let unknown = altered(&token, |header, claims| {
            header["kid"] = json!("a-key-that-never-was");
            claims["iat"] = json!(claims["iat"].as_u64().map(|iat| iat - seconds));
        })?;
        assert_eq!(edge.send(&unknown).await?.status, 401);
        // Where that moment is over, nobody can say.
        tokio::time::sleep(crate::PAUSE).await;
        assert_eq!(eager.send(&unknown).await?.status, 503);
    }
    Ok(())
}

/// The token with another header or other claims, and the signature it had.
fn altered(token: &str, change: impl FnOnce(&mut Value, &mut Value)) -> Outcome<String> {
    let mut parts = token.split('.');
    let mut json = || -> Outcome<Value> {
        let part = parts.next().ok_or("too few parts")?;
        Ok(serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part)?)?)
    };
    let (mut header, mut claims) = (json()?, json()?);
    let signature = parts.next().ok_or("no signature")?;
    change(&mut header, &mut claims);
    let encode = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    Ok(format!("{}.{}.{signature}", encode(&header), encode(&claims)))
}
