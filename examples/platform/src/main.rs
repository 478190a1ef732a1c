//! A platform in one process: one authorization server holds the keys, two edges hold none, two services
//! behind them verify.
//!
//! ```text
//! callers ──► edge of the orders ──► orders ──► stock ◄── edge of the stock ◄── callers
//!                     │                │                          │
//!                     └───── exchange ─┴──► authorization server ◄┘
//! ```
//!
//! `tour.rs` sends requests through them and prints what each hop saw.
#![expect(clippy::print_stdout, reason = "it tells people what happens")]

mod auth;
mod check;
mod edge;
mod hop;
mod idp;
mod listen;
mod orders;
mod platform;
mod stock;
mod tour;

use std::error::Error;
use std::process::ExitCode;

use crate::platform::Platform;

/// What any part of this example returns.
type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Outcome<ExitCode> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let once = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => false,
        ["--once"] => true,
        _ => return Err("usage: platform [--once]".into()),
    };
    let platform = Platform::start().await?;
    let held = tour::take(&platform).await?;
    println!("\n{}", if held { "Every step held." } else { "A step did not hold." });
    if !once {
        println!("\nIt serves until Ctrl-C:\n{}", platform.lines());
        tokio::signal::ctrl_c().await?;
    }
    Ok(if held { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
