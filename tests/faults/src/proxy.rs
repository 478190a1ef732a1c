use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The way from one node to the database, which the harness can close. It ends with this value.
#[derive(Debug)]
pub(crate) struct Proxy {
    address: SocketAddr,
    way: watch::Sender<(Way, SocketAddr)>,
    accepting: JoinHandle<()>,
}

/// What becomes of connections, those that there are and those that come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// They go through.
    Open,
    /// They go through, and what is said arrives later by this.
    Slow(Duration),
    /// They end.
    Cut,
    /// They stay, and nothing comes through.
    Silent,
}

impl Proxy {
    pub(crate) async fn start(server: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let (way, watched) = watch::channel((Way::Open, server));
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, watched.clone()));
            }
        });
        Ok(Self { address, way, accepting })
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn set(&self, way: Way) {
        self.way.send_modify(|(there, _)| *there = way);
    }

    /// Leads to another server from now on.
    pub(crate) fn lead_to(&self, server: SocketAddr) {
        self.way.send_modify(|(_, there)| *there = server);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.set(Way::Cut);
    }
}

async fn pass(client: TcpStream, mut way: watch::Receiver<(Way, SocketAddr)>) {
    let (_, server) = *way.borrow_and_update();
    let Ok(server) = TcpStream::connect(server).await else { return };
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    let (back, to) = (way.clone(), way.clone());
    tokio::select! {
        () = carry(from_client, to_server, to) => {}
        () = carry(from_server, to_client, back) => {}
        () = is_cut(&mut way) => {}
    }
}

async fn is_cut(way: &mut watch::Receiver<(Way, SocketAddr)>) {
    let (_, server) = *way.borrow();
    // An error: the proxy is gone.
    _ = way.wait_for(|(way, there)| *way == Way::Cut || *there != server).await;
}

async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut way: watch::Receiver<(Way, SocketAddr)>,
) {
    let mut buffer = vec![0; 16 << 10];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let is_open = way.wait_for(|(way, _)| *way != Way::Silent).await.map(|way| way.0);
        match is_open {
            Ok(Way::Slow(by)) => tokio::time::sleep(by).await,
            Ok(_) => {}
            Err(_) => return,
        }
        let Some(said) = buffer.get(..length) else { return };
        if to.write_all(said).await.is_err() {
            return;
        }
    }
}
