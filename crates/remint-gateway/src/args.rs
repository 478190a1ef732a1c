use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::init::InitArgs;
use crate::keys::KeysCommand;
use crate::signing_keys::SigningKeysCommand;

/// The whole edge as one process: identity service, public keys, health and metrics.
///
/// Without a command it serves until SIGTERM or Ctrl-C.
#[derive(Debug, Parser)]
#[command(name = "remint-gateway", version)]
pub(crate) struct Args {
    /// The settings; without a file, the defaults and REMINT__ variables.
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) config: Option<PathBuf>,

    /// Says whether the settings can be used with the files that they name, and ends: 0 if they can. Nothing is made,
    /// and nobody is asked.
    #[arg(long, conflicts_with = "print_config")]
    pub(crate) check: bool,

    /// Prints every setting, with its default where another value is set, and ends. Secrets are masked.
    #[arg(long)]
    pub(crate) print_config: bool,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What an operator does at a terminal.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// API keys: through the gateway that runs with these settings, or in its store if none does.
    #[command(subcommand)]
    Keys(KeysCommand),

    /// The keys that sign internal tokens, in the folder of these settings.
    #[command(subcommand)]
    SigningKeys(SigningKeysCommand),

    /// Pairs the store with the key folder and secrets of these settings, once: after one of the two was restored from
    /// a backup, moved or replaced on purpose. Makes what is not there.
    Init(InitArgs),

    /// Exchanges one credential, read from standard input, at the server of `[exchange]` as the edge would,
    /// and prints what the token says.
    Exchange {
        /// Prints the token itself.
        #[arg(long)]
        token: bool,
    },
}
