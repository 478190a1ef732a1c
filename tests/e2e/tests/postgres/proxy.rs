use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A way to the server that a test can close. It ends with the test.
#[derive(Debug)]
pub(crate) struct Proxy {
    port: u16,
    way: watch::Sender<Way>,
}

/// What becomes of connections, those that there are and those that come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// They go through.
    Open,
    /// They end.
    Cut,
    /// They stay, and nothing comes through.
    Silent,
}

impl Proxy {
    pub(crate) async fn start(host: &str, port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let server = (host.to_owned(), port);
        let port = listener.local_addr().unwrap().port();
        let (way, watched) = watch::channel(Way::Open);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, server.clone(), watched.clone()));
            }
        });
        Self { port, way }
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn cut(&self) {
        self.way.send_replace(Way::Cut);
    }

    pub(crate) fn silence(&self) {
        self.way.send_replace(Way::Silent);
    }

    pub(crate) fn mend(&self) {
        self.way.send_replace(Way::Open);
    }
}

async fn pass(mut client: TcpStream, server: (String, u16), mut way: watch::Receiver<Way>) {
    if *way.borrow_and_update() == Way::Open {
        let Ok(mut server) = TcpStream::connect(server).await else { return };
        tokio::select! {
            _ = copy_bidirectional(&mut client, &mut server) => return,
            _ = way.changed() => {}
        }
        // The server hears nothing of it either.
        keep_silent(&mut way).await;
    } else {
        keep_silent(&mut way).await;
    }
}

/// A connection that fell silent is never heard of again, also when others go through.
async fn keep_silent(way: &mut watch::Receiver<Way>) {
    if *way.borrow_and_update() == Way::Silent {
        std::future::pending::<()>().await;
    }
}
