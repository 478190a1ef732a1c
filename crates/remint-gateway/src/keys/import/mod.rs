//! Keys of other systems: read from their table or file, and brought along.

mod args;
mod bring;
mod database;
mod file;
mod outcome;
mod progress;
mod row;
mod time;

use std::process::ExitCode;

pub(super) use self::args::ImportArgs;
use self::args::Source;
pub(super) use self::outcome::Outcome;
use super::direct::Direct;
use super::report::Report;
use crate::failure::Failure;
use crate::settings::Settings;

/// Exit code 1 says that some were refused; the others are imported all the same.
pub(super) async fn run(args: &ImportArgs, settings: &Settings) -> Result<ExitCode, Failure> {
    if !settings.api_keys.accept.contains(&args.format) {
        let message = format!("api_keys.accept lacks \"{}\": the imported keys would be refused", args.format);
        return Err(Failure::Refused(message));
    }
    let rows = match args.source()? {
        Source::Database(url) => database::read(&url, args).await?,
        Source::File(path) => file::read(&path, args)?,
    };
    let store = if args.dry_run { Direct::rehearse(settings).await? } else { Direct::open(settings).await? };
    let outcome = bring::all(store.keys(), rows, args).await;
    store.close().await;
    let outcome = outcome?;
    Report::new(args.output.json).imported(&outcome)?;
    Ok(if outcome.refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
