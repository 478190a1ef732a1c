use serde::{Deserialize, Deserializer, Serialize};

use crate::{Environment, Identity, Scopes, TenantId, UserId};

/// For whom a client or a key may act, and how far. Only an administrator gives it; a token's
/// `may_act` (RFC 8693 §4.4), which names who may act with *it*, is another right.
///
/// The default is nobody. At rest it is a JSON object that has all members and no others, so that
/// none of them is taken for its default where it was lost.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActFor {
    /// For everyone, whoever they are.
    pub anyone: bool,
    /// For these users.
    pub users: Vec<UserId>,
    /// For everyone of these tenants.
    pub tenants: Vec<TenantId>,
    /// With no more than these scopes; `None`: with those of whom they act for.
    #[serde(deserialize_with = "scopes_or_null")]
    pub scopes: Option<Scopes>,
    /// In these environments; empty: in both.
    pub environments: Vec<Environment>,
}

impl ActFor {
    /// Whether they may act for this one.
    #[must_use]
    pub fn covers(&self, subject: &Identity) -> bool {
        let named = |user: &UserId| user.as_str() == subject.subject.as_str();
        let of_tenant = |tenant: &TenantId| Some(tenant) == subject.tenant.as_ref();
        let whom = self.anyone || self.users.iter().any(named) || self.tenants.iter().any(of_tenant);
        whom && (self.environments.is_empty() || self.environments.contains(&subject.environment))
    }

    /// What remains of the scopes of whom they act for.
    #[must_use]
    pub fn limit(&self, scopes: &Scopes) -> Scopes {
        self.scopes.as_ref().map_or_else(|| scopes.clone(), |allowed| scopes.intersection(allowed))
    }
}

/// Serde takes an `Option` that is missing for `None`, unless it has a reader of its own.
fn scopes_or_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Scopes>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| text.parse()).transpose().map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ClientId, CredentialRef, KeyId, Subject};

    fn identity(tenant: Option<&str>) -> Identity {
        let id = KeyId::new("k").unwrap();
        let credential = CredentialRef::ApiKey { id: id.clone() };
        let subject = Subject::new("alice").unwrap();
        let mut identity = Identity::new(subject, Environment::Live, ClientId::from(id), credential);
        identity.tenant = tenant.map(|tenant| TenantId::new(tenant).unwrap());
        identity
    }

    #[test]
    fn nobody_is_covered_who_is_not_named() {
        assert!(!ActFor::default().covers(&identity(Some("acme"))));
        let bob = ActFor { users: vec![UserId::new("bob").unwrap()], ..ActFor::default() };
        assert!(!bob.covers(&identity(None)));
        let other = ActFor { tenants: vec![TenantId::new("other").unwrap()], ..ActFor::default() };
        assert!(!other.covers(&identity(Some("acme"))) && !other.covers(&identity(None)));
    }

    #[test]
    fn a_user_a_tenant_or_anyone_is_covered_in_the_environments_that_are_named() {
        let alice = ActFor { users: vec![UserId::new("alice").unwrap()], ..ActFor::default() };
        let acme = ActFor { tenants: vec![TenantId::new("acme").unwrap()], ..ActFor::default() };
        let anyone = ActFor { anyone: true, ..ActFor::default() };
        for right in [alice, acme, anyone] {
            assert!(right.covers(&identity(Some("acme"))));
            let test = ActFor { environments: vec![Environment::Test], ..right };
            assert!(!test.covers(&identity(Some("acme"))));
        }
    }

    #[test]
    fn scopes_are_cut_and_never_added() {
        let right = ActFor { scopes: Some("a c".parse().unwrap()), ..ActFor::default() };
        assert_eq!(right.limit(&"a b".parse().unwrap()).to_string(), "a");
        assert_eq!(ActFor::default().limit(&"a b".parse().unwrap()).to_string(), "a b");
    }

    #[test]
    fn it_is_at_rest_what_it_was() {
        let all = ActFor {
            anyone: true,
            users: vec![UserId::new("alice \"the\" first").unwrap()],
            tenants: vec![TenantId::new("acme").unwrap()],
            scopes: Some("a b".parse().unwrap()),
            environments: vec![Environment::Test],
        };
        let no_scopes = ActFor { scopes: Some(Scopes::new()), ..ActFor::default() };
        for right in [all, no_scopes, ActFor::default()] {
            let text = serde_json::to_string(&right).unwrap();
            assert_eq!(serde_json::from_str::<ActFor>(&text).unwrap(), right, "{text}");
        }
    }

    #[test]
    fn what_lacks_a_member_or_has_another_is_no_right() {
        let whole = serde_json::to_value(ActFor::default()).unwrap();
        for name in ["anyone", "users", "tenants", "scopes", "environments"] {
            let mut lacking = whole.clone();
            lacking.as_object_mut().unwrap().remove(name).unwrap();
            assert!(serde_json::from_value::<ActFor>(lacking).is_err(), "{name}");
            let mut wrong = whole.clone();
            wrong[name] = 7.into();
            assert!(serde_json::from_value::<ActFor>(wrong).is_err(), "{name}");
        }
        let mut further = whole;
        further["everyone"] = false.into();
        assert!(serde_json::from_value::<ActFor>(further).is_err());
        assert!(serde_json::from_str::<ActFor>("null").is_err());
    }
}
