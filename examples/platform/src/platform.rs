use remint::KeyId;

use crate::auth::{Auth, ORDERS_EDGE, STOCK_EDGE};
use crate::idp::Idp;
use crate::{Outcome, edge, listen, orders, stock};

/// Everything, on sockets of its own.
#[derive(Debug)]
pub(crate) struct Platform {
    /// The addresses: of the server, the edges, and the services behind them.
    pub(crate) auth: String,
    pub(crate) orders_edge: String,
    pub(crate) stock_edge: String,
    pub(crate) orders: String,
    pub(crate) stock: String,
    /// Bob's token of the external issuer, and alice's key with its id.
    pub(crate) jwt: String,
    pub(crate) key: (String, KeyId),
    _server: Auth,
}

impl Platform {
    pub(crate) async fn start() -> Outcome<Self> {
        let idp = Idp::new()?;
        let (socket, auth) = listen::any_port().await?;
        let server = Auth::new(&auth, &idp).await?;
        listen::serve(socket, server.router()?);
        let key = server.key_of("alice", "orders:read stock:read").await?;

        let (socket, stock) = listen::any_port().await?;
        listen::serve(socket, stock::app(&auth).await?);
        let (socket, orders) = listen::any_port().await?;
        listen::serve(socket, orders::app(&auth, &stock).await?);

        let edge = edge::edge(&auth, "orders", ORDERS_EDGE).await?;
        let (socket, orders_edge) = listen::any_port().await?;
        listen::serve(socket, edge::app(&edge, &orders)?);
        let other = edge::edge(&auth, "stock", STOCK_EDGE).await?;
        let (socket, stock_edge) = listen::any_port().await?;
        listen::serve(socket, edge::app(&other, &stock)?);
        Ok(Self { auth, orders_edge, stock_edge, orders, stock, jwt: idp.token()?, key, _server: server })
    }

    /// What to try.
    pub(crate) fn lines(&self) -> String {
        let Self { auth, orders_edge, stock_edge, jwt, .. } = self;
        format!(
            "curl -s {orders_edge}/ -H 'Authorization: Bearer {jwt}'\n\
             curl -s {stock_edge}/ -H 'Authorization: Bearer {jwt}'\n\
             curl -s {auth}/.well-known/oauth-authorization-server"
        )
    }
}
