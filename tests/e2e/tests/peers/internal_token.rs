//! Our tokens, before two libraries that nobody here wrote, by our published keys.

use remint::Algorithm as Signing;
use remint_e2e::{Algorithm, Edge, Outcome, Provider, Question, Verifier};
use serde_json::json;

use crate::{edge, trust};

#[tokio::test]
async fn both_libraries_verify_our_tokens_of_each_algorithm() -> Outcome<()> {
    let provider = Provider::start().await?;
    let external = provider.log_in("alice", Algorithm::Es256).await?.access;
    for (signing, name) in [(Signing::Es256, "ES256"), (Signing::EdDSA, "EdDSA"), (Signing::Rs256, "RS256")] {
        let edge = Edge::start(signing, [trust(&provider)]).await?;
        let answer = edge.send(&external).await?;
        for verifier in Verifier::ALL {
            let verified = verifier.verify(&edge.question(), answer.internal_token()?).await?;
            assert_eq!(verified.header["alg"], name);
            assert_eq!(verified.header["typ"], "at+jwt");
            assert_eq!(verified.claims["iss"], Edge::ISSUER);
            assert_eq!(verified.claims["aud"], Edge::AUDIENCE);
            assert_eq!(verified.claims["sub"], "idp|alice");
            assert_eq!(verified.claims["scope"], "jobs:read jobs:write");
            assert_eq!(verified.claims["ext"], json!({ "plan": "pro" }));
        }
    }
    Ok(())
}

#[tokio::test]
async fn both_libraries_refuse_what_is_not_for_them() -> Outcome<()> {
    let provider = Provider::start().await?;
    let (edge, other_edge) = (edge(&provider).await?, edge(&provider).await?);
    let external = provider.service_token(Algorithm::Es256).await?;
    let answer = edge.send(&external).await?;
    let token = answer.internal_token()?;
    for verifier in Verifier::ALL {
        let elsewhere = Question { audience: "elsewhere".to_owned(), ..edge.question() };
        assert!(verifier.verify(&elsewhere, token).await.is_err(), "{verifier:?}: another audience");
        assert!(verifier.verify(&other_edge.question(), token).await.is_err(), "{verifier:?}: other keys");
        assert!(verifier.verify(&edge.question(), &external).await.is_err(), "{verifier:?}: an external token");
        assert!(verifier.verify(&edge.question(), token).await.is_ok(), "{verifier:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_token_stays_good_when_the_next_key_is_published() -> Outcome<()> {
    let provider = Provider::start().await?;
    let edge = edge(&provider).await?;
    let before = edge.send(&provider.service_token(Algorithm::Es256).await?).await?;
    edge.rotate()?;
    let after = edge.send(&provider.service_token(Algorithm::Es256).await?).await?;
    for verifier in Verifier::ALL {
        verifier.verify(&edge.question(), before.internal_token()?).await?;
        verifier.verify(&edge.question(), after.internal_token()?).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_token_ends_no_later_than_what_it_came_from() -> Outcome<()> {
    let provider = Provider::start().await?;
    let edge = edge(&provider).await?;
    let external = provider.service_token(Algorithm::Es256).await?;
    let source = Verifier::Jose.verify(&provider.question(), &external).await?;
    let answer = edge.send(&external).await?;
    let ours = Verifier::Jose.verify(&edge.question(), answer.internal_token()?).await?;
    assert!(ours.claims["exp"].as_u64() <= source.claims["exp"].as_u64());
    assert!(ours.claims["exp"].as_u64() > ours.claims["iat"].as_u64());
    Ok(())
}
