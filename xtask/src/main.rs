//! `cargo xtask <command>`: see [`xtask`].
#![expect(clippy::print_stderr, reason = "a command line talks to a terminal")]

use std::process::ExitCode;

use xtask::{bench, faults, fuzz, metadata, peers, suite};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    let root = metadata::root();
    let succeeded = match (command.as_str(), rest.as_slice()) {
        ("test", []) => suite::run(&root),
        ("bench", filters) => bench::run(&root, filters),
        ("fuzz", targets) => fuzz::run(&root, targets),
        ("faults", options) => faults::run(&root, options),
        ("peers", [dashes, program, arguments @ ..]) if dashes == "--" => peers::run(program, arguments),
        _ => {
            eprintln!("{USAGE}");
            false
        }
    };
    if succeeded { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

const USAGE: &str = "\
cargo xtask test                the whole test suite, real peers included
cargo xtask bench [FILTER …]    the benchmarks, with a table at the end
cargo xtask fuzz [TARGET …]     each fuzz target (or the named ones) for a minute
cargo xtask faults [--long] [--seed N] [--store sqlite|postgres] [--revocations N] [--minutes N]
                                three nodes under load and faults, and whether revocations held
cargo xtask peers -- COMMAND …  a command beside a PostgreSQL and a Redis of its own";
