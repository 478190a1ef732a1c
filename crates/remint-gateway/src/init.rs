//! `init`: makes or adopts a store and its secrets on purpose, once.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::process::ExitCode;

use clap::Args;
use remint::{Paired, Unavailable};

use crate::failure::Failure;
use crate::settings::{Place, Settings};
use crate::store::Store;
use crate::terminal::{caution_unverified, print};
use crate::{keys, pairing, signing_keys};

#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// A pepper that is lost: the keys that were hashed under it are unknown from now on. May be repeated.
    #[arg(long, value_name = "PEPPER_ID")]
    give_up: Vec<String>,
}

pub(crate) async fn run(args: &InitArgs, settings: &Settings) -> Result<ExitCode, Failure> {
    let place = &settings.api_keys.store.place;
    if matches!(place, Place::Memory) {
        return Err(Failure::refused(
            "with api_keys.store = \"memory:\" there is nothing to pair: a start needs no `init`",
        ));
    }
    nobody_listens(settings)?;
    if keys::gateway_runs(settings).await? {
        return Err(Failure::refused("a gateway runs over this store: stop every gateway over it first"));
    }
    if let Place::Postgres(url) = place {
        caution_unverified(url);
    }
    let store = Store::open(place, settings.api_keys.pool_size).await?;
    let paired = pair(args, settings, &store).await;
    store.close().await;
    let (paired, keys) = paired?;
    let (id, pepper) = (paired.store(), paired.peppers().iter().next().map(|pepper| pepper.id().to_owned()));
    let place = place.for_people();
    let folder = match &settings.issuer.given {
        Some(_) => "the secrets of the settings".to_owned(),
        None => format!("the key folder {}", settings.issuer.keys.path.display()),
    };
    let mut text = format!("the store {id} at {place} and {folder} belong together now\n");
    text.push_str(&format!("pepper {}; signing keys {}", pepper.unwrap_or_default(), keys.join(", ")));
    for lost in &args.give_up {
        text.push_str(&format!("\nthe pepper {lost} is given up: keys that were hashed under it are unknown"));
    }
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// The pair, and the ids of the signing keys: the first is made if there is none.
async fn pair(args: &InitArgs, settings: &Settings, store: &Store) -> Result<(Paired, Vec<String>), Failure> {
    let adopted = pairing::of(store.ports(), pairing::secrets(settings)).adopt(&args.give_up).await;
    let paired = adopted.map_err(|error| pairing::failed(&error))?;
    let keys: Vec<String> = signing_keys::open(&settings.issuer)?.keys().into_iter().map(|key| key.key_id).collect();
    paired.signs_with(keys.iter().cloned()).await.map_err(|error| pairing::failed(&error))?;
    begin_another_log(store).await.map_err(|error| Failure::unavailable("the revocation log", &error))?;
    Ok((paired, keys))
}

/// A store that was put back lacks rows that gateways and services have read, and will have others at their
/// positions: what they say of the log so far is to mean nothing.
async fn begin_another_log(store: &Store) -> Result<(), Unavailable> {
    match store.ports().log() {
        Some(log) => log.renew(&log.head().await?.log).await,
        None => Ok(()),
    }
}

/// A gateway that serves meanwhile would go on with what it has read.
fn nobody_listens(settings: &Settings) -> Result<(), Failure> {
    for address in [settings.listen.http, settings.listen.admin].into_iter().flatten() {
        if let Err(error) = TcpListener::bind(address)
            && error.kind() == ErrorKind::AddrInUse
        {
            return Err(Failure::Refused(format!(
                "something listens on {address}: stop every gateway over this store first"
            )));
        }
    }
    Ok(())
}
