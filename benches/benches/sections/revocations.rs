use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use remint_benches::measure::{Contestant, rounds};
use remint_benches::service::{Bare, call, request, send, ten_headers};
use remint_benches::world::Provider;
use remint_core::{
    KeyId, Revocation, RevocationLog as _, RevocationWriter, Revoker as _, SystemClock, Target, Timestamp,
};
use remint_jwt::Algorithm;
use remint_revocation::{MemoryLog, Revocations};
use remint_sqlite::Sqlite;
use remint_tower::NormalizeLayer;
use tokio::runtime::Runtime;
use tower::Layer;

use super::{rows, title};

const MANY: usize = 1_000_000;

pub(crate) fn print(runtime: &Runtime) {
    title("A cached hit beside the revocation log (900-byte JWT, ten headers)");
    let provider = Provider::new(Algorithm::Rs256);
    let jwt = ten_headers(&format!("Bearer {}", provider.token(1, 900)));
    let edge = |revocations: &Revocations| {
        let normalizer = provider.line().revocations(revocations.clone()).build().unwrap();
        let mut service = NormalizeLayer::new(normalizer).layer(Bare);
        assert_eq!(call(&mut service, &jwt).status(), 200);
        service
    };
    let followed = |count: usize| runtime.block_on(follow(count));
    let [none, thousand, million, busy] = [0, 1_000, MANY, 1_000].map(followed);
    let mut bare = Bare;
    let mut alone = edge(&Revocations::in_memory(SystemClock).unwrap());
    let [mut with_none, mut with_thousand, mut with_million, mut with_busy] =
        [&none, &thousand, &million, &busy].map(edge);

    let ends = Arc::new(AtomicBool::new(false));
    let writer = keep_revoking(&busy, runtime, Arc::clone(&ends));
    let table = rounds(
        &mut [
            Contestant::on("the bare service", || request(&jwt), |sent| send(&mut bare, sent)),
            Contestant::on("the process's own log", || request(&jwt), |sent| send(&mut alone, sent)),
            Contestant::on("a log that is followed, no row", || request(&jwt), |sent| send(&mut with_none, sent)),
            Contestant::on("the same, 10³ rows", || request(&jwt), |sent| send(&mut with_thousand, sent)),
            Contestant::on("the same, 10⁶ rows", || request(&jwt), |sent| send(&mut with_million, sent)),
            Contestant::on("the same, 100 rows a second", || request(&jwt), |sent| send(&mut with_busy, sent)),
        ],
        41,
        10,
    );
    ends.store(true, Ordering::Relaxed);
    writer.join().unwrap();
    rows(&table, table[0].nanos);
    let held = million.table();
    println!(
        "\n{} rows take {:.0} MiB: {:.0} bytes a row",
        held.rows(),
        held.bytes() as f64 / 1_048_576.0,
        held.bytes() as f64 / held.rows() as f64
    );
    runtime.block_on(start());
}

fn row(number: usize) -> Revocation {
    Revocation::ended(Target::Key(KeyId::new(format!("key_{number:026}")).unwrap()), Timestamp::from_secs(1))
}

/// A log with so many rows, and a table that has read them.
async fn follow(count: usize) -> Revocations {
    let log = Arc::new(MemoryLog::new(2 * MANY).unwrap());
    fill(&*log, count).await;
    Revocations::follow(log, SystemClock).await.unwrap()
}

async fn fill(log: &impl RevocationWriter, count: usize) {
    let numbers: Vec<usize> = (0..count).collect();
    for part in numbers.chunks(10_000) {
        let rows: Vec<_> = part.iter().map(|number| row(*number)).collect();
        log.append(&rows).await.unwrap();
    }
}

/// A thread that revokes a hundred times a second.
fn keep_revoking(revocations: &Revocations, runtime: &Runtime, ends: Arc<AtomicBool>) -> std::thread::JoinHandle<()> {
    let (revocations, handle) = (revocations.clone(), runtime.handle().clone());
    std::thread::spawn(move || {
        for number in MANY.. {
            if ends.load(Ordering::Relaxed) {
                return;
            }
            handle.block_on(revocations.revoke(row(number))).unwrap();
            std::thread::sleep(Duration::from_millis(10));
        }
    })
}

/// How long a node takes to read what is in force before it serves.
async fn start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    let store = Sqlite::open(&path).await.unwrap();
    fill(&store, MANY).await;
    store.close().await;
    let began = Instant::now();
    let store = Sqlite::open(&path).await.unwrap();
    let revocations = Revocations::of_store(Arc::new(store.clone()), SystemClock).await.unwrap();
    let took = began.elapsed();
    assert_eq!(store.head().await.unwrap().position.0, MANY as u64);
    println!("a start with {} rows in force in SQLite: {:.2} s", revocations.table().rows(), took.as_secs_f64());
}
