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
fn one_connection_too_many_waits_until_another_has_ended() {
    let gateway = Gateway::new("").listening("max_connections = 1\n").running();
    let ask = b"GET /healthz HTTP/1.1\r\nhost: gateway\r\n\r\n";
    let mut first = TcpStream::connect(gateway.http).unwrap();
    first.write_all(ask).unwrap();
    first.read_exact(&mut [0; 12]).unwrap();
    let mut second = TcpStream::connect(gateway.http).unwrap();
    second.write_all(ask).unwrap();
    second.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    assert!(second.read(&mut [0; 12]).is_err(), "the second was served beside the first");
    drop(first);
    second.set_read_timeout(Some(IN_TIME)).unwrap();
    let mut answer = [0; 12];
    second.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
}
