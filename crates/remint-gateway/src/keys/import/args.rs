use std::path::PathBuf;

use clap::Args;
use remint::{Environment, UserId};
use remint_apikey::TextFormat;
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::keys::output::Output;

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// sqlite:///PATH, postgres://…, FILE.csv or FILE.jsonl; `env:NAME` takes it from a variable, which a
    /// password should come from.
    #[arg(long, value_name = "SOURCE")]
    from: String,

    /// The table of keys in a database.
    #[arg(long, value_name = "TABLE", default_value = "rest_framework_api_key_apikey")]
    pub(super) table: String,

    /// Whose keys they are: all of them this user's.
    #[arg(long, value_name = "ID", conflicts_with = "user_column")]
    pub(super) user: Option<UserId>,

    /// The column of the table that names each key's user.
    #[arg(long, value_name = "COLUMN")]
    pub(super) user_column: Option<String>,

    /// `live` or `test`, for keys that do not say.
    #[arg(long, value_name = "ENV", default_value = "live")]
    pub(super) env: Environment,

    /// The format of their texts: `drf` or `opaque:PREFIX`; api_keys.accept must have it.
    #[arg(long, value_name = "FORMAT", default_value = "drf")]
    pub(super) format: TextFormat,

    /// How the digests in a file were made: sha256, sha512 (hexadecimal or base64) or pbkdf2_sha256 (as
    /// Django writes it).
    #[arg(long, value_name = "SCHEME")]
    pub(super) scheme: Option<String>,

    /// Says what would be done, and does nothing.
    #[arg(long)]
    pub(super) dry_run: bool,

    /// Makes users that are not there, without scopes, with the roles that the rows of a file name.
    #[arg(long)]
    pub(super) create_users: bool,

    /// Makes users again who were deleted here; their keys are left out otherwise.
    #[arg(long, requires = "create_users")]
    pub(super) restore_deleted: bool,

    #[command(flatten)]
    pub(crate) output: Output,
}

/// Where the keys are.
pub(super) enum Source {
    Database(Zeroizing<String>),
    File(PathBuf),
}

impl ImportArgs {
    pub(super) fn source(&self) -> Result<Source, Failure> {
        let from = match self.from.strip_prefix("env:") {
            None => Zeroizing::new(self.from.clone()),
            Some(name) => {
                let text = std::env::var(name).map_err(|_| Failure::Refused(format!("--from: {name} is not set")))?;
                Zeroizing::new(text)
            }
        };
        if DATABASES.iter().any(|scheme| from.starts_with(scheme)) {
            return Ok(Source::Database(from));
        }
        // It may be an address with a password that was mistyped.
        if from.contains("://") {
            return Err(Failure::refused("--from: sqlite:///PATH, postgres://…, FILE.csv or FILE.jsonl"));
        }
        Ok(Source::File(PathBuf::from(&*from)))
    }
}

const DATABASES: [&str; 3] = ["sqlite://", "postgres://", "postgresql://"];
