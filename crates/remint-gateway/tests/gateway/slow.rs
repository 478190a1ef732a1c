//! Clients that take their time.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::support::{BOOTSTRAP, Gateway};

const IN_TIME: Duration = Duration::from_secs(10);

/// A gateway that waits for 300 ms.
fn impatient() -> Gateway {
    Gateway::new("").listening("read_timeout = '300ms'\n").running()
}

/// What comes after this was sent, until the gateway ends the connection. Fails if it never does.
fn sent(to: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(to).unwrap();
    stream.set_read_timeout(Some(IN_TIME)).unwrap();
    stream.write_all(bytes).unwrap();
    rest(&mut stream)
}

fn rest(stream: &mut TcpStream) -> Vec<u8> {
    let mut answer = Vec::new();
    let cut = match stream.read_to_end(&mut answer) {
        Ok(_) => true,
        Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
    };
    assert!(cut, "the connection was held");
    answer
}

#[test]
fn who_never_ends_a_head_is_cut_off_on_every_listener() {
    let gateway = impatient();
    let half = b"GET /healthz HTTP/1.1\r\nhost: gateway\r\nx-more";
    std::thread::scope(|scope| {
        for begun in [&half[..], b"", b"G", b"PRI", b"PRI * HTTP/2.0\r\n\r\nSM"] {
            for address in [gateway.http, gateway.admin] {
                scope.spawn(move || {
                    let before = Instant::now();
                    let answer = sent(address, begun);
                    assert!(!answer.starts_with(b"HTTP/1.1 200"), "{begun:?}");
                    assert!(before.elapsed() >= Duration::from_millis(250), "{begun:?}: it was not waited for");
                });
            }
        }
    });
}

#[test]
fn who_drips_a_head_is_cut_off() {
    let gateway = impatient();
    let mut stream = TcpStream::connect(gateway.http).unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: gateway\r\nx-more: ").unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let begun = Instant::now();
    // Each byte comes well before the time is up.
    let cut = loop {
        let gone = stream.write_all(b"x").is_err() || matches!(stream.read(&mut [0; 256]), Ok(0));
        if gone || begun.elapsed() > IN_TIME {
            break gone;
        }
    };
    assert!(cut, "a connection is held with a byte now and then");
}

#[test]
fn who_never_ends_a_body_is_refused_and_cut_off() {
    let gateway = impatient();
    let head = format!(
        "POST /v1/users HTTP/1.1\r\nhost: gateway\r\nx-api-key: {BOOTSTRAP}\r\ncontent-type: application/json\r\n\
         content-length: 100\r\n\r\n{{\"id\":"
    );
    let answer = String::from_utf8(sent(gateway.http, head.as_bytes())).unwrap();
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
}

#[test]
fn who_says_nothing_more_after_an_answer_is_cut_off() {
    let gateway = impatient();
    let answer = sent(gateway.http, b"GET /healthz HTTP/1.1\r\nhost: gateway\r\n\r\n");
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
}

