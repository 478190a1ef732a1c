//! Servers that answer anything but what they should: bounded time, bounded memory, and never a value that was not stored.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use remint_core::{
    QuotaAnswer, QuotaCharge, QuotaCounter, QuotaHolder, SharedKey, SharedTier, Subject, Unavailable, UnavailableKind,
};
use remint_redis::{Redis, RedisCounter, RedisSettings, RedisTier};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

const NAME: SharedKey = SharedKey([1; 32]);

/// What the server does once a connection is set up.
#[derive(Debug, Clone)]
enum Answer {
    /// Sends this.
    Bytes(Vec<u8>),
    /// Sends the first, and then the second for ever.
    Endless(Vec<u8>, Vec<u8>),
    /// Nothing.
    Silence,
    /// Ends the connection.
    Close,
}

#[derive(Debug, Default)]
struct Seen {
    connections: AtomicUsize,
    commands: AtomicUsize,
    sent: AtomicUsize,
    /// A connection has ended.
    ended: Notify,
}

/// A server that answers the commands of the set-up well, and each other one by the function of its number.
async fn server(answer: impl Fn(usize) -> Answer + Send + Sync + 'static) -> (u16, Arc<Seen>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (answer, seen) = (Arc::new(answer), Arc::new(Seen::default()));
    let counted = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counted.connections.fetch_add(1, Ordering::SeqCst);
            let (answer, seen) = (Arc::clone(&answer), Arc::clone(&counted));
            tokio::spawn(async move {
                converse(stream, &*answer, &seen).await;
                seen.ended.notify_one();
            });
        }
    });
    (port, seen)
}

async fn converse(stream: TcpStream, answer: &(impl Fn(usize) -> Answer + Sync), seen: &Seen) -> Option<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let name = command(&mut stream).await?;
        if name == "CLIENT" {
            stream.write_all(b"+OK\r\n").await.ok()?;
            continue;
        }
        match answer(seen.commands.fetch_add(1, Ordering::SeqCst)) {
            Answer::Bytes(bytes) => stream.write_all(&bytes).await.ok()?,
            Answer::Endless(first, then) => {
                stream.write_all(&first).await.ok()?;
                loop {
                    stream.write_all(&then).await.ok()?;
                    seen.sent.fetch_add(then.len(), Ordering::SeqCst);
                }
            }
            Answer::Silence => {}
            Answer::Close => return None,
        }
    }
}

/// Reads a command and gives its name.
async fn command(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut name = None;
    for _ in 0..number(stream).await? {
        let mut part = vec![0; number(stream).await? + 2];
        stream.read_exact(&mut part).await.ok()?;
        name.get_or_insert(String::from_utf8_lossy(&part).trim().to_owned());
    }
    name
}

async fn number(stream: &mut BufReader<TcpStream>) -> Option<usize> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok()?;
    line.trim().get(1..)?.parse().ok()
}

fn redis(port: u16, settings: RedisSettings) -> Redis {
    Redis::new(format!("redis://127.0.0.1:{port}").parse().unwrap(), settings)
}

/// Waits long, so that only what is refused is an outage; and never opens the breaker.
fn patient() -> RedisSettings {
    RedisSettings {
        wait: Duration::from_secs(60),
        connect_within: Duration::from_secs(60),
        failures: u32::MAX,
        ..RedisSettings::default()
    }
}

fn is_out<T: std::fmt::Debug>(outcome: &Result<T, Unavailable>, kind: UnavailableKind) {
    assert_eq!(outcome.as_ref().map_err(Unavailable::kind).unwrap_err(), kind);
}

