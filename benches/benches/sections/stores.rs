use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use remint_apikey::{KeyStore, MemoryStore};
use remint_benches::measure::{Contestant, rounds};
use remint_benches::million::{KEYS, USERS, digest, event, fill, key, user_id};
use remint_benches::service::poll_now;
use remint_benches::world::api_keys;
use remint_core::{Commit, KeyCursor, Page};
use remint_postgres::Postgres;
use remint_sqlite::Sqlite;
use tokio::runtime::Runtime;

use super::many::Walk;
use super::{rows, title};

pub(crate) fn print(runtime: &Runtime) {
    title("The check of an API key");
    let (keys, text) = api_keys();
    let verify = || drop(black_box(poll_now(keys.verify(black_box(&text))).unwrap()));
    rows(&rounds(&mut [Contestant::new("ApiKeys::verify, memory store", verify)], 21, 10), 0.0);

    title("Stores with a million keys of a thousand users, one caller; cold: over new connections");
    println!("{:44} {:>10} {:>10} {:>10}", "", "median µs", "99 % µs", "one in a s");
    // One after the other: none shares the machine's memory with another.
    memory(runtime);
    sqlite(runtime);
    postgres(runtime);
}

fn memory(runtime: &Runtime) {
    let store = Arc::new(MemoryStore::new());
    measure(runtime, "memory", async || store.clone() as Arc<dyn KeyStore>);
}

fn sqlite(runtime: &Runtime) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.db");
    measure(runtime, "SQLite", async || Arc::new(Sqlite::open(&path).await.unwrap()) as Arc<dyn KeyStore>);
}

/// By TCP from the same machine, with the settings for durability that a server has by default.
fn postgres(runtime: &Runtime) {
    let Ok(url) = std::env::var("REMINT_BENCH_POSTGRES") else {
        return println!(
            "PostgreSQL: not measured: `cargo xtask bench` starts one and says where in REMINT_BENCH_POSTGRES"
        );
    };
    measure(runtime, "PostgreSQL", async || Arc::new(Postgres::connect(&url).await.unwrap()) as Arc<dyn KeyStore>);
}

/// `open` opens one store, which is empty at first, as a process that has just started does.
fn measure(runtime: &Runtime, name: &str, open: impl AsyncFn() -> Arc<dyn KeyStore>) {
    let start = Instant::now();
    runtime.block_on(async { fill(&*open().await).await });
    let filled = start.elapsed().as_secs_f64();
    println!("{name}: filled in {filled:.1} s, in four batches: {:.0} keys/s", KEYS as f64 / filled);

    let mut walk = Walk::new(KEYS);
    let row = |what: &str, times| print_row(&format!("{name}: {what}"), times);

    let store = runtime.block_on(open());
    row(
        "cold look-up, a key",
        sample(4_000, || {
            let digest = digest(walk.next());
            timed(|| assert!(runtime.block_on(store.find(&digest)).unwrap().is_some()))
        }),
    );
    row(
        "cold look-up, no such key",
        sample(4_000, || {
            let digest = digest(KEYS + KEYS + walk.next());
            timed(|| assert!(runtime.block_on(store.find(&digest)).unwrap().is_none()))
        }),
    );

    let store = runtime.block_on(open());
    let page = |after| Page { after, limit: PAGE };
    row(
        "first page of 50 of a user's 1,000",
        sample(400, || {
            let user = user_id(walk.next() % USERS);
            timed(|| assert_eq!(runtime.block_on(store.list(&user, page(None))).unwrap().len(), PAGE))
        }),
    );
    row(
        "a page from the middle",
        sample(400, || {
            let key = key(KEYS / 2 + walk.next() % USERS);
            let after = KeyCursor { created_at: key.created_at, id: key.id };
            timed(|| assert_eq!(runtime.block_on(store.list(&key.user, page(Some(after)))).unwrap().len(), PAGE))
        }),
    );

    let mut number = KEYS;
    row(
        "creation, with its audit event",
        sample(1_000, || {
            number += 1;
            let (key, event) = (key(number), event(&key(number)));
            timed(|| runtime.block_on(store.insert(&[key], Commit::audited(&[event]))).unwrap())
        }),
    );
}

fn sample(count: usize, mut once: impl FnMut() -> Duration) -> Vec<Duration> {
    let mut times: Vec<_> = (0..count).map(|_| once()).collect();
    times.sort_unstable();
    times
}

fn timed(run: impl FnOnce()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}

fn print_row(name: &str, sorted: Vec<Duration>) {
    let at = |part: f64| sorted[(sorted.len() as f64 * part) as usize].as_secs_f64();
    println!("{name:44} {:10.1} {:10.1} {:10.0}", at(0.5) * 1e6, at(0.99) * 1e6, 1.0 / at(0.5));
}

const PAGE: usize = 50;