#[test]
fn http_2_clients_that_only_answer_pings_are_cut_off() {
    let gateway =
        Gateway::new("").listening("read_timeout = '300ms'\nidle_timeout = '500ms'\nmax_connections = 8\n").running();
    // One that asks for nothing, one whose window has no room for an answer, and one that has had its answer.
    let nothing: &[&[u8]] = &[&settings(&[])];
    let no_room: &[&[u8]] = &[&settings(&[0, 4, 0, 0, 0, 0]), &request()];
    let answered: &[&[u8]] = &[&settings(&[]), &request()];
    for address in [gateway.http, gateway.admin] {
        std::thread::scope(|scope| {
            for sent in [nothing, no_room, answered].iter().cycle().take(9) {
                let client = Http2::connect(address, &sent.concat());
                scope.spawn(|| client.answers_pings_until_cut());
            }
        });
        let answer = sent(address, b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n");
        assert!(!answer.starts_with(b"HTTP/1.1 503"), "a slot is held: {}", String::from_utf8_lossy(&answer));
    }
}

#[test]
fn an_http_2_connection_with_requests_stays_open() {
    let idle = Duration::from_millis(600);
    let gateway = Gateway::new("").listening("idle_timeout = '600ms'\n").running();
    let mut client = Http2::connect(gateway.http, &settings(&[]));
    let begun = Instant::now();
    for stream in (1..).step_by(2) {
        let asked = Instant::now();
        client.stream.write_all(&request_on(stream)).unwrap();
        loop {
            match client.frame() {
                Some(frame) if frame.kind == HEADERS => break,
                Some(_) => {}
                // On a busy machine it is us who came too late.
                None => return assert!(asked.elapsed() >= idle / 2, "a connection with requests was cut"),
            }
        }
        if begun.elapsed() > 3 * idle {
            break;
        }
    }
}

/// A client that speaks HTTP/2 by hand (RFC 9113).
struct Http2 {
    stream: TcpStream,
}

struct Frame {
    kind: u8,
    flags: u8,
    payload: Vec<u8>,
}

impl Http2 {
    fn connect(to: SocketAddr, frames: &[u8]) -> Self {
        let mut stream = TcpStream::connect(to).unwrap();
        stream.set_read_timeout(Some(IN_TIME)).unwrap();
        stream.write_all(&[b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", frames].concat()).unwrap();
        Self { stream }
    }

    /// The next frame, with an answer if it asks for one; `None`: the connection has ended.
    fn frame(&mut self) -> Option<Frame> {
        let mut head = [0; 9];
        if let Err(error) = self.stream.read_exact(&mut head) {
            assert_ne!(error.kind(), std::io::ErrorKind::WouldBlock, "the connection was held");
            return None;
        }
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        self.stream.read_exact(&mut payload).ok()?;
        let frame = Frame { kind: head[3], flags: head[4], payload };
        // To a server that has ended the connection, an answer may not be written any more.
        _ = match (frame.kind, frame.flags & ACK) {
            (PING, 0) => self.stream.write_all(&bytes(PING, ACK, 0, &frame.payload)),
            (SETTINGS, 0) => self.stream.write_all(&bytes(SETTINGS, ACK, 0, &[])),
            _ => Ok(()),
        };
        Some(frame)
    }

    fn answers_pings_until_cut(mut self) {
        let begun = Instant::now();
        while self.frame().is_some() {
            assert!(begun.elapsed() < IN_TIME, "the connection was held");
        }
    }
}

fn bytes(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

fn settings(payload: &[u8]) -> Vec<u8> {
    bytes(SETTINGS, 0, 0, payload)
}

fn request() -> Vec<u8> {
    request_on(1)
}

/// `GET /healthz` of `127.0.0.1`, with a head that ends and without a body.
fn request_on(stream: u32) -> Vec<u8> {
    let head = [&[0x82, 0x86, 0x04, 8][..], b"/healthz", &[0x01, 9], b"127.0.0.1"].concat();
    bytes(HEADERS, END_STREAM | END_HEADERS, stream, &head)
}

const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

#[test]
fn while_all_slots_are_taken_health_checks_are_answered_and_nothing_else_is() {
    let gateway = Gateway::new("").listening("max_connections = 1\n").running();
    let ask = |path: &str| format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n").into_bytes();
    for (address, other) in [(gateway.http, "/.well-known/jwks.json"), (gateway.admin, "/metrics")] {
        let mut first = TcpStream::connect(address).unwrap();
        first.write_all(&ask(other)).unwrap();
        first.read_exact(&mut [0; 12]).unwrap();
        for path in ["/healthz", "/readyz"] {
            let answer = String::from_utf8(sent(address, &ask(path))).unwrap();
            assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("connection: close"), "{path}: {answer}");
        }
        let answer = String::from_utf8(sent(address, &ask(other))).unwrap();
        assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("connection: close"), "{answer}");
        assert!(answer.contains("retry-after: 1") && answer.contains("application/problem+json"), "{answer}");
        // Over HTTP/2 too, and only once.
        let mut second = Http2::connect(address, &[settings(&[]), request()].concat());
        while second.frame().expect("no answer").kind != HEADERS {}
        second.answers_pings_until_cut();
        // In the reserve nobody is waited for, either.
        assert!(sent(address, b"").is_empty());

        drop(first);
        let freed = Instant::now();
        let ask = format!("GET {other} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n");
        while !sent(address, ask.as_bytes()).starts_with(b"HTTP/1.1 200") {
            assert!(freed.elapsed() < IN_TIME, "the slot is not free again");
        }
    }
}
