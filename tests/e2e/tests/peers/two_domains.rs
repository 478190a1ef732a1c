//! Outside and inside are two trust domains.

use remint_e2e::{Algorithm, Outcome, Provider};

use crate::edge;

#[tokio::test]
async fn an_internal_token_is_refused_at_the_edge() -> Outcome<()> {
    let provider = Provider::start().await?;
    let edge = edge(&provider).await?;
    let answer = edge.send(&provider.service_token(Algorithm::Es256).await?).await?;
    let internal = answer.internal_token()?;
    assert_eq!(edge.send_past(internal).await?.status, 200);
    assert_eq!(edge.send(internal).await?.status, 401);
    Ok(())
}

#[tokio::test]
async fn an_external_token_is_refused_behind_the_edge() -> Outcome<()> {
    let provider = Provider::start().await?;
    let edge = edge(&provider).await?;
    for algorithm in Algorithm::ALL {
        let token = provider.service_token(algorithm).await?;
        assert_eq!(edge.send(&token).await?.status, 200);
        assert_eq!(edge.send_past(&token).await?.status, 401, "{algorithm:?}");
    }
    Ok(())
}
