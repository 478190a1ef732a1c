use remint::{ApiKeys, Edge, Environment, KeyId, NewKey, NewUser, UserId};
use tokio::net::TcpListener;

use crate::args::Args;
use crate::provider::DemoProvider;
use crate::proxy::Proxy;
use crate::server::{self, Server};
use crate::{Outcome, behind, edge};

/// Everything that runs: provider, edge, the service behind it, and a user with keys.
#[derive(Debug)]
pub(crate) struct Demo {
    pub(crate) provider: Provider,
    pub(crate) edge: Edge,
    pub(crate) live: DemoKey,
    pub(crate) test: DemoKey,
    front: Server,
    behind: Server,
}

/// Whose JWTs the edge takes.
#[derive(Debug)]
pub(crate) enum Provider {
    Demo(Box<DemoProvider>),
    /// The address of a real one. Its tokens are the caller's to bring.
    Real(String),
}

/// A key as its owner has it. A service never keeps the text.
#[derive(Debug)]
pub(crate) struct DemoKey {
    pub(crate) id: KeyId,
    pub(crate) text: String,
}

impl Demo {
    /// The user whose keys they are.
    pub(crate) const USER: &str = "alice";

    pub(crate) async fn start(args: &Args) -> Outcome<Self> {
        let (provider, trust) = match args.provider() {
            None => {
                let demo = DemoProvider::start().await?;
                let trust = edge::trust_demo(demo.issuer(), DemoProvider::AUDIENCE);
                (Provider::Demo(Box::new(demo)), trust)
            }
            Some((issuer, audience)) => (Provider::Real(issuer.to_owned()), edge::trust_real(issuer, audience)),
        };

        let front = TcpListener::bind(args.listen).await.map_err(|error| format!("{}: {error}", args.listen))?;
        let url = server::url(front.local_addr()?);
        let edge = edge::build(&url, trust).await?;

        // Each needs the other's address: the sockets come first. The service behind fetches the
        // edge's keys when it starts, so the edge serves by then.
        let socket = Server::any_port().await?;
        let proxy = Proxy::to(socket.local_addr()?.to_string().parse()?);
        let front = Server::start(front, edge::app(&edge, proxy))?;
        let behind = Server::start(socket, behind::app(&url, edge::AUDIENCE).await?)?;

        let keys = edge.api_keys().ok_or("the edge was built with a store")?;
        keys.create_user(
            NewUser::new(UserId::new(Self::USER)?)
                .with_tenant("acme".parse()?)
                .with_scopes("orders:read orders:write".parse()?),
        )
        .await?;
        let live = new_key(keys, Environment::Live).await?;
        let test = new_key(keys, Environment::Test).await?;
        Ok(Self { provider, edge, live, test, front, behind })
    }

    /// Where callers reach the edge; also the `iss` of internal tokens.
    pub(crate) fn url(&self) -> &str {
        self.front.url()
    }

    /// Where the service behind the edge is. Callers do not need it.
    pub(crate) fn behind(&self) -> &str {
        self.behind.url()
    }

    /// One more key of the user.
    pub(crate) async fn spare_key(&self) -> Outcome<DemoKey> {
        new_key(self.keys()?, Environment::Live).await
    }

    /// Ends a key, now and everywhere.
    pub(crate) async fn revoke(&self, id: &KeyId) -> Outcome<()> {
        self.keys()?.revoke(id).await?;
        Ok(())
    }

    fn keys(&self) -> Outcome<&ApiKeys> {
        Ok(self.edge.api_keys().ok_or("the edge was built with a store")?)
    }
}

async fn new_key(keys: &ApiKeys, environment: Environment) -> Outcome<DemoKey> {
    let (key, record) = keys.create(NewKey::new(UserId::new(Demo::USER)?, environment)).await?;
    Ok(DemoKey { id: record.id, text: key.expose_secret().to_owned() })
}
