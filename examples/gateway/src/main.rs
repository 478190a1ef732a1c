//! The whole edge as one process, from one file of settings.
//!
//! `settings/` reads the file, `serve/` runs the edge and its listeners, `keys/` is for an operator
//! at a terminal.

mod args;
mod failure;
mod keys;
mod serve;
mod settings;
mod store;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use crate::args::{Args, Command};
use crate::failure::Failure;
use crate::settings::Settings;

#[tokio::main]
async fn main() -> ExitCode {
    match run(Args::parse()).await {
        Ok(code) => code,
        Err(failure) => {
            // Nobody is left to hear of it if standard error is closed.
            _ = writeln!(std::io::stderr(), "{failure}");
            failure.exit_code()
        }
    }
}

async fn run(args: Args) -> Result<ExitCode, Failure> {
    // A variable that is no text is no setting of ours either.
    let variables =
        std::env::vars_os().filter_map(|(name, text)| Some((name.into_string().ok()?, text.into_string().ok()?)));
    let settings = Settings::load(args.config.as_deref(), variables.collect());
    let settings = settings.map_err(|problems| Failure::refused(problems.to_string()))?;
    if args.print_config {
        std::io::stdout().write_all(settings.shown.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    if args.check {
        writeln!(std::io::stdout(), "the settings are good")?;
        return Ok(ExitCode::SUCCESS);
    }
    match args.command {
        Some(Command::Keys(command)) => keys::run(command, &settings).await,
        None => serve::run(&settings).await.map(|()| ExitCode::SUCCESS),
    }
}
