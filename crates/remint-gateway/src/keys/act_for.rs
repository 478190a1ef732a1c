use clap::{ArgGroup, Args};
use remint::{ActFor, Environment, Scopes, TenantId, UserId};
use serde_json::{Map, Value};

use super::given::given;
use crate::failure::Failure;

/// For whom a new key may act, and how far.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("whom").args(["act_for_user", "act_for_tenant", "act_for_anyone"]).multiple(true)))]
pub(super) struct ActForArgs {
    /// A user for whom the key may act; may be given several times.
    #[arg(id = "act_for_user", long = "act-for-user", value_name = "ID")]
    users: Vec<UserId>,

    /// A tenant for all of whose users it may act; may be given several times.
    #[arg(id = "act_for_tenant", long = "act-for-tenant", value_name = "ID")]
    tenants: Vec<TenantId>,

    /// It may act for everyone.
    #[arg(id = "act_for_anyone", long = "act-for-anyone")]
    anyone: bool,

    /// With no more than these scopes, with spaces between; unless given, with those of whom it acts for.
    #[arg(id = "act_for_scopes", long = "act-for-scopes", value_name = "SCOPES", requires = "whom")]
    scopes: Option<Scopes>,

    /// In this environment only; unless given, in both.
    #[arg(id = "act_for_env", long = "act-for-env", value_name = "ENV", requires = "whom")]
    environment: Option<Environment>,
}

impl ActForArgs {
    /// How often what may be given several times was given.
    pub(super) const fn counts(&self) -> [(&'static str, usize); 2] {
        [("--act-for-user", self.users.len()), ("--act-for-tenant", self.tenants.len())]
    }

    /// The right, if one is given.
    ///
    /// # Errors
    ///
    /// [`Failure::Refused`] if a scope is not given.
    pub(super) fn right(self) -> Result<Option<ActFor>, Failure> {
        let Self { users, tenants, anyone, scopes, environment } = self;
        let scopes = scopes.map(given).transpose()?;
        let is_given = anyone || !users.is_empty() || !tenants.is_empty();
        Ok(is_given.then(|| ActFor { anyone, users, tenants, scopes, environments: environment.into_iter().collect() }))
    }
}

/// A right in the words of the identity service: what was not given is absent.
pub(super) fn in_json(right: &ActFor) -> Value {
    let ActFor { anyone, users, tenants, scopes, environments } = right;
    let mut object = Map::new();
    if *anyone {
        object.insert("anyone".into(), true.into());
    }
    if !users.is_empty() {
        object.insert("users".into(), users.iter().map(UserId::as_str).collect());
    }
    if !tenants.is_empty() {
        object.insert("tenants".into(), tenants.iter().map(TenantId::as_str).collect());
    }
    if let Some(scopes) = scopes {
        object.insert("scopes".into(), scopes.iter().collect());
    }
    if !environments.is_empty() {
        object.insert("environments".into(), environments.iter().map(|environment| environment.as_str()).collect());
    }
    object.into()
}
