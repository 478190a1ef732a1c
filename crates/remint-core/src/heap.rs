use serde_json::Value;

use crate::{Actor, CredentialRef, Identity, MayAct, Parents};

impl Identity {
    /// How many bytes this identity holds on the heap, as nearly as they can be told: what a cache adds to
    /// the size of the type itself.
    ///
    /// Each field is named, so that a new one does not compile until it is counted.
    #[must_use]
    pub fn heap_size(&self) -> usize {
        let Self {
            subject,
            tenant,
            environment,
            scopes,
            client,
            credential,
            session,
            actor,
            may_act,
            parents,
            auth_time,
            acr,
            amr,
            roles,
            groups,
            entitlements,
            plan,
            credential_ends,
            confirmation,
            ext,
        } = self;
        text(subject.as_str())
            + tenant.as_ref().map_or(0, |tenant| text(tenant.as_str()))
            + in_place(environment)
            + scopes.iter().map(|scope| text(scope) + size_of::<Box<str>>()).sum::<usize>()
            + text(client.as_str())
            + credential.heap_size()
            + session.as_ref().map_or(0, |session| text(session.as_str()))
            + actor.as_ref().map_or(0, Actor::heap_size)
            + may_act.as_ref().map_or(0, MayAct::heap_size)
            + parents.as_ref().map_or(0, Parents::heap_size)
            + in_place(auth_time)
            + acr.as_ref().map_or(0, |acr| acr.capacity() + PIECE)
            + [amr, roles, groups, entitlements].into_iter().map(list).sum::<usize>()
            + plan.as_ref().map_or(0, |plan| text(plan.as_str()))
            + in_place(credential_ends)
            + in_place(confirmation)
            + ext.as_map().iter().map(member).sum::<usize>()
    }
}

impl Parents {
    /// As [`Identity::heap_size`].
    fn heap_size(&self) -> usize {
        text(self.issuer().as_str())
            + PIECE
            + self.ids().iter().map(|id| text(id.as_str()) + size_of::<Box<str>>()).sum::<usize>()
    }
}

impl CredentialRef {
    /// As [`Identity::heap_size`].
    #[must_use]
    pub fn heap_size(&self) -> usize {
        match self {
            Self::Jwt { issuer, subject, id, digest } => {
                text(issuer.as_str())
                    + text(subject.as_str())
                    + id.as_ref().map_or(0, |id| text(id.as_str()))
                    + in_place(digest)
            }
            Self::ApiKey { id } => text(id.as_str()),
            Self::Client { id } => text(id.as_str()),
            Self::Other { kind, id } => text(kind.as_str()) + text(id.as_str()),
        }
    }
}

impl Actor {
    /// As [`Identity::heap_size`], the whole chain.
    #[must_use]
    pub fn heap_size(&self) -> usize {
        let Self { subject, issuer, credential, session, tenant, actor } = self;
        text(subject.as_str())
            + issuer.as_ref().map_or(0, |issuer| text(issuer.as_str()))
            + credential.as_ref().map_or(0, CredentialRef::heap_size)
            + session.as_ref().map_or(0, |session| text(session.as_str()))
            + tenant.as_ref().map_or(0, |tenant| text(tenant.as_str()))
            + actor.as_deref().map_or(0, |actor| size_of::<Self>() + PIECE + actor.heap_size())
    }
}

impl MayAct {
    /// As [`Identity::heap_size`].
    #[must_use]
    pub fn heap_size(&self) -> usize {
        let Self { subject, issuer } = self;
        text(subject.as_str()) + issuer.as_ref().map_or(0, |issuer| text(issuer.as_str()))
    }
}

/// A boxed text.
const fn text(text: &str) -> usize {
    text.len() + PIECE
}

fn list(list: &Vec<String>) -> usize {
    let places = list.capacity() * size_of::<String>() + PIECE;
    places + list.iter().map(|item| item.capacity() + PIECE).sum::<usize>()
}

/// A member of a JSON object, with its share of the tree's nodes.
fn member((name, value): (&String, &Value)) -> usize {
    name.capacity() + PIECE + MEMBER + value_size(value)
}

fn value_size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.capacity() + PIECE,
        Value::Array(items) => {
            items.capacity() * size_of::<Value>() + PIECE + items.iter().map(value_size).sum::<usize>()
        }
        Value::Object(map) => map.iter().map(member).sum(),
    }
}

/// What has no heap: a type that may be copied.
const fn in_place<T: Copy>(_: &T) -> usize {
    0
}

/// What the allocator adds to each piece.
const PIECE: usize = 16;

