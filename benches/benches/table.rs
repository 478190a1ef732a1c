//! The whole, beside its peers: alternating rounds, medians with quartiles, allocations beside the time.
#![expect(clippy::unwrap_used, clippy::print_stdout, clippy::indexing_slicing, reason = "a benchmark may panic, and prints")]

mod sections;

use sections::{hit, many, memory, miss, stampede, threads};

fn main() {
    if std::env::args().any(|argument| argument == "--list" || argument == "--test") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let _inside = runtime.enter();
    println!("Medians over alternating rounds [quartiles]; ns/op; allocations and bytes per operation.");
    hit::print(&runtime);
    many::print();
    threads::print();
    miss::print();
    stampede::print(&runtime);
    memory::print();
}
