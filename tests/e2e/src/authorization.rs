use remint::{ActFor, Audience, ClientId, Environment, KeyId, NewKey, NewUser, Remint, Sqlite, Trust, UserId};
use remint_authorization_server::{AuthorizationServer, Client, Right};
use remint_dpop::MemoryReplays;
use remint_jwt::{Algorithm, JwkSet, SigningKey};
use serde_json::{Value, json};
use std::sync::Arc;

use crate::server::Server;
use crate::{Outcome, Provider};

/// Our authorization server, on a port of its own, over a store in memory.
#[derive(Debug)]
pub struct Authorization {
    server: Server,
    edge: remint::Edge,
    client_key: SigningKey,
}

impl Authorization {
    /// The audience of its tokens.
    pub const AUDIENCE: &str = "internal";

    /// Starts one that trusts this provider, with a client for each way to authenticate.
    ///
    /// # Errors
    ///
    /// If something of it cannot be built.
    pub async fn start(trust: Trust) -> Outcome<Self> {
        let socket = Server::bind().await?;
        let url = format!("http://{}", socket.local_addr()?);
        let store = Sqlite::in_memory().await?;
        let builder = Remint::builder(&url, Self::AUDIENCE).api_keys(store).trust(trust);
        let edge = builder.ephemeral_keys().build().await?;
        let client_key = SigningKey::generate(Algorithm::Es256)?;
        let authority = edge.authority().ok_or("it mints nothing")?.clone();
        let keys = edge.api_keys().ok_or("no store")?.clone();
        let replays = Arc::new(MemoryReplays::new(1000));
        let server = AuthorizationServer::new(authority, Arc::clone(edge.issuer()), replays)
            .api_keys(keys)
            .revocation_endpoint();
        let server = clients(&client_key)?.into_iter().fold(server, AuthorizationServer::client);
        let server = Server::serve(socket, server.into_router()?)?;
        Ok(Self { server, edge, client_key })
    }

    /// Its issuer, `http://127.0.0.1:<port>`.
    #[must_use]
    pub fn issuer(&self) -> String {
        self.server.url()
    }

    /// A client of ours and its secret.
    #[must_use]
    pub fn client(name: &str) -> Value {
        json!({ "id": name, "secret": secret(name) })
    }

    /// The client that signs assertions, with its key.
    ///
    /// # Errors
    ///
    /// If the key cannot be written down.
    pub fn signed(&self) -> Outcome<Value> {
        Ok(json!({ "id": SIGNED, "pem": self.client_key.to_pem()?.as_str() }))
    }

    /// Makes a user with a scope, and returns a key of theirs.
    ///
    /// # Errors
    ///
    /// If there is such a user already.
    pub async fn sign_up(&self, user: &str) -> Outcome<String> {
        let keys = self.edge.api_keys().ok_or("no store")?;
        let user: UserId = user.parse()?;
        keys.create_user(NewUser::new(user.clone()).with_scopes("jobs:read jobs:write".parse()?)).await?;
        let (key, _) = keys.create(NewKey::new(user, Environment::Live)).await?;
        Ok(key.expose_secret().to_owned())
    }

    /// Ends a key.
    ///
    /// # Errors
    ///
    /// If the store does not answer.
    pub async fn revoke_key(&self, id: &KeyId) -> Outcome<()> {
        self.edge.revoke(remint::Target::Key(id.clone())).await?;
        Ok(())
    }

    /// What a client script is asked: to drive every grant with these credentials.
    ///
    /// # Errors
    ///
    /// If the client's key cannot be written down.
    pub fn orders(&self, jwt: &str, key: &str) -> Outcome<Value> {
        Ok(json!({
            "issuer": self.issuer(),
            "audience": Self::AUDIENCE,
            // RFC 6749 §2.3.1 asks to encode what is in them; some clients do.
            "client": Self::client(SERVICE),
            "worker": Self::client(WORKER),
            "signed": self.signed()?,
            "jwt": jwt,
            "key": key,
        }))
    }
}

/// Trust in the provider, with what its tokens carry.
pub fn trusted(provider: &Provider) -> Trust {
    Trust::oidc(provider.issuer(), Provider::AUDIENCE).named("idp").allow_scopes(["jobs:read", "jobs:write"])
}

/// Letters that must be encoded within HTTP Basic, if anything is.
fn secret(name: &str) -> String {
    format!("{name}/+%:=&? -0123456789-abcdefgh")
}

fn clients(key: &SigningKey) -> Outcome<Vec<Client>> {
    let new = |name: &str| Ok::<_, remint::InvalidName>(Client::with_secret(ClientId::new(name)?, &secret(name)));
    let keys = JwkSet::try_from(vec![key.public_jwk().clone()])?;
    let act_for = ActFor { users: vec!["bob".parse()?], ..ActFor::default() };
    let audiences = [Audience::new(Authorization::AUDIENCE)?, Audience::new("orders")?];
    Ok(vec![
        new(SERVICE)?.may(Right::ALL).audiences(audiences),
        new(WORKER)?.may([Right::ClientCredentials, Right::Exchange]).act_for(act_for),
        new("edge")?.may([Right::Exchange]).edge(),
        Client::with_keys(ClientId::new(SIGNED)?, keys).may([Right::ClientCredentials]),
    ])
}

const SERVICE: &str = "service-1";
const WORKER: &str = "worker-1";
const SIGNED: &str = "signed-1";
