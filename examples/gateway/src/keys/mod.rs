//! The operator's commands: create, list, rotate, revoke and import API keys.
//!
//! A change behind the back of a gateway that runs would leave its cache standing. So if one runs here over
//! the store of these settings, it is asked, through its socket; only if none does, the store is
//! opened here. An import adds keys and ends none, so it always goes to the store: a gateway that
//! runs holds for two seconds at most that a key is unknown.

mod act_for;
mod api;
mod args;
mod direct;
mod find;
mod import;
mod report;
mod view;
mod way;

use std::process::ExitCode;

pub(crate) use self::args::KeysCommand;
use self::report::Report;
use self::view::KeyView;
use self::way::Way;
use crate::failure::Failure;
use crate::settings::Settings;

/// Whether a gateway of this machine serves the store of these settings.
pub(crate) async fn gateway_runs(settings: &Settings) -> Result<bool, Failure> {
    Ok(!find::gateways(settings).await?.is_empty())
}

pub(crate) async fn run(command: KeysCommand, settings: &Settings) -> Result<ExitCode, Failure> {
    match command {
        KeysCommand::Create(args) => {
            let (json, request) = (args.output.json, args.request());
            let key = Way::find(settings).await?.create(&request).await?;
            Report::new(json).made(&key)?;
        }
        KeysCommand::List(args) => {
            let keys = Way::find(settings).await?.list(&args.user).await?;
            Report::new(args.output.json).listed(&keys)?;
        }
        KeysCommand::Rotate(args) => {
            let way = Way::find(settings).await?;
            let key = way.rotate(&args.id, args.overlap).await?;
            Report::new(args.output.json).made(&key)?;
            way.caution(settings);
        }
        KeysCommand::Revoke(args) => {
            let way = Way::find(settings).await?;
            way.revoke(&args.id, args.cascade).await?;
            Report::new(args.output.json).revoked(&args.id, args.cascade)?;
            way.caution(settings);
        }
        KeysCommand::Import(args) => return import::run(&args, settings).await,
    }
    Ok(ExitCode::SUCCESS)
}
