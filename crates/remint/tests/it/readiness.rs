use remint::{Algorithm, IssuerId, KeySetState, MemoryStore, Trust};

use crate::support::{IDP, Provider, builder};

#[tokio::test]
async fn an_edge_tells_of_which_issuers_it_has_keys() {
    let provider = Provider::new(Algorithm::Es256);
    // Nobody listens on port 1.
    let down = "http://127.0.0.1:1";
    let builder = builder(&provider, MemoryStore::new()).trust(Trust::oidc(down, "api"));
    let edge = builder.build().await.unwrap();
    let (down, idp) = (IssuerId::new(down).unwrap(), IssuerId::new(IDP).unwrap());
    assert_eq!(edge.trusted().last(), Some(&(idp.clone(), KeySetState::Fixed)));
    let state: Vec<_> = edge.trusted().into_iter().map(|(issuer, keys)| (issuer, keys.has_keys())).collect();
    assert_eq!(state, [(down, false), (idp.clone(), true)]);
    edge.distrust(&idp).await.unwrap();
    assert_eq!(edge.trusted().len(), 1);
}