/// Name, value and a share of the node, which is at least half full.
const MEMBER: usize = 2 * (size_of::<String>() + size_of::<Value>());

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ClientId, Environment, Ext, IssuerId, KeyId, PlanName, SessionId, Subject, TenantId, TokenId};

    /// As long as every name may be.
    const LONG: usize = 60;

    fn long() -> String {
        "x".repeat(LONG)
    }

    fn identity() -> Identity {
        let credential = CredentialRef::ApiKey { id: KeyId::new("k").unwrap() };
        Identity::new(Subject::new("s").unwrap(), Environment::Live, ClientId::new("c").unwrap(), credential)
    }

    #[test]
    fn everything_that_has_a_length_weighs() {
        let subject = || Subject::new(long()).unwrap();
        let issuer = || IssuerId::new(format!("https://{}", long())).unwrap();
        let actor =
            |actor: Option<Actor>| Actor { actor: actor.map(Box::new), ..Actor::new(Subject::new("a").unwrap(), None) };
        let jwt = |issuer, subject, id| CredentialRef::Jwt { issuer, subject, id, digest: None };
        let ext = |value: Value| {
            let mut ext = Ext::new();
            ext.insert("claim", value).unwrap();
            ext
        };
        let short_issuer = || IssuerId::new("https://i").unwrap();
        let short = || Subject::new("s").unwrap();
        let with = |change: &dyn Fn(&mut Identity)| {
            let mut identity = identity();
            change(&mut identity);
            identity
        };
        let cases = [
            ("subject", with(&|identity| identity.subject = subject())),
            ("tenant", with(&|identity| identity.tenant = Some(TenantId::new(long()).unwrap()))),
            ("scopes", with(&|identity| identity.scopes = long().parse().unwrap())),
            ("client", with(&|identity| identity.client = ClientId::new(long()).unwrap())),
            ("cred iss", with(&|identity| identity.credential = jwt(issuer(), short(), None))),
            ("cred sub", with(&|identity| identity.credential = jwt(short_issuer(), subject(), None))),
            (
                "cred jti",
                with(&|identity| {
                    identity.credential = jwt(short_issuer(), short(), Some(TokenId::new(long()).unwrap()));
                }),
            ),
            (
                "cred key",
                with(&|identity| {
                    identity.credential = CredentialRef::ApiKey { id: KeyId::new(long()).unwrap() };
                }),
            ),
            (
                "cred client",
                with(&|identity| {
                    identity.credential = CredentialRef::Client { id: ClientId::new(long()).unwrap() };
                }),
            ),
            ("session", with(&|identity| identity.session = Some(SessionId::new(long()).unwrap()))),
            ("act sub", with(&|identity| identity.actor = Some(Actor { subject: subject(), ..actor(None) }))),
            ("act iss", with(&|identity| identity.actor = Some(Actor { issuer: Some(issuer()), ..actor(None) }))),
            (
                "act cred",
                with(&|identity| {
                    let credential = CredentialRef::ApiKey { id: KeyId::new(long()).unwrap() };
                    identity.actor = Some(Actor { credential: Some(credential), ..actor(None) });
                }),
            ),
            (
                "act sid",
                with(&|identity| {
                    let session = Some(SessionId::new(long()).unwrap());
                    identity.actor = Some(Actor { session, ..actor(None) });
                }),
            ),
            (
                "act tenant",
                with(&|identity| {
                    let tenant = Some(TenantId::new(long()).unwrap());
                    identity.actor = Some(Actor { tenant, ..actor(None) });
                }),
            ),
            (
                "act act",
                with(&|identity| {
                    let first = Actor { subject: subject(), ..actor(None) };
                    identity.actor = Some(actor(Some(actor(Some(first)))));
                }),
            ),
            ("may_act sub", with(&|identity| identity.may_act = Some(MayAct { subject: subject(), issuer: None }))),
            (
                "may_act iss",
                with(&|identity| {
                    identity.may_act = Some(MayAct { subject: short(), issuer: Some(issuer()) });
                }),
            ),
            ("acr", with(&|identity| identity.acr = Some(long()))),
            ("amr", with(&|identity| identity.amr = vec![long()])),
            ("roles", with(&|identity| identity.roles = vec![long()])),
            ("groups", with(&|identity| identity.groups = vec![long()])),
            ("entitlements", with(&|identity| identity.entitlements = vec![long()])),
            ("many roles", with(&|identity| identity.roles = vec![String::new(); 20])),
            ("plan", with(&|identity| identity.plan = Some(PlanName::new(long()).unwrap()))),
            ("ext text", with(&|identity| identity.ext = ext(long().into()))),
            (
                "ext name",
                with(&|identity| {
                    identity.ext.insert(long(), 1).unwrap();
                }),
            ),
            ("ext list", with(&|identity| identity.ext = ext(vec![Value::Null; 20].into()))),
            ("ext object", with(&|identity| identity.ext = ext(serde_json::json!({ "a": { long(): long() } })))),
        ];
        let least = identity().heap_size();
        for (name, longer) in cases {
            let grown = longer.heap_size() - least;
            assert!(grown >= LONG - 1, "{name} grew by {grown} bytes");
        }
    }
}
