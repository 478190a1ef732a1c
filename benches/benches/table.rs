//! The whole, beside its peers: alternating rounds, medians with quartiles, allocations beside the time.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a benchmark may panic, and prints"
)]

mod sections;

use sections::{enumeration, hit, many, memory, metering, miss, revocations, stampede, stores, threads, token};

fn main() {
    remint_benches::token_server::serve_if_asked();
    // `cargo bench --bench table -- hit miss` runs only these sections.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    if std::env::args().any(|argument| argument == "--list" || argument == "--test") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let _inside = runtime.enter();
    println!("Medians over alternating rounds [quartiles]; ns/op; allocations and bytes per operation.");
    let sections: [(&str, &dyn Fn()); 11] = [
        ("hit", &|| hit::print(&runtime)),
        ("metering", &metering::print),
        ("many", &many::print),
        ("threads", &threads::print),
        ("miss", &miss::print),
        ("revocations", &|| revocations::print(&runtime)),
        ("stampede", &|| stampede::print(&runtime)),
        ("memory", &memory::print),
        ("stores", &|| stores::print(&runtime)),
        ("enumeration", &enumeration::print),
        ("token", &|| token::print(&runtime)),
    ];
    for (name, print) in sections {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            print();
        }
    }
}
