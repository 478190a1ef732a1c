use std::io;
use std::path::PathBuf;

use axum::routing::get;
use axum::{Json, Router};
use remint::Edge;
use remint_identity_service::{Operator, not_found};
use remint_secret_file::Process;
use serde_json::json;
use tokio::net::{UnixListener, UnixStream};

use super::connections::{Accept, Peer};
use super::health::SERVICE;
use super::http::{self, method_not_allowed};
use super::listener::Serving;
use crate::failure::Failure;
use crate::settings::Settings;
use crate::socket;

/// The socket for the command line on this machine. The file is removed when this is dropped.
#[derive(Debug)]
struct OperatorSocket {
    listener: UnixListener,
    path: PathBuf,
    uid: u32,
}

/// Serves operators, if there is a place for the socket.
pub(super) async fn start(edge: &Edge, settings: &Settings) -> Result<Option<Serving>, Failure> {
    let store = socket::store(settings).map_err(|error| Failure::unavailable("the store", &error))?;
    let Some(store) = store else { return Ok(None) };
    let Some(socket) = OperatorSocket::bind(settings, &store).await else { return Ok(None) };
    let router = router(http::identity(edge, settings)?.into_operator_router(), &store);
    Ok(Some(Serving::start(socket, router, &settings.listen)))
}

impl OperatorSocket {
    /// In the first folder that can be used. Without one, the gateway serves all the same: the command line then
    /// leaves the store alone.
    async fn bind(settings: &Settings, store: &str) -> Option<Self> {
        let uid = Process::this().user();
        let mut reasons = Vec::new();
        for (path, folder) in socket::folders(settings, uid, true) {
            let reason = match folder {
                Ok(folder) => match socket::listen(&folder, store).await {
                    Ok((listener, path)) => {
                        tracing::info!(target: "remint", path = %path.display(), "the command line finds this gateway");
                        return Some(Self { listener, path, uid });
                    }
                    Err(error) => error.to_string(),
                },
                Err(not_private) => not_private.to_string(),
            };
            reasons.push(format!("{}: {reason}", path.display()));
        }
        let reasons = reasons.join("; ");
        tracing::warn!(target: "remint", reasons, "there is no folder for a socket: the command line cannot reach this gateway");
        None
    }
}

impl Accept for OperatorSocket {
    type Stream = UnixStream;

    /// The folder lets nobody else in; should it ever, the connection's user is asked for too.
    async fn accept(&self) -> io::Result<(UnixStream, Peer)> {
        loop {
            let (stream, _) = self.listener.accept().await?;
            let uid = stream.peer_cred()?.uid();
            if is_operator(uid, self.uid) {
                return Ok((stream, Peer::Operator(Operator { account: Some(format!("user {uid}")) })));
            }
            tracing::warn!(target: "remint", uid, "another user connected to the socket for the command line: refused");
        }
    }
}

impl Drop for OperatorSocket {
    fn drop(&mut self) {
        // What is left is taken for a stale one.
        _ = std::fs::remove_file(&self.path);
    }
}

/// The identity service for operators, and what the command line tells gateways apart by.
fn router(identity: Router, store: &str) -> Router {
    let gateway = json!({ "service": SERVICE, "store": store, "pid": std::process::id() });
    Router::new()
        .route("/gateway", get(move || std::future::ready(Json(gateway.clone()))))
        .fallback_service(identity.fallback(not_found))
        .method_not_allowed_fallback(method_not_allowed)
}

/// The gateway's own user is one, and root, who is everybody.
const fn is_operator(user: u32, own: u32) -> bool {
    user == own || user == ROOT
}

const ROOT: u32 = 0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_other_user_is_an_operator() {
        assert!(is_operator(1000, 1000) && is_operator(ROOT, 1000));
        assert!(!is_operator(1001, 1000) && !is_operator(1000, ROOT));
    }
}
