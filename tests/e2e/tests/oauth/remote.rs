//! The exchange across the wire: at our own server, and at one that nobody here wrote.

use remint::{CredentialRef, Environment, IssuerId, KeyId, Refusal};
use remint_core::{Credential, CredentialForm, Exchanged, Exchanger, Slot};
use remint_e2e::{Algorithm, Authorization, Outcome, Provider, trusted};
use remint_exchange::{ClientCredentials, ClientSecret, RemoteExchanger};

fn jwt(text: &str) -> Credential<'_> {
    Credential::new(Slot::Bearer, CredentialForm::Jwt, text)
}

fn key(text: &str) -> Credential<'_> {
    Credential::new(Slot::ApiKeyHeader, CredentialForm::ApiKey, text)
}

fn credentials(id: &str, secret: &str) -> Outcome<ClientCredentials> {
    Ok(ClientCredentials::secret_basic(id.parse()?, ClientSecret::new(secret)))
}

async fn at_ours(server: &Authorization) -> Outcome<RemoteExchanger> {
    let client = Authorization::client("edge");
    let credentials = credentials("edge", client["secret"].as_str().unwrap_or_default())?;
    let issuer = IssuerId::new(server.issuer())?;
    let exchanger = RemoteExchanger::builder(issuer, Authorization::AUDIENCE.parse()?, credentials).build()?;
    exchanger.start().await;
    Ok(exchanger)
}

fn subject(exchanged: &Exchanged) -> &str {
    exchanged.authentication.get().identity.subject.as_str()
}

#[tokio::test]
async fn an_edge_without_keys_exchanges_tokens_and_keys_at_our_server() -> Outcome<()> {
    let provider = Provider::start().await?;
    let server = Authorization::start(trusted(&provider)).await?;
    let exchanger = at_ours(&server).await?;
    let token = provider.log_in("alice", Algorithm::Es256).await?.access;
    assert_eq!(subject(&exchanger.exchange(jwt(&token)).await?), "idp|alice");
    let bobs = server.sign_up("bob").await?;
    let exchanged = exchanger.exchange(key(&bobs)).await?;
    assert_eq!(subject(&exchanged), "bob");

    let CredentialRef::ApiKey { id } = &exchanged.authentication.get().identity.credential else {
        return Err("a key became something else".into());
    };
    server.revoke_key(&KeyId::new(id.as_str())?).await?;
    assert!(matches!(exchanger.exchange(key(&bobs)).await, Err(Refusal::Denied(_))));
    let forged = format!("{}AAAA", &token[..token.len() - 4]);
    assert!(matches!(exchanger.exchange(jwt(&forged)).await, Err(Refusal::Denied(_))));
    Ok(())
}

#[tokio::test]
async fn a_server_that_is_gone_is_an_outage_and_nobodys_fault() -> Outcome<()> {
    let provider = Provider::start().await?;
    let server = Authorization::start(trusted(&provider)).await?;
    let exchanger = at_ours(&server).await?;
    let bobs = server.sign_up("bob").await?;
    assert!(exchanger.exchange(key(&bobs)).await.is_ok());
    drop(server);
    for _ in 0..20 {
        assert!(matches!(exchanger.exchange(key(&bobs)).await, Err(Refusal::Unavailable(_))));
    }
    Ok(())
}

#[tokio::test]
async fn a_client_with_a_wrong_secret_is_our_fault_and_not_the_callers() -> Outcome<()> {
    let provider = Provider::start().await?;
    let server = Authorization::start(trusted(&provider)).await?;
    let bobs = server.sign_up("bob").await?;
    let issuer = IssuerId::new(server.issuer())?;
    let wrong = credentials("edge", "wrong")?;
    let exchanger = RemoteExchanger::builder(issuer, Authorization::AUDIENCE.parse()?, wrong).build()?;
    assert!(matches!(exchanger.exchange(key(&bobs)).await, Err(Refusal::Unavailable(_))));
    Ok(())
}

#[tokio::test]
async fn tokens_are_exchanged_at_a_server_that_nobody_here_wrote() -> Outcome<()> {
    let [provider, other] = [Provider::start().await?, Provider::start().await?];
    let credentials = credentials(Provider::SERVICE, Provider::SECRET)?;
    let issuer = IssuerId::new(provider.issuer())?;
    let exchanger =
        RemoteExchanger::builder(issuer, "internal".parse()?, credentials).foreign(Environment::Live).build()?;
    exchanger.start().await;
    let token = provider.log_in("alice", Algorithm::Rs256).await?.access;
    let exchanged = exchanger.exchange(jwt(&token)).await?;
    let found = exchanged.authentication.get();
    assert_eq!((found.identity.subject.as_str(), found.identity.environment), ("alice", Environment::Live));
    assert!(found.identity.scopes.contains("jobs:read"));
    let strangers = other.log_in("alice", Algorithm::Rs256).await?.access;
    assert!(matches!(exchanger.exchange(jwt(&strangers)).await, Err(Refusal::Denied(_))));
    provider.kill().await?;
    assert!(matches!(exchanger.exchange(jwt(&token)).await, Err(Refusal::Unavailable(_))));
    Ok(())
}
