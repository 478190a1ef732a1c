use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Extensions;
use remint::{
    Audience, ClientAddrLayer, ClientId, Edge, Environment, KeyId, MemoryStore, NewKey, NewUser, Remint, UserId,
};
use remint_authorization_server::{AuthorizationServer, Client, Followers, Right};
use remint_dpop::MemoryReplays;

use crate::Outcome;
use crate::idp::Idp;

/// Who may ask the authorization server, with their secrets; where they come from is a deployment's business.
pub(crate) const ORDERS_EDGE: (&str, &str) = ("orders-edge", "orders-edge-0123456789-abcdefghijk");
pub(crate) const STOCK_EDGE: (&str, &str) = ("stock-edge", "stock-edge-0123456789-abcdefghijkl");
pub(crate) const ORDERS: (&str, &str) = ("orders", "orders-0123456789-abcdefghijklmnop");

/// The one place with keys: signing keys, API keys, trusts.
#[derive(Debug)]
pub(crate) struct Auth {
    edge: Edge,
}

impl Auth {
    pub(crate) async fn new(url: &str, idp: &Idp) -> Outcome<Self> {
        let edge = Remint::builder(url, "orders").api_keys(MemoryStore::new()).ephemeral_keys().trust(idp.trust()?);
        Ok(Self { edge: edge.build().await? })
    }

    /// A user with these scopes, and a key of theirs.
    pub(crate) async fn key_of(&self, user: &str, scopes: &str) -> Outcome<(String, KeyId)> {
        let (keys, user) = (self.edge.api_keys().ok_or("it was built with a store")?, UserId::new(user)?);
        keys.create_user(NewUser::new(user.clone()).with_scopes(scopes.parse()?)).await?;
        let (key, record) = keys.create(NewKey::new(user, Environment::Live)).await?;
        Ok((key.expose_secret().to_owned(), record.id))
    }

    pub(crate) fn router(&self) -> Outcome<Router> {
        let authority = self.edge.authority().ok_or("it holds keys")?.clone();
        let replays = Arc::new(MemoryReplays::new(10_000));
        let mut server = AuthorizationServer::new(authority, Arc::clone(self.edge.issuer()), replays)
            .revocation_endpoint()
            .followers(Followers::of(self.edge.revocations().log()));
        if let Some(keys) = self.edge.api_keys() {
            server = server.api_keys(keys.clone());
        }
        for ((id, secret), audience) in [(ORDERS_EDGE, "orders"), (STOCK_EDGE, "stock")] {
            let edge = Client::with_secret(ClientId::new(id)?, secret).audiences([Audience::new(audience)?]);
            server = server.client(edge.may([Right::Exchange, Right::Introspect, Right::Revoke, Right::Follow]).edge());
        }
        // It exchanges what was meant for it, for the stock; and what it may by itself is not much.
        let orders = Client::with_secret(ClientId::new(ORDERS.0)?, ORDERS.1)
            .may([Right::Exchange, Right::ClientCredentials])
            .subject_audiences([Audience::new("orders")?])
            .audiences([Audience::new("stock")?])
            .scopes("stock:read".parse()?);
        let peer = |extensions: &Extensions| extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
        Ok(server.client(orders).into_router()?.layer(ClientAddrLayer::peer(peer)))
    }
}
