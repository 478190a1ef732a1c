use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::connections::{self, Accept};
use crate::failure::Failure;
use crate::settings::Listen;

/// A socket that is listened at.
pub(super) struct Listener {
    name: &'static str,
    address: SocketAddr,
    socket: TcpListener,
}

impl Listener {
    pub(super) async fn bind(address: Option<SocketAddr>, name: &'static str) -> Result<Option<Self>, Failure> {
        let Some(address) = address else { return Ok(None) };
        let bound = TcpListener::bind(address).await.and_then(|socket| Ok((socket.local_addr()?, socket)));
        match bound {
            Ok((address, socket)) => Ok(Some(Self { name, address, socket })),
            Err(error) => Err(Failure::unavailable(&format!("{name}: cannot listen on {address}"), &error)),
        }
    }

    pub(super) fn name(&self) -> &'static str {
        self.name.strip_prefix("listen.").unwrap_or(self.name)
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until [`drain`].
    pub(super) fn serve(self, router: Router, listen: &Listen) -> Serving {
        Serving::start(self.socket, router, listen)
    }
}

/// A server that runs.
pub(super) struct Serving {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Serving {
    pub(super) fn start(socket: impl Accept, router: Router, listen: &Listen) -> Self {
        let (stop, stopped) = watch::channel(false);
        let serving = connections::serve(socket, router, listen.limits, listen.uncounted(), stopped);
        Self { stop, task: tokio::spawn(serving) }
    }
}

/// Accepts no more, and waits for what has begun; not for long.
pub(super) async fn drain(serving: Vec<Serving>) {
    for server in &serving {
        server.stop.send_replace(true);
    }
    let all = async {
        for server in serving {
            _ = server.task.await;
        }
    };
    if tokio::time::timeout(DRAIN, all).await.is_err() {
        tracing::warn!(target: "remint", "connections were still open after {DRAIN:?}; they are cut");
    }
}

const DRAIN: Duration = Duration::from_secs(10);
