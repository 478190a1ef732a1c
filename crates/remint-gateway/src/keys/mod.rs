//! The operator's commands: create, list, rotate, revoke and import API keys.
//!
//! Each change writes its rows into the store's log of revocations, which gateways follow: the store is opened here,
//! whether or not one runs. Where gateways keep their revocations to themselves (`revocation.log = "process"`, or a
//! store in memory), a change behind the back of one that runs would leave its cache standing. So if one runs here
//! over the store of these settings, it is asked, through its socket; only if none does, the store is opened. An
//! import adds keys and ends none, so it always goes to the store.

mod act_for;
mod api;
mod args;
mod direct;
mod find;
mod given;
mod import;
mod log_of_store;
mod output;
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
            through(settings, async |way| {
                let (json, request) = (args.output.json, args.request()?);
                Report::new(json).made(&way.create(&request).await?)
            })
            .await
        }
        KeysCommand::List(args) => {
            let way = Way::for_reading(settings).await?;
            carried_out(way, async |way| Report::new(args.output.json).listed(&way.list(&args.user).await?)).await
        }
        KeysCommand::Rotate(args) => {
            through(settings, async |way| {
                let key = way.rotate(&args.id, args.overlap).await?;
                Report::new(args.output.json).made(&key)?;
                way.caution(settings);
                Ok(())
            })
            .await
        }
        KeysCommand::Revoke(args) => {
            through(settings, async |way| {
                way.revoke(&args.id, args.cascade).await?;
                Report::new(args.output.json).revoked(&args.id, args.cascade)?;
                way.caution(settings);
                Ok(())
            })
            .await
        }
        KeysCommand::Import(args) => import::run(&args, settings).await,
    }
}

/// Carries a command out, and closes the way that it took, whatever came of it.
async fn through(
    settings: &Settings,
    command: impl AsyncFnOnce(&Way) -> Result<(), Failure>,
) -> Result<ExitCode, Failure> {
    carried_out(Way::find(settings).await?, command).await
}

async fn carried_out(way: Way, command: impl AsyncFnOnce(&Way) -> Result<(), Failure>) -> Result<ExitCode, Failure> {
    let done = command(&way).await;
    way.close().await;
    done.map(|()| ExitCode::SUCCESS)
}
