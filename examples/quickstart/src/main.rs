//! The main job in one command: a provider's JWT and a user's API keys reach a service as the same
//! kind of internal token.
//!
//! Three servers of this process, each on a socket of its own:
//!
//! ```text
//! caller ──► edge (edge.rs, proxy.rs) ──► service behind it (behind.rs)
//!             ▲ keys                        ▲ keys
//!            demo provider (provider.rs)   the edge's /.well-known/jwks.json
//! ```
//!
//! `tour.rs` sends requests through them and checks every answer.

mod args;
mod behind;
mod client;
mod demo;
mod edge;
mod expect;
mod header;
mod provider;
mod proxy;
mod report;
mod server;
mod step;
mod stop;
mod style;
mod table;
mod tour;

use std::error::Error;
use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use crate::args::Args;
use crate::demo::Demo;
use crate::report::Report;
use crate::style::Style;

/// What any part of this demo returns.
type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Args::parse()).await {
        Ok(code) => code,
        Err(error) => {
            // Nobody is left to hear of it if standard error is closed.
            _ = writeln!(std::io::stderr(), "quickstart: {}", with_causes(&*error));
            ExitCode::FAILURE
        }
    }
}

fn with_causes(error: &dyn Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {}", with_causes(cause)),
        None => error.to_string(),
    }
}

async fn run(args: &Args) -> Outcome<ExitCode> {
    log(args);
    let stop = stop::signal()?;
    let demo = Demo::start(args).await?;
    let mut report = Report::new(args.json);
    let outcome = tokio::select! {
        outcome = tour_and_serve(args, &demo, &mut report) => outcome,
        // A tour that was interrupted did not hold.
        () = stop => Ok(if args.once { ExitCode::FAILURE } else { ExitCode::SUCCESS }),
    };
    demo.edge.close().await?;
    outcome
}

async fn tour_and_serve(args: &Args, demo: &Demo, report: &mut Report) -> Outcome<ExitCode> {
    report.opening(demo)?;
    let held = tour::take(demo, report).await?;
    report.conclusion(held)?;
    if args.once {
        return Ok(if held { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    report.serving(demo)?;
    std::future::pending().await
}

/// `RUST_LOG=remint=debug` shows the reason of each refusal, which callers are not told.
fn log(args: &Args) {
    let quiet = if args.provider().is_some() { "warn" } else { "error" };
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| quiet.into());
    let colour = Style::of(&std::io::stderr()).has_colour();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colour).init();
}
