//! The quickstart with a real provider.

use remint_e2e::{Algorithm, Outcome, Provider, Quickstart, Verifier};
use serde_json::Value;

#[tokio::test]
async fn a_real_provider_can_take_the_demo_providers_place() -> Outcome<()> {
    let provider = Provider::start().await?;
    let quickstart = Quickstart::start(&provider).await?;
    let mut seen = Value::Null;
    for algorithm in Algorithm::ALL {
        let token = provider.log_in("alice", algorithm).await?.access;
        let answer = quickstart.whoami(&token).await?;
        assert_eq!(answer.status, 200, "{algorithm:?}: {}", answer.body);
        seen = answer.body;
        assert_eq!(seen["claims"]["cred"]["iss"], provider.issuer());
        assert!(seen["caller"]["subject"].as_str().is_some_and(|subject| subject.ends_with("|alice")), "{seen}");
        assert!(seen["headers"].get("x-user-id").is_none(), "{seen}");
        assert!(!seen.to_string().contains(&token));
    }

    let text = |value: &Value| value.as_str().map(str::to_owned).ok_or("no text");
    let question = quickstart.question(&text(&seen["claims"]["iss"])?, &text(&seen["claims"]["aud"])?);
    let internal = text(&seen["headers"]["authorization"][0])?;
    let internal = internal.strip_prefix("Bearer ").ok_or("no bearer token")?;
    for verifier in Verifier::ALL {
        assert_eq!(verifier.verify(&question, internal).await?.claims, seen["claims"]);
    }
    Ok(())
}

#[tokio::test]
async fn a_token_of_a_provider_it_was_not_given_is_refused() -> Outcome<()> {
    let (given, other) = (Provider::start().await?, Provider::start().await?);
    let quickstart = Quickstart::start(&given).await?;
    assert_eq!(quickstart.whoami(&other.service_token(Algorithm::Es256).await?).await?.status, 401);
    Ok(())
}
