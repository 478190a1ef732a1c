//! A user's API keys become the same kind of token as a provider's JWT.

use remint_e2e::{Algorithm, Outcome, Provider, Verifier};

use crate::edge;

#[tokio::test]
async fn both_libraries_verify_the_token_that_an_api_key_becomes() -> Outcome<()> {
    let provider = Provider::start().await?;
    let edge = edge(&provider).await?;
    let keys = edge.sign_up("bob").await?;
    for (key, environment) in keys.iter().zip(["live", "test"]) {
        let answer = edge.send(key).await?;
        assert_eq!(answer.body["caller"]["subject"], "bob");
        assert_eq!(answer.body["caller"]["env"], environment);
        for verifier in Verifier::ALL {
            let verified = verifier.verify(&edge.question(), answer.internal_token()?).await?;
            assert_eq!(verified.header["typ"], "at+jwt");
            assert_eq!(verified.claims["sub"], "bob");
            assert_eq!(verified.claims["env"], environment);
            assert_eq!(verified.claims["cred"]["kind"], "api_key");
        }
    }
    Ok(())
}

#[tokio::test]
async fn deleting_a_user_ends_every_key_and_no_other_caller() -> Outcome<()> {
    let provider = Provider::start().await?;
    let edge = edge(&provider).await?;
    let token = provider.service_token(Algorithm::Es256).await?;
    let keys = edge.sign_up("bob").await?;
    for credential in keys.iter().chain([&token]) {
        assert_eq!(edge.send(credential).await?.status, 200);
    }
    assert!(edge.delete_user("bob").await?);
    for key in &keys {
        assert_eq!(edge.send(key).await?.status, 401);
    }
    assert_eq!(edge.send(&token).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn api_keys_go_on_when_the_provider_is_gone() -> Outcome<()> {
    let provider = Provider::start().await?;
    let edge = edge(&provider).await?;
    let keys = edge.sign_up("bob").await?;
    provider.kill().await?;
    for key in &keys {
        assert_eq!(edge.send(key).await?.status, 200);
    }
    Ok(())
}
