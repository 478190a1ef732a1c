use std::io;
use std::net::SocketAddr;

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A running HTTP server. It stops when this value is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    url: String,
    task: JoinHandle<()>,
}

impl Server {
    /// A socket on a free port of this machine.
    pub(crate) async fn any_port() -> io::Result<TcpListener> {
        TcpListener::bind(("127.0.0.1", 0)).await
    }

    pub(crate) fn start(socket: TcpListener, app: Router) -> io::Result<Self> {
        let url = url(socket.local_addr()?);
        let task = tokio::spawn(async move { _ = axum::serve(socket, app).await });
        Ok(Self { url, task })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Where this machine reaches a server that listens there.
pub(crate) fn url(mut listening: SocketAddr) -> String {
    if listening.ip().is_unspecified() {
        listening.set_ip(if listening.is_ipv4() {
            [127, 0, 0, 1].into()
        } else {
            std::net::Ipv6Addr::LOCALHOST.into()
        });
    }
    format!("http://{listening}")
}
