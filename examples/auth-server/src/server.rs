//! The server, and who may ask it.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Extensions;
use remint::{
    Audience, ClientAddrLayer, ClientId, Edge, Environment, MemoryStore, NewKey, NewUser, Remint, Trust, UserId,
};
use remint_authorization_server::{AuthorizationServer, Client, Right};
use remint_dpop::MemoryReplays;

use crate::Outcome;
use crate::idp::Idp;

/// An edge: it exchanges what callers bring for a token that is good at the orders.
pub const EDGE: (&str, &str) = ("edge-1", "edge-1-0123456789-abcdefghijklmnop");

/// The orders, a service behind it: they ask the stock, for whoever asks them and for themselves.
pub const ORDERS: (&str, &str) = ("orders", "orders-0123456789-abcdefghijklmnop");

/// The server, and alice's key, whose text is shown this once.
#[derive(Debug)]
pub struct AuthServer {
    /// Signing keys, users, API keys, trust. In memory, for the example; `Sqlite::open` and `keys_in` are
    /// one line each.
    pub edge: Edge,
    /// Alice's key.
    pub key: String,
}

impl AuthServer {
    /// A server at this address, which is its name as well.
    ///
    /// # Errors
    ///
    /// If the issuer's keys cannot be read, or no key can be made.
    pub async fn start(base: &str, idp: &Idp) -> Outcome<Self> {
        let trust = Trust::oidc(idp.issuer(), idp.audience()).jwks_file(idp.jwks_file());
        let trust = trust.named("idp").tenant("acme").allow_scopes(["orders:read", "stock:read"]);
        let edge = Remint::builder(base, "orders").api_keys(MemoryStore::new()).ephemeral_keys().trust(trust);
        let edge = edge.build().await?;
        let (keys, alice) = (edge.api_keys().ok_or("it was built with a store")?, UserId::new("alice")?);
        keys.create_user(NewUser::new(alice.clone()).with_scopes("orders:read stock:read".parse()?)).await?;
        let (key, _) = keys.create(NewKey::new(alice, Environment::Live)).await?;
        Ok(Self { edge, key: key.expose_secret().to_owned() })
    }

    /// Its endpoints.
    ///
    /// # Errors
    ///
    /// If two clients have one id.
    pub fn router(&self) -> Outcome<Router> {
        let authority = self.edge.authority().ok_or("it holds keys")?.clone();
        let edge = Client::with_secret(ClientId::new(EDGE.0)?, EDGE.1)
            .may([Right::Exchange, Right::JwtBearer, Right::Introspect, Right::Revoke])
            .edge();
        let orders = Client::with_secret(ClientId::new(ORDERS.0)?, ORDERS.1)
            .may([Right::Exchange, Right::ClientCredentials, Right::Introspect])
            .subject_audiences([Audience::new("orders")?])
            .audiences([Audience::new("stock")?])
            .scopes("stock:read".parse()?);
        let mut server =
            AuthorizationServer::new(authority, Arc::clone(self.edge.issuer()), Arc::new(MemoryReplays::new(10_000)))
                .revocation_endpoint()
                .client(edge)
                .client(orders);
        if let Some(keys) = self.edge.api_keys() {
            server = server.api_keys(keys.clone());
        }
        // Who guesses a secret is told apart by their address.
        let peer = |extensions: &Extensions| extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
        Ok(server.into_router()?.layer(ClientAddrLayer::peer(peer)))
    }
}
