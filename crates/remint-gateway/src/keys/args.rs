use clap::{Args, Subcommand};
use remint::{
    ActFor, ApiKeyRecord, Environment, KeyId, KeyName, MAX_GIVEN, Network, RoleName, Roles, Scopes, TenantId, TimeSpan,
    UserId,
};

use super::act_for::ActForArgs;
use super::given::given;
use super::import::ImportArgs;
use super::output::Output;
use crate::failure::Failure;

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
    /// and, if not given here, `user` and `scheme`; also `start`, `environment`, `name`, `scopes`, `roles` (of a user
    /// who is made), `created`, `expires` (RFC 3339, in UTC) and `revoked` (true, false). In a CSV file they are the
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
    expires_in: Option<TimeSpan>,

    #[command(flatten)]
    act_for: ActForArgs,

    /// Makes the user if there is none, with the scopes of this key (but `remint:keys`) and no other key.
    #[arg(long)]
    create_user: bool,

    /// The tenant of a user who is made.
    #[arg(long, value_name = "ID", requires = "create_user")]
    tenant: Option<TenantId>,

    /// A role of a user who is made; may be given several times.
    #[arg(long = "role", value_name = "NAME", requires = "create_user")]
    roles: Vec<RoleName>,

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
    pub(super) expires_in: Option<TimeSpan>,
    pub(super) act_for: Option<ActFor>,
    pub(super) create_user: bool,
    pub(super) tenant: Option<TenantId>,
    pub(super) roles: Roles,
}

impl Request {
    pub(super) fn no_user(&self) -> Failure {
        Failure::Refused(format!("there is no user {}; --create-user makes them", self.user))
    }

    /// The scopes of a user who is made with the key: no user has the scope that a key has by itself.
    pub(super) fn user_scopes(&self) -> Option<Scopes> {
        self.scopes.clone().map(|scopes| scopes.filtered(|scope| scope != ApiKeyRecord::KEYS_SCOPE))
    }
}

impl CreateArgs {
    /// What is asked for.
    ///
    /// # Errors
    ///
    /// [`Failure::Refused`] if a list is longer than any may be, or if a scope or a role is not given.
    pub(super) fn request(self) -> Result<Request, Failure> {
        for (what, count) in [("--network", self.networks.len())].into_iter().chain(self.act_for.counts()) {
            if count > MAX_GIVEN {
                return Err(Failure::Refused(format!("{what} is given {count} times: {MAX_GIVEN} are the most")));
            }
        }
        Ok(Request {
            user: self.user,
            name: self.name,
            environment: self.env,
            scopes: self.scopes.map(given).transpose()?,
            networks: self.networks,
            expires_in: self.expires_in,
            act_for: self.act_for.right()?,
            create_user: self.create_user,
            tenant: self.tenant,
            roles: Roles::new(self.roles).map_err(|error| Failure::Refused(error.to_string()))?,
        })
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
    #[arg(long, value_name = "DURATION", default_value = "24h")]
    pub(super) overlap: TimeSpan,

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

/// A time span that is not zero: a key that has ended is of no use.
fn lifetime(text: &str) -> Result<TimeSpan, String> {
    let span: TimeSpan = text.parse().map_err(|error: remint::InvalidTimeSpan| error.to_string())?;
    if span.duration().is_zero() { Err("a key cannot end as it is made".to_owned()) } else { Ok(span) }
}
