use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::get;
use remint::{Algorithm, Environment, NewKey, NewUser, Remint, RemintBuilder, Sqlite, Trust, UserId};
use remint_verify::Verifier;

use crate::answer::ask;
use crate::behind::Behind;
use crate::script::PATIENCE;
use crate::server::Server;
use crate::{Answer, Outcome, Question};

/// An edge that passes each request on, over the network, to a service behind it.
#[derive(Debug)]
pub struct Edge {
    server: Server,
    behind: Behind,
    remint: remint::Edge,
    http: reqwest::Client,
}

impl Edge {
    /// The `iss` of the internal tokens.
    pub const ISSUER: &str = "https://auth.internal";

    /// The `aud` of the internal tokens.
    pub const AUDIENCE: &str = "internal";

    /// Starts one that has these trusts, and signs with `algorithm`.
    ///
    /// # Errors
    ///
    /// If something of it cannot be built.
    pub async fn start(algorithm: Algorithm, trusts: impl IntoIterator<Item = Trust>) -> Outcome<Self> {
        Self::start_by(|builder, _| Ok(trusts.into_iter().fold(builder.algorithm(algorithm), RemintBuilder::trust)))
            .await
    }

    /// Starts one of these settings, which are given the URL it will be reached by.
    ///
    /// # Errors
    ///
    /// If something of it cannot be built.
    pub async fn start_by(settings: impl FnOnce(RemintBuilder, &str) -> Outcome<RemintBuilder>) -> Outcome<Self> {
        let socket = Server::bind().await?;
        let store = Sqlite::in_memory().await?;
        let builder = Remint::builder(Self::ISSUER, Self::AUDIENCE).ephemeral_keys().api_keys(store);
        let remint = settings(builder, &format!("http://{}", socket.local_addr()?))?.build().await?;

        let publisher = remint.clone();
        let published = get(move || async move { publisher.jwks_response().map(Body::from) });
        let next = Server::bind().await?;
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
        let app = Router::new()
            .route("/whoami", get(pass_on))
            .with_state((http.clone(), format!("http://{}", next.local_addr()?)))
            .layer(remint.layer())
            .route(JWKS, published);
        let server = Server::serve(socket, app)?;
        let verifier = Verifier::builder(Self::ISSUER.parse()?, Self::AUDIENCE.parse()?);
        let verifier = verifier.jwks_uri(format!("{}{JWKS}", server.url())).build().await?;
        let behind = Behind::start(next, &verifier)?;
        Ok(Self { server, behind, remint, http })
    }

    /// The URL of the service, through the edge.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}/whoami", self.server.url())
    }

    /// Sends a request with this token through the edge to the service behind it.
    ///
    /// # Errors
    ///
    /// If no answer comes.
    pub async fn send(&self, token: &str) -> Outcome<Answer> {
        ask(&self.http, &self.url(), token).await
    }

    /// Sends the token to the service behind the edge, past the edge.
    ///
    /// # Errors
    ///
    /// If no answer comes.
    pub async fn send_past(&self, token: &str) -> Outcome<Answer> {
        ask(&self.http, &self.behind.url(), token).await
    }

    /// What to ask a verifier about the internal tokens.
    #[must_use]
    pub fn question(&self) -> Question {
        Question {
            jwks: format!("{}{JWKS}", self.server.url()),
            issuer: Self::ISSUER.to_owned(),
            audience: Self::AUDIENCE.to_owned(),
        }
    }

    /// Makes the next internal key.
    ///
    /// # Errors
    ///
    /// If it cannot be made.
    pub fn rotate(&self) -> Outcome<()> {
        Ok(self.remint.issuer().rotate()?)
    }

    /// Makes a user, with a key for each environment.
    ///
    /// # Errors
    ///
    /// If there is such a user already.
    pub async fn sign_up(&self, user: &str) -> Outcome<[String; 2]> {
        let keys = self.remint.api_keys().ok_or("no store")?;
        let user: UserId = user.parse()?;
        keys.create_user(NewUser::new(user.clone())).await?;
        let (live, _) = keys.create(NewKey::new(user.clone(), Environment::Live)).await?;
        let (test, _) = keys.create(NewKey::new(user, Environment::Test)).await?;
        Ok([live, test].map(|key| key.expose_secret().to_owned()))
    }

    /// Deletes a user, keys and all.
    ///
    /// # Errors
    ///
    /// If the store does not answer.
    pub async fn delete_user(&self, user: &str) -> Outcome<bool> {
        let keys = self.remint.api_keys().ok_or("no store")?;
        Ok(keys.delete_user(&user.parse()?).await?)
    }
}

/// The handler at the edge: sends what it was given to the service behind.
async fn pass_on(
    State((http, url)): State<(reqwest::Client, String)>,
    mut headers: HeaderMap,
) -> Result<impl IntoResponse, StatusCode> {
    headers.remove("host");
    let answer = async {
        let response = http.get(url).headers(headers).timeout(PATIENCE).send().await?;
        let status = response.status();
        Ok::<_, reqwest::Error>((status, response.bytes().await?))
    };
    answer.await.map_err(|_| StatusCode::BAD_GATEWAY)
}

const JWKS: &str = "/.well-known/jwks.json";
