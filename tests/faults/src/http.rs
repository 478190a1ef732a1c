use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// One connection to a node, over which requests go one after another (RFC 9112 §9.3). It is opened again where it was
/// closed.
#[derive(Debug)]
pub(crate) struct Connection {
    node: SocketAddr,
    stream: Option<BufReader<TcpStream>>,
}

impl Connection {
    pub(crate) const fn to(node: SocketAddr) -> Self {
        Self { node, stream: None }
    }

    /// Asks for `/` with this header line.
    pub(crate) async fn get(&mut self, path: &str, header: &str) -> io::Result<(u16, Vec<u8>)> {
        self.ask(format!("GET {path} HTTP/1.1\r\nhost: node\r\n{header}\r\n\r\n").as_bytes(), PATIENCE).await
    }

    pub(crate) async fn post(&mut self, path: &str, body: &str) -> io::Result<(u16, Vec<u8>)> {
        let length = body.len();
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: node\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        self.ask(request.as_bytes(), LONG_PATIENCE).await
    }

    async fn ask(&mut self, request: &[u8], patience: Duration) -> io::Result<(u16, Vec<u8>)> {
        // Taken out: whoever fails leaves none behind.
        let kept = self.stream.take();
        let node = self.node;
        let asked = timeout(patience, async move {
            let mut stream = match kept {
                Some(stream) => stream,
                None => BufReader::new(TcpStream::connect(node).await?),
            };
            stream.write_all(request).await?;
            let answer = answer(&mut stream).await?;
            Ok::<_, io::Error>((stream, answer))
        });
        let (stream, answer) = asked.await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        self.stream = Some(stream);
        Ok(answer)
    }
}

async fn answer(stream: &mut BufReader<TcpStream>) -> io::Result<(u16, Vec<u8>)> {
    let broken = || io::Error::from(io::ErrorKind::UnexpectedEof);
    let (mut status, mut length) = (None, 0);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Err(broken());
        }
        let line = line.trim_end();
        if status.is_none() {
            status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
        } else if line.is_empty() {
            break;
        } else if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    Ok((status.ok_or_else(broken)?, body))
}

/// Longer than any node is suspended.
const PATIENCE: Duration = Duration::from_secs(20);

/// Of an order that may take many writes.
const LONG_PATIENCE: Duration = Duration::from_secs(60);
