//! A load that costs little itself: prepared bytes over connections that stay open.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What a load saw.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// How many answers came.
    pub answers: usize,
    /// In how long.
    pub took: Duration,
    /// The time that half of them took at most, in microseconds.
    pub p50: f64,
    /// The time that 99 of 100 took at most, in microseconds.
    pub p99: f64,
}

/// Sends `request` again and again over so many connections for this long. Every answer must be 200.
///
/// # Panics
///
/// If a connection breaks or another answer comes.
pub async fn load(port: u16, request: &str, connections: usize, time: Duration) -> Load {
    let start = Instant::now();
    let tasks: Vec<_> = (0..connections)
        .map(|_| {
            let request = request.to_owned();
            tokio::spawn(async move { connection(port, request.as_bytes(), start + time).await })
        })
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.expect("a connection that lasts"));
    }
    let took = start.elapsed();
    times.sort_unstable();
    let at = |part: f64| {
        let place = (times.len() as f64 * part) as usize;
        times.get(place.min(times.len().saturating_sub(1))).map_or(0.0, |time| time.as_secs_f64() * 1e6)
    };
    Load { answers: times.len(), took, p50: at(0.5), p99: at(0.99) }
}

async fn connection(port: u16, request: &[u8], until: Instant) -> Vec<Duration> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("a server");
    stream.set_nodelay(true).expect("a socket");
    let (mut times, mut buffer) = (Vec::new(), Vec::with_capacity(8192));
    while Instant::now() < until {
        let start = Instant::now();
        stream.write_all(request).await.expect("a connection");
        buffer.clear();
        while !is_whole(&buffer) {
            let read = stream.read_buf(&mut buffer).await.expect("a connection");
            assert!(read > 0, "the server hung up");
        }
        assert!(buffer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&buffer));
        times.push(start.elapsed());
    }
    times
}

/// Whether an answer with a `Content-Length` has come to its end.
fn is_whole(buffer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(buffer);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    length.is_some_and(|length| body.len() >= length)
}
