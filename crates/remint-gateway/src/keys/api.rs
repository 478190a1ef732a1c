#[cfg(unix)]
use std::error::Error;
#[cfg(unix)]
use std::path::Path;
use std::time::Duration;

use remint::{KeyId, TimeSpan, UserId};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, Url};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::args::Request;
use super::{KeyView, act_for};
use crate::failure::{Failure, with_causes};
#[cfg(unix)]
use crate::serve::SERVICE;

/// The HTTP interface of a gateway that runs on this machine, through its socket. No credential is sent: that the
/// socket could be opened is the permission.
#[derive(Debug)]
#[cfg_attr(not(unix), allow(dead_code, reason = "there are no Unix sockets"))]
pub(super) struct Api {
    client: Client,
    base: Url,
}

impl Api {
    /// The gateway that listens at this socket, if one does, and if its store is this one.
    #[cfg(unix)]
    pub(super) async fn ask(socket: &Path, store: &str) -> Result<Option<Self>, Failure> {
        let base = Url::parse("http://gateway").map_err(|error| Failure::Refused(error.to_string()))?;
        let client = Client::builder()
            .unix_socket(socket)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .tls_certs_only([])
            .build()
            .map_err(|error| Failure::unavailable("there is no HTTP client", &error))?;
        let cannot_be_told =
            || format!("the gateway at {} cannot be asked for its store, so the store is left alone", socket.display());
        let answer = match client.get(at(&base, &["gateway"])?).send().await {
            Ok(answer) => answer,
            // One that has ended without tidying up.
            Err(error) if io_error(&error).is_some_and(crate::socket::is_gone) => return Ok(None),
            Err(error) => return Err(Failure::unavailable(&cannot_be_told(), &error.without_url())),
        };
        let known: Gateway =
            answer.json().await.map_err(|error| Failure::unavailable(&cannot_be_told(), &error.without_url()))?;
        let is_the_same = known.service == SERVICE && known.store == store;
        Ok(is_the_same.then_some(Self { client, base }))
    }

    pub(super) async fn create(&self, request: &Request) -> Result<KeyView, Failure> {
        if request.create_user {
            self.create_user(request).await?;
        }
        let mut body = Map::new();
        body.insert("user".into(), request.user.as_str().into());
        body.insert("environment".into(), request.environment.as_str().into());
        if let Some(name) = &request.name {
            body.insert("name".into(), name.as_str().into());
        }
        if let Some(scopes) = &request.scopes {
            body.insert("scopes".into(), scopes.to_string().into());
        }
        if !request.networks.is_empty() {
            body.insert("networks".into(), request.networks.iter().map(ToString::to_string).collect());
        }
        if let Some(span) = request.expires_in {
            body.insert("expires_in".into(), span.to_string().into());
        }
        if let Some(right) = &request.act_for {
            let mut right_given = act_for::in_json(right);
            if let (Some(scopes), Some(members)) = (&right.scopes, right_given.as_object_mut()) {
                members.insert("scopes".into(), scopes.to_string().into());
            }
            body.insert("act_for".into(), right_given);
        }
        let answer = self.to(Method::POST, &["v1", "api-keys"])?.json(&body).send().await.map_err(unanswered)?;
        match answer.status() {
            StatusCode::NOT_FOUND => Err(request.no_user()),
            status if status.is_success() => read(answer).await,
            _ => Err(refusal(answer).await),
        }
    }

    pub(super) async fn list(&self, user: &UserId) -> Result<Vec<KeyView>, Failure> {
        let mut keys = Vec::new();
        let mut cursor = None::<String>;
        loop {
            let mut url = at(&self.base, &["v1", "api-keys"])?;
            url.query_pairs_mut().append_pair("user", user.as_str()).append_pair("limit", "100");
            if let Some(cursor) = &cursor {
                url.query_pairs_mut().append_pair("cursor", cursor);
            }
            let answer = self.client.get(url).send().await.map_err(unanswered)?;
            let page: Page = match answer.status() {
                StatusCode::NOT_FOUND => return Err(Failure::Refused(format!("there is no user {user}"))),
                status if status.is_success() => read(answer).await?,
                _ => return Err(refusal(answer).await),
            };
            keys.extend(page.items);
            match page.next {
                Some(next) => cursor = Some(next),
                None => return Ok(keys),
            }
        }
    }

