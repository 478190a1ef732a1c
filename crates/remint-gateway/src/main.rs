//! The whole edge as one process, from one file of settings.
//!
//! `settings/` reads the file, `serve/` runs the edge and its listeners, `keys/`, `signing_keys/` and `init` are
//! for an operator at a terminal.

mod args;
mod check;
mod exchange;
mod failure;
mod init;
mod keys;
mod pairing;
mod serve;
mod settings;
mod signing_keys;
#[cfg(unix)]
mod socket;
mod store;
mod terminal;

use std::collections::BTreeMap;
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

/// The environment, as far as it is text. A setting that is none is not passed over.
fn variables() -> Result<BTreeMap<String, String>, Failure> {
    let mut variables = BTreeMap::new();
    for (name, text) in std::env::vars_os() {
        match (name.into_string(), text.into_string()) {
            (Ok(name), Ok(text)) => drop(variables.insert(name, text)),
            (Ok(name), Err(_)) if name.starts_with("REMINT__") => {
                return Err(Failure::Refused(format!("{name}: it is not a text in UTF-8")));
            }
            _ => {}
        }
    }
    Ok(variables)
}

async fn run(args: Args) -> Result<ExitCode, Failure> {
    let variables = variables()?;
    let is_command = args.command.is_some() && !args.check && !args.print_config;
    let load = if is_command { Settings::load_for_command } else { Settings::load };
    let settings = serve::with_warnings(|| load(args.config.as_deref(), variables));
    let settings = settings.map_err(|problems| Failure::refused(problems.to_string()))?;
    if args.print_config {
        std::io::stdout().write_all(settings.shown.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    if args.check {
        for warning in settings.warnings.lines() {
            writeln!(std::io::stderr(), "warning: {warning}")?;
        }
        let problems = check::problems(&settings).await;
        if problems.is_empty() {
            writeln!(std::io::stdout(), "the settings are good")?;
            return Ok(ExitCode::SUCCESS);
        }
        return Err(Failure::Refused(problems.join("\n")));
    }
    match (args.command, &settings.exchange) {
        (None, _) => serve::run(&settings, args.config.is_some()).await.map(|()| ExitCode::SUCCESS),
        (Some(Command::Exchange { token }), Some(exchange)) => exchange::run(&settings, exchange, token).await,
        (Some(Command::Exchange { .. }), None) => Err(Failure::refused("there is no `[exchange]` in the settings")),
        (Some(_), Some(_)) => Err(Failure::refused("with `[exchange]` there are no keys here: they are at the server")),
        (Some(Command::Init(args)), None) => init::run(&args, &settings).await,
        (Some(Command::Keys(command)), None) => keys::run(command, &settings).await,
        (Some(Command::SigningKeys(command)), None) => signing_keys::run(&command, &settings),
    }
}
