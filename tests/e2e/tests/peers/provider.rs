//! The provider and the verifiers by themselves: what the other tests stand on.

use remint_e2e::{Algorithm, Outcome, Provider, Question, Verifier};

#[tokio::test]
async fn both_verifiers_take_the_providers_tokens_of_each_algorithm() -> Outcome<()> {
    let provider = Provider::start().await?;
    let question = provider.question();
    for algorithm in Algorithm::ALL {
        let token = provider.service_token(algorithm).await?;
        for verifier in Verifier::ALL {
            let verified = verifier.verify(&question, &token).await?;
            assert_eq!(verified.header["alg"], algorithm.name());
            assert_eq!(verified.claims["sub"], Provider::SERVICE);
        }
    }
    Ok(())
}

#[tokio::test]
async fn both_verifiers_refuse_what_is_wrong() -> Outcome<()> {
    let provider = Provider::start().await?;
    let question = provider.question();
    let token = provider.service_token(Algorithm::Es256).await?;
    let (signed, signature) = token.rsplit_once('.').ok_or("no signature")?;
    let forged = format!("{signed}.{}", signature.chars().rev().collect::<String>());
    for verifier in Verifier::ALL {
        assert!(verifier.verify(&question, &forged).await.is_err(), "{verifier:?}: forged");
        let elsewhere = Question { audience: "elsewhere".to_owned(), ..question.clone() };
        assert!(verifier.verify(&elsewhere, &token).await.is_err(), "{verifier:?}: audience");
        let other = Question { issuer: "http://127.0.0.1:1".to_owned(), ..question.clone() };
        assert!(verifier.verify(&other, &token).await.is_err(), "{verifier:?}: issuer");
    }
    Ok(())
}

#[tokio::test]
async fn a_user_logs_in() -> Outcome<()> {
    let provider = Provider::start().await?;
    let question = provider.question();
    let tokens = provider.log_in("alice", Algorithm::Es256).await?;
    let verified = Verifier::Jose.verify(&question, &tokens.access).await?;
    assert_eq!(verified.claims["sub"], "alice");
    assert_eq!(verified.claims["client_id"], "web");
    Ok(())
}

#[tokio::test]
async fn rotated_keys_overlap_until_they_are_retired() -> Outcome<()> {
    let provider = Provider::start().await?;
    let question = provider.question();
    let old = provider.service_token(Algorithm::EdDsa).await?;
    provider.rotate().await?;
    let new = provider.service_token(Algorithm::EdDsa).await?;
    let old_kid = Verifier::Jose.verify(&question, &old).await?.header["kid"].take();
    let new_kid = Verifier::Jose.verify(&question, &new).await?.header["kid"].take();
    assert_ne!(old_kid, new_kid);
    provider.retire().await?;
    assert!(Verifier::Jose.verify(&question, &old).await.is_err());
    assert!(Verifier::Jose.verify(&question, &new).await.is_ok());
    Ok(())
}

#[tokio::test]
async fn a_provider_that_was_killed_comes_back_with_its_keys() -> Outcome<()> {
    let provider = Provider::start().await?;
    let question = provider.question();
    let token = provider.service_token(Algorithm::Es256).await?;
    provider.kill().await?;
    assert!(Verifier::Jose.verify(&question, &token).await.is_err());
    provider.restart().await?;
    assert!(Verifier::Jose.verify(&question, &token).await.is_ok());
    Ok(())
}