    pub(super) async fn rotate(&self, id: &KeyId, overlap: TimeSpan) -> Result<KeyView, Failure> {
        let body = json!({ "overlap": overlap.to_string() });
        self.made(self.to(Method::POST, &["v1", "api-keys", id.as_str(), "rotate"])?.json(&body)).await
    }

    pub(super) async fn revoke(&self, id: &KeyId, cascade: bool) -> Result<(), Failure> {
        let mut url = at(&self.base, &["v1", "api-keys", id.as_str()])?;
        if cascade {
            url.query_pairs_mut().append_pair("cascade", "true");
        }
        self.send(self.client.delete(url)).await.map(drop)
    }

    /// With the key's scopes, which it could not use otherwise; a user who is there stays as they are.
    async fn create_user(&self, request: &Request) -> Result<(), Failure> {
        let mut url = at(&self.base, &["v1", "users"])?;
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.push(request.user.as_str());
        }
        let known = self.client.get(url).send().await.map_err(unanswered)?;
        if known.status() == StatusCode::OK {
            return Ok(());
        }
        if known.status() != StatusCode::NOT_FOUND {
            return Err(refusal(known).await);
        }
        let mut body = Map::new();
        body.insert("id".into(), request.user.as_str().into());
        body.insert("issue".into(), json!([]));
        if let Some(tenant) = &request.tenant {
            body.insert("tenant".into(), tenant.as_str().into());
        }
        if let Some(scopes) = request.user_scopes() {
            body.insert("scopes".into(), scopes.to_string().into());
        }
        if !request.roles.as_slice().is_empty() {
            body.insert("roles".into(), request.roles.as_slice().into());
        }
        self.send(self.to(Method::POST, &["v1", "users"])?.json(&body)).await.map(drop)
    }

    fn to(&self, method: Method, path: &[&str]) -> Result<RequestBuilder, Failure> {
        Ok(self.client.request(method, at(&self.base, path)?))
    }

    async fn made(&self, request: RequestBuilder) -> Result<KeyView, Failure> {
        read(self.send(request).await?).await
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, Failure> {
        let answer = request.send().await.map_err(unanswered)?;
        if answer.status().is_success() { Ok(answer) } else { Err(refusal(answer).await) }
    }
}

/// What a gateway says of itself.
#[cfg(unix)]
#[derive(Deserialize)]
struct Gateway {
    service: String,
    store: String,
}

#[derive(Deserialize)]
struct Page {
    items: Vec<KeyView>,
    next: Option<String>,
}

/// A problem document (RFC 9457), as far as people want to read it.
#[derive(Default, Deserialize)]
struct Problem {
    #[serde(default)]
    title: String,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    errors: Vec<Value>,
}

async fn read<T: for<'de> Deserialize<'de>>(answer: Response) -> Result<T, Failure> {
    // The answer may hold a key: it is not part of the error.
    answer.json().await.map_err(|_| Failure::Unavailable("the gateway's answer is not as expected".to_owned()))
}

async fn refusal(answer: Response) -> Failure {
    let status = answer.status();
    let Problem { title, detail, errors } = answer.json().await.unwrap_or_default();
    let mut message = format!("the gateway answered {}", status.as_u16());
    for part in [title, detail].iter().filter(|part| !part.is_empty()) {
        message.push_str(&format!(": {part}"));
    }
    for error in errors {
        let text = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        message.push_str(&format!("\n  {} {}", text("pointer"), text("detail")));
    }
    if status.is_server_error() { Failure::Unavailable(message) } else { Failure::Refused(message) }
}

fn unanswered(error: reqwest::Error) -> Failure {
    Failure::Unavailable(format!("the gateway did not answer: {}", with_causes(&error.without_url())))
}

#[cfg(unix)]
fn io_error(error: &reqwest::Error) -> Option<&std::io::Error> {
    let mut cause: Option<&dyn Error> = Some(error);
    while let Some(error) = cause {
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            return Some(io);
        }
        cause = error.source();
    }
    None
}

fn at(base: &Url, path: &[&str]) -> Result<Url, Failure> {
    let mut url = base.clone();
    match url.path_segments_mut() {
        Ok(mut segments) => drop(segments.clear().extend(path)),
        Err(()) => return Err(Failure::refused("the gateway has no address")),
    }
    Ok(url)
}

#[cfg(unix)]
const PATIENCE: Duration = Duration::from_secs(10);
