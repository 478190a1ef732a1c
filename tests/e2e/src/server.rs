use std::net::SocketAddr;

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::Outcome;

/// An HTTP server on a port of its own. It stops when this value is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn bind() -> Outcome<TcpListener> {
        Ok(TcpListener::bind(("127.0.0.1", 0)).await?)
    }

    pub(crate) fn serve(socket: TcpListener, app: Router) -> Outcome<Self> {
        let address = socket.local_addr()?;
        let task = tokio::spawn(async move { _ = axum::serve(socket, app).await });
        Ok(Self { address, task })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}
