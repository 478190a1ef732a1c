use std::time::Duration;

use clap::{Args, Subcommand};
use remint::{ActFor, ApiKeyRecord, Environment, KeyId, KeyName, Network, Scopes, TenantId, UserId};

use super::act_for::ActForArgs;
use super::import::ImportArgs;
use super::output::Output;

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Makes a key and prints its text, this once.
    Create(CreateArgs),
    /// A user's keys, newest first; never their texts.
    List(ListArgs),
    /// Makes a new key in place of an old one, which goes on for a while.
    Rotate(RotateArgs),
    /// Ends a key, now.
    Revoke(RevokeArgs),
    /// Brings the keys of another system along: they go on working.
    ///
    /// From djangorestframework-api-key's own table, or from a file. A file has one key a line: `digest`
    /// and, if not given here, `user` and `scheme`; also `start`, `environment`, `name`, `scopes`,
    /// `created`, `expires` (RFC 3339, in UTC) and `revoked` (true, false). In a CSV file they are the
    /// columns' names, in a JSONL file the members'.
    Import(ImportArgs),
}

#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    /// Whose key it is.
    #[arg(long, value_name = "ID")]
    user: UserId,

    /// A name for people.
    #[arg(long)]
    name: Option<KeyName>,

    /// `live` or `test`.
    #[arg(long, value_name = "ENV", default_value = "live")]
    env: Environment,

    /// What the key may do, with spaces between; unless given, what the user may.
    #[arg(long, value_name = "SCOPES")]
    scopes: Option<Scopes>,

    /// From where it may be used, such as 192.0.2.0/24; may be given several times.
    #[arg(long = "network", value_name = "CIDR")]
    networks: Vec<Network>,

    /// When it ends, from now: 90s, 12h, 30d.
    #[arg(long, value_name = "DURATION", value_parser = lifetime)]
    expires_in: Option<Duration>,

    #[command(flatten)]
    act_for: ActForArgs,

    /// Makes the user if there is none, with the scopes of this key (but `remint:keys`) and no other key.
    #[arg(long)]
    create_user: bool,

    /// The tenant of a user who is made.
    #[arg(long, value_name = "ID", requires = "create_user")]
    tenant: Option<TenantId>,

    #[command(flatten)]
    pub(super) output: Output,
}

/// What is asked for when a key is made.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) user: UserId,
    pub(super) name: Option<KeyName>,
    pub(super) environment: Environment,
    pub(super) scopes: Option<Scopes>,
    pub(super) networks: Vec<Network>,
    pub(super) expires_in: Option<Duration>,
    pub(super) act_for: Option<ActFor>,
    pub(super) create_user: bool,
    pub(super) tenant: Option<TenantId>,
}

impl Request {
    /// The scopes of a user who is made with the key: no user has the scope that a key has by itself.
    pub(super) fn user_scopes(&self) -> Option<Scopes> {
        self.scopes.clone().map(|scopes| scopes.filtered(|scope| scope != ApiKeyRecord::KEYS_SCOPE))
    }
}

impl CreateArgs {
    pub(super) fn request(self) -> Request {
        Request {
            user: self.user,
            name: self.name,
            environment: self.env,
            scopes: self.scopes,
            networks: self.networks,
            expires_in: self.expires_in,
            act_for: self.act_for.right(),
            create_user: self.create_user,
            tenant: self.tenant,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Whose keys.
    #[arg(long, value_name = "ID")]
    pub(super) user: UserId,

    #[command(flatten)]
    pub(super) output: Output,
}

#[derive(Debug, Args)]
pub(crate) struct RotateArgs {
    /// The key's id, as `list` shows it.
    pub(super) id: KeyId,

    /// How long the old key goes on: 0s ends it now.
    #[arg(long, value_name = "DURATION", default_value = "24h", value_parser = seconds)]
    pub(super) overlap: Duration,

    #[command(flatten)]
    pub(super) output: Output,
}

#[derive(Debug, Args)]
pub(crate) struct RevokeArgs {
    /// The key's id, as `list` shows it.
    pub(super) id: KeyId,

    /// Ends the keys that it made, too, and those that they made.
    #[arg(long)]
    pub(super) cascade: bool,

    #[command(flatten)]
    pub(super) output: Output,
}

/// A duration in whole seconds.
fn seconds(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(duration) if duration.subsec_nanos() == 0 => Ok(duration),
        _ => Err("a duration is such as 90s, 12h or 30d, in whole seconds".to_owned()),
    }
}

/// A duration in whole seconds, and not zero: a key that has ended is of no use.
fn lifetime(text: &str) -> Result<Duration, String> {
    match seconds(text)? {
        Duration::ZERO => Err("a key cannot end as it is made".to_owned()),
        duration => Ok(duration),
    }
}
