//! The provider's tokens, of each algorithm and of a user, through the edge to a service behind it.

use remint::{Algorithm as Signing, Trust};
use remint_e2e::{Algorithm, Edge, Outcome, Provider};
use serde_json::json;

use crate::{edge, trust};

#[tokio::test]
async fn a_services_token_of_each_algorithm_reaches_the_service_behind() -> Outcome<()> {
    let provider = Provider::start().await?;
    let edge = edge(&provider).await?;
    for algorithm in Algorithm::ALL {
        let token = provider.service_token(algorithm).await?;
        let cold = edge.send(&token).await?;
        assert_eq!(cold.status, 200, "{algorithm:?}: {}", cold.body);
        let caller = &cold.body["caller"];
        assert_eq!(caller["subject"], "idp|worker");
        assert_eq!(caller["tenant"], "acme");
        assert_eq!(caller["env"], "live");
        assert_eq!(caller["client"], "worker");
        assert_eq!(caller["scopes"], json!(["jobs:write"]));
        assert_eq!(caller["ext"], json!({ "plan": "pro" }));
        assert_eq!(caller["credential"]["kind"], "jwt");
        assert_eq!(caller["credential"]["iss"], provider.issuer());

        let warm = edge.send(&token).await?;
        assert_eq!(warm.body, cold.body, "{algorithm:?}: warm and cold differ");
    }
    Ok(())
}

#[tokio::test]
async fn neither_the_credential_nor_a_spoofed_header_goes_on() -> Outcome<()> {
    let provider = Provider::start().await?;
    let edge = edge(&provider).await?;
    let token = provider.service_token(Algorithm::Es256).await?;
    let answer = edge.send(&token).await?;
    assert_ne!(answer.internal_token()?, token);
    assert!(!answer.body.to_string().contains(&token));
    let headers = answer.body["headers"].as_array().ok_or("no headers")?;
    assert!(!headers.contains(&json!("x-user-id")), "{headers:?}");
    Ok(())
}

#[tokio::test]
async fn a_users_token_carries_the_user() -> Outcome<()> {
    let provider = Provider::start().await?;
    let edge = edge(&provider).await?;
    for algorithm in Algorithm::ALL {
        let tokens = provider.log_in("alice", algorithm).await?;
        let answer = edge.send(&tokens.access).await?;
        assert_eq!(answer.status, 200, "{algorithm:?}: {}", answer.body);
        assert_eq!(answer.body["caller"]["subject"], "idp|alice");
        assert_eq!(answer.body["caller"]["client"], "web");
        assert_eq!(answer.body["caller"]["scopes"], json!(["jobs:read", "jobs:write"]));
    }
    Ok(())
}

#[tokio::test]
async fn a_users_id_token_is_no_access_token() -> Outcome<()> {
    let provider = Provider::start().await?;
    // Even where its audience, the client, is one of ours.
    let trusting = trust(&provider).audience("web");
    let edge = Edge::start(Signing::Es256, [trusting]).await?;
    let tokens = provider.log_in("alice", Algorithm::Rs256).await?;
    assert_eq!(edge.send(&tokens.id).await?.status, 401);
    assert_eq!(edge.send(&tokens.access).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn a_token_for_another_audience_is_refused() -> Outcome<()> {
    let provider = Provider::start().await?;
    let elsewhere = Trust::oidc(provider.issuer(), "elsewhere");
    let edge = Edge::start(Signing::Es256, [elsewhere]).await?;
    let token = provider.service_token(Algorithm::Es256).await?;
    assert_eq!(edge.send(&token).await?.status, 401);
    Ok(())
}

#[tokio::test]
async fn two_providers_are_trusted_side_by_side_and_a_third_is_not() -> Outcome<()> {
    let (one, two, three) = (Provider::start().await?, Provider::start().await?, Provider::start().await?);
    let trusts = [trust(&one), trust(&two).named("other")];
    let edge = Edge::start(Signing::Es256, trusts).await?;
    for (provider, subject) in [(&one, "idp|worker"), (&two, "other|worker")] {
        let token = provider.service_token(Algorithm::Es256).await?;
        assert_eq!(edge.send(&token).await?.body["caller"]["subject"], subject);
    }
    let token = three.service_token(Algorithm::Es256).await?;
    assert_eq!(edge.send(&token).await?.status, 401);
    Ok(())
}
