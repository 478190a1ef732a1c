use serde::{Deserialize, Deserializer, Serialize};

use crate::{Environment, Scopes, TenantId, UserId};

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
