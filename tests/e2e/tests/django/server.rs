use std::path::Path;

use axum::Router;
use axum::routing::get;
use remint::{ApiKeys, Caller, NewUser, Remint, Sqlite, TextFormat};
use remint_e2e::{Edge, Outcome, PATIENCE};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A service with the edge in it, which accepts keys of djangorestframework-api-key. It stops when
/// this is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    edge: remint::Edge,
    url: String,
    http: reqwest::Client,
    task: JoinHandle<()>,
}

impl Server {
    /// Starts one, with the store and the keys of this folder.
    pub(crate) async fn start(folder: &Path) -> Outcome<Self> {
        let edge = Remint::builder(Edge::ISSUER, Edge::AUDIENCE)
            .api_keys(Sqlite::open(folder.join("remint.db")).await?)
            .keys_in(folder.join("keys"))
            .accept([TextFormat::Remint, TextFormat::Drf])
            .build()
            .await?;
        let app = Router::new().route("/", get(async |caller: Caller| caller.subject.to_string())).layer(edge.layer());
        let socket = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", socket.local_addr()?);
        let task = tokio::spawn(async move { _ = axum::serve(socket, app).await });
        Ok(Self { edge, url, http: reqwest::Client::new(), task })
    }

    /// Status and body for a caller with this key: the subject, where it passes.
    pub(crate) async fn whoami(&self, key: &str) -> Outcome<(u16, String)> {
        let request = self.http.get(&self.url).header("authorization", format!("Api-Key {key}"));
        let answer = request.timeout(PATIENCE).send().await?;
        Ok((answer.status().as_u16(), answer.text().await?))
    }

    pub(crate) async fn create_user(&self, user: &str) -> Outcome<()> {
        self.keys()?.create_user(NewUser::new(user.parse()?)).await?;
        Ok(())
    }

    /// How the one key of this user is kept now.
    pub(crate) async fn scheme_of(&self, user: &str) -> Outcome<String> {
        let keys = self.keys()?.list(&user.parse()?).await?;
        let [key] = keys.as_slice() else { return Err(format!("{} keys of {user}", keys.len()).into()) };
        Ok(key.digest.scheme.split([':', '$']).next().unwrap_or_default().to_owned())
    }

    pub(crate) fn keys(&self) -> Outcome<&ApiKeys> {
        Ok(self.edge.api_keys().ok_or("no store")?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}