/// Answers of one piece that are none to any command of ours.
fn garbage() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = [
        &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..],
        b"+OK\r\n",
        b":7\r\n",
        b"$-1\r\n",
        b"$-7\r\n",
        b"$x\r\n",
        b"$5\r\nabcdefgh\r\n",
        b"*-1\r\n",
        b"*0\r\n",
        b"*1\r\n$2\r\n=x\r\n",
        b"*3\r\n:9\r\n:1\r\n:1\r\n",
        b"*3\r\n:1\r\n:-1\r\n:1\r\n",
        b"*2\r\n:1\r\n:1\r\n",
        b"*5\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n",
        b"*100000000\r\n",
        b"*9223372036854775807\r\n",
        b"$9223372036854775807\r\n",
        b"$18446744073709551615\r\n",
        b"%1\r\n$1\r\na\r\n$1\r\nb\r\n",
        b">2\r\n$10\r\ninvalidate\r\n*0\r\n",
        b"|1\r\n+a\r\n+b\r\n$2\r\n=x\r\n",
        b"-\r\n",
        b"-MOVED 1234 127.0.0.1:1\r\n",
        b"-ASK 1234 127.0.0.1:1\r\n",
        b"-NOSCRIPT no\r\n",
        b"-LOADING wait\r\n",
        b"-READONLY replica\r\n",
        b"\xff\xff\xff\xff\r\n",
    ]
    .map(<[u8]>::to_vec)
    .into();
    all.push(b"*1\r\n".repeat(100_000));
    all.push([b"+", &vec![b'x'; 1 << 20][..], b"\r\n"].concat());
    all
}

#[tokio::test]
async fn garbage_is_never_a_value_and_never_a_verdict() {
    let subject = Subject::new("alice").unwrap();
    let hour = Duration::from_secs(3600);
    let charge = QuotaCharge {
        limit: "limit",
        holder: QuotaHolder::Subject(&subject),
        window: hour,
        interval: hour,
        burst: 5,
        cost: 1,
    };
    for answer in garbage() {
        let shown = answer[..answer.len().min(40)].escape_ascii().to_string();
        let (port, _) = server(move |_| Answer::Bytes(answer.clone())).await;
        let redis = redis(port, patient());
        let tier = RedisTier::new(redis.clone());
        for _ in 0..3 {
            let found = tier.get(&NAME).await;
            assert!(!matches!(found, Ok(Some(_))), "{shown}");
            if !shown.starts_with('$') {
                is_out(&found, UnavailableKind::SharedTier);
            }
        }
        let QuotaAnswer::Later(taken) = RedisCounter::new(redis).take(&[charge]) else { unreachable!() };
        is_out(&taken.await, UnavailableKind::QuotaCounter);
    }
}

#[tokio::test]
async fn an_answer_without_an_end_ends_the_connection_after_a_bounded_part_of_it() {
    for (first, then) in [
        (&b"$104857600\r\n"[..], vec![b'x'; 1 << 16]),
        (b"$60000\r\n", vec![b'x'; 1 << 16]),
        (b"+", vec![b'x'; 1 << 16]),
        (b"*64\r\n", b"$1\r\nx\r\n".repeat(1 << 12)),
        (b"", b"*1\r\n".repeat(1 << 14)),
        (b"", b"$2\r\n=x\r\n".repeat(1 << 12)),
    ] {
        let first = first.to_vec();
        let (port, seen) = server(move |_| Answer::Endless(first.clone(), then.clone())).await;
        let tier = RedisTier::new(redis(port, patient()));
        for _ in 0..3 {
            _ = tier.get(&NAME).await;
        }
        // What the sockets of the machine hold is sent, and no more.
        assert!(seen.sent.load(Ordering::SeqCst) < 3 * (16 << 20), "{seen:?}");
    }
}

#[tokio::test]
async fn an_answer_that_nobody_asked_for_is_not_taken_for_the_next() {
    let (port, _) = server(|number| {
        Answer::Bytes(if number == 0 { b"$2\r\n=A\r\n$2\r\n=A\r\n".to_vec() } else { b"$2\r\n=B\r\n".to_vec() })
    })
    .await;
    let tier = RedisTier::new(redis(port, patient()));
    _ = tier.get(&NAME).await;
    for _ in 0..3 {
        let found = tier.get(&SharedKey([2; 32])).await;
        assert!(!matches!(&found, Ok(Some(value)) if value == b"A"), "{found:?}");
    }
}

#[tokio::test]
async fn answers_that_nobody_asked_for_end_the_connection() {
    let (port, seen) = server(|_| Answer::Endless(Vec::new(), b"$2\r\n=x\r\n".repeat(100))).await;
    let tier = RedisTier::new(redis(port, patient()));
    _ = tier.get(&NAME).await;
    tokio::time::timeout(Duration::from_secs(60), seen.ended.notified()).await.unwrap();
}

