//! The operator's commands for the keys that sign internal tokens: list, rotate, retire.
//!
//! They work on the folder, as every process with the same settings does; whoever runs takes over what
//! it finds there within seconds. Nobody has to be asked, and none may run as another user than the
//! gateway: the files are for their owner alone.

mod args;
mod report;

use std::io::Write as _;
use std::process::ExitCode;

use remint::{Issuer, IssuerBuilder, IssuerError, KeyState, KeyStatus};

pub(crate) use self::args::SigningKeysCommand;
use self::report::Report;
use crate::failure::Failure;
use crate::settings::{IssuerSettings, Settings};

pub(crate) fn run(command: &SigningKeysCommand, settings: &Settings) -> Result<ExitCode, Failure> {
    let settings = &settings.issuer;
    match command {
        SigningKeysCommand::List(output) => Report::new(output.json).listed(&inspect(settings)?)?,
        SigningKeysCommand::Rotate(output) => rotate(settings, &Report::new(output.json))?,
        SigningKeysCommand::Retire(args) if args.yes => retire(settings, &args.id, &Report::new(args.output.json))?,
        SigningKeysCommand::Retire(args) => return Err(not_without_a_yes(settings, &args.id)?),
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes the next key, unless one is waiting.
fn rotate(settings: &IssuerSettings, report: &Report) -> Result<(), Failure> {
    let before = changeable(settings)?;
    let issuer = open(settings)?;
    issuer.rotate().map_err(failed)?;
    let keys = issuer.keys();
    match keys.iter().rev().find(|key| key.state == KeyState::Next) {
        Some(next) => report.rotated(next, before.iter().all(|key| key.key_id != next.key_id)),
        None => Err(Failure::refused("there is no next key: somebody has removed it")),
    }
}

fn retire(settings: &IssuerSettings, id: &str, report: &Report) -> Result<(), Failure> {
    known(&changeable(settings)?, id)?;
    let issuer = open(settings)?;
    if !issuer.retire(id).map_err(failed)? {
        return Err(unknown(id));
    }
    _ = writeln!(
        std::io::stderr(),
        "A gateway that runs gives it up within ten seconds; services behind it refuse its tokens when they next fetch \
         the key set, after five minutes at the latest."
    );
    report.retired(id, &issuer.keys())
}

/// What the key's end would end.
fn not_without_a_yes(settings: &IssuerSettings, id: &str) -> Result<Failure, Failure> {
    let keys = changeable(settings)?;
    let what = match known(&keys, id)?.state {
        KeyState::Next => "It has signed nothing yet: nothing ends but the rotation that it was made for.",
        KeyState::Signing => {
            "It signs now: every internal token of the last minutes is refused from then on, and callers get new ones \
             from another key. Without need, `rotate` is the better way."
        }
        KeyState::Published => "The tokens that it has signed, and that have not expired, are refused from then on.",
    };
    Ok(Failure::refused(format!("{what}\nIt is removed for good. With --yes this is done.")))
}

/// The keys, if there are any that are ours to change.
fn changeable(settings: &IssuerSettings) -> Result<Vec<KeyStatus>, Failure> {
    if settings.given.is_some() {
        return Err(Failure::refused(
            "`issuer.key` is one key, which is replaced where it comes from: publish the next one with \
             `issuer.also_published` for ten minutes, then set it, and publish the last one for the life of a token",
        ));
    }
    let keys = inspect(settings)?;
    if keys.is_empty() {
        let folder = settings.keys.path.display();
        return Err(Failure::refused(format!("there are no keys in {folder}: a gateway makes the first at its start")));
    }
    Ok(keys)
}

fn known<'k>(keys: &'k [KeyStatus], id: &str) -> Result<&'k KeyStatus, Failure> {
    keys.iter().find(|key| key.key_id == id).ok_or_else(|| unknown(id))
}

fn unknown(id: &str) -> Failure {
    Failure::refused(format!("there is no signing key {id}"))
}

/// The keys that are there, each read.
pub(crate) fn inspect(settings: &IssuerSettings) -> Result<Vec<KeyStatus>, Failure> {
    builder(settings)?.inspect().map_err(failed)
}

/// The issuer of these settings: its first key is made if there is none.
pub(crate) fn open(settings: &IssuerSettings) -> Result<Issuer, Failure> {
    builder(settings)?.build().map_err(failed)
}

fn builder(settings: &IssuerSettings) -> Result<IssuerBuilder, Failure> {
    let no_audience = || Failure::refused("`issuer.audience` is empty");
    let audience = settings.audience.first().ok_or_else(no_audience)?;
    let mut builder = Issuer::builder(settings.url.value.clone(), audience.clone()).ttl(settings.ttl);
    let Some(given) = &settings.given else {
        // Not `rotate_every`: an operator who looks or removes a key rotates nothing.
        return Ok(builder.algorithm(settings.algorithm).key_folder(&settings.keys.path));
    };
    builder = builder.signing_key(given.signing_key().map_err(Failure::refused)?);
    Ok(given.also_publish.iter().cloned().fold(builder, IssuerBuilder::also_publish))
}

/// What may work the next time is not the operator's mistake.
fn failed(error: IssuerError) -> Failure {
    match &error {
        IssuerError::Io { .. } | IssuerError::Locked { .. } | IssuerError::Generate(_) => {
            Failure::unavailable("the signing keys cannot be used", &error)
        }
        _ => Failure::refused(crate::failure::with_causes(&error)),
    }
}
