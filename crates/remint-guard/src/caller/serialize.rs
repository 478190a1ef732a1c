use remint_core::{Actor, ClientId, CredentialRef, Environment, SessionId, Subject, TenantId, Timestamp};
use serde::{Serialize, Serializer};

use super::Caller;

impl<E: Serialize> Serialize for Caller<E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Shown {
            subject: &self.subject,
            tenant: self.tenant.as_ref(),
            env: self.environment,
            scopes: self.scopes.iter().collect(),
            client: &self.client,
            credential: &self.credential,
            session: self.session.as_ref(),
            act: self.actor.as_ref(),
            auth_time: self.auth_time.map(Timestamp::as_secs),
            acr: self.acr.as_deref(),
            amr: &self.amr,
            roles: &self.roles,
            groups: &self.groups,
            entitlements: &self.entitlements,
            ext: &self.ext,
        }
        .serialize(serializer)
    }
}

#[derive(Serialize)]
struct Shown<'a, E> {
    subject: &'a Subject,
    tenant: Option<&'a TenantId>,
    env: Environment,
    scopes: Vec<&'a str>,
    client: &'a ClientId,
    credential: &'a CredentialRef,
    session: Option<&'a SessionId>,
    act: Option<&'a Actor>,
    auth_time: Option<u64>,
    acr: Option<&'a str>,
    amr: &'a [String],
    roles: &'a [String],
    groups: &'a [String],
    entitlements: &'a [String],
    ext: &'a E,
}