#[tokio::test]
async fn a_silent_server_is_waited_for_so_long_and_then_left_alone() {
    let (port, seen) = server(|_| Answer::Silence).await;
    let settings = RedisSettings {
        wait: Duration::from_millis(200),
        cool_down: Duration::from_secs(3600),
        failures: 3,
        ..patient()
    };
    let tier = RedisTier::new(redis(port, settings));
    let begun = Instant::now();
    for _ in 0..50 {
        is_out(&tier.get(&NAME).await, UnavailableKind::SharedTier);
    }
    assert!(begun.elapsed() < Duration::from_secs(9), "{:?}", begun.elapsed());
    assert_eq!(seen.commands.load(Ordering::SeqCst), 3, "three waited, and nobody was asked after them");
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_not_taken_for_the_next() {
    // The first is answered when the second is asked.
    let (port, _) = server(|number| match number {
        0 => Answer::Silence,
        1 => Answer::Bytes(b"$2\r\n=A\r\n$2\r\n=B\r\n".to_vec()),
        _ => Answer::Bytes(b"$2\r\n=C\r\n".to_vec()),
    })
    .await;
    let tier = RedisTier::new(redis(port, RedisSettings { wait: Duration::from_millis(500), ..patient() }));
    is_out(&tier.get(&NAME).await, UnavailableKind::SharedTier);
    assert_eq!(tier.get(&SharedKey([2; 32])).await.unwrap(), Some(b"B".to_vec()));
    assert_eq!(tier.get(&SharedKey([3; 32])).await.unwrap(), Some(b"C".to_vec()));
}

#[tokio::test]
async fn a_server_that_answers_again_is_used_again_on_another_connection() {
    let (port, seen) = server(|number| match number {
        0 => Answer::Close,
        1 => Answer::Silence,
        _ => Answer::Bytes(b"$2\r\n=x\r\n".to_vec()),
    })
    .await;
    let settings =
        RedisSettings { wait: Duration::from_millis(500), failures: 2, cool_down: Duration::ZERO, ..patient() };
    let tier = RedisTier::new(redis(port, settings));
    is_out(&tier.get(&NAME).await, UnavailableKind::SharedTier);
    is_out(&tier.get(&NAME).await, UnavailableKind::SharedTier);
    assert_eq!(tier.get(&NAME).await.unwrap(), Some(b"x".to_vec()));
    assert_eq!(seen.connections.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn no_server_at_all_is_an_outage_at_once() {
    let port = TcpListener::bind(("127.0.0.1", 0)).await.unwrap().local_addr().unwrap().port();
    let tier = RedisTier::new(redis(port, patient()));
    is_out(&tier.get(&NAME).await, UnavailableKind::SharedTier);
    is_out(&tier.put(&NAME, vec![1], Duration::from_secs(1)).await, UnavailableKind::SharedTier);
    is_out(&tier.remove(&NAME).await, UnavailableKind::SharedTier);
}

#[tokio::test]
async fn a_connection_that_is_never_set_up_costs_a_command_its_wait() {
    // It takes connections and says nothing at all.
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let settings = RedisSettings { wait: Duration::from_millis(50), ..patient() };
    let tier = RedisTier::new(redis(port, settings));
    let begun = Instant::now();
    is_out(&tier.get(&NAME).await, UnavailableKind::SharedTier);
    assert!(begun.elapsed() < Duration::from_secs(9));
    drop(listener);
}

#[tokio::test]
async fn a_connection_that_takes_longer_than_a_command_waits_is_there_for_a_later_one() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (ready, seen) = (Arc::new(Notify::new()), Arc::new(Seen::default()));
    let (set_up, counted) = (Arc::clone(&ready), Arc::clone(&seen));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counted.connections.fetch_add(1, Ordering::SeqCst);
            set_up.notified().await;
            converse(stream, &|_| Answer::Bytes(b"$2\r\n=x\r\n".to_vec()), &counted).await;
        }
    });
    let settings =
        RedisSettings { wait: Duration::from_millis(50), failures: 1, cool_down: Duration::ZERO, ..patient() };
    let tier = RedisTier::new(redis(port, settings));
    for _ in 0..5 {
        is_out(&tier.get(&NAME).await, UnavailableKind::SharedTier);
    }
    ready.notify_one();
    let mut found = tier.get(&NAME).await;
    for _ in 0..100 {
        if found.is_ok() {
            break;
        }
        found = tier.get(&NAME).await;
    }
    assert_eq!(found.unwrap(), Some(b"x".to_vec()));
    assert_eq!(seen.connections.load(Ordering::SeqCst), 1);
}
