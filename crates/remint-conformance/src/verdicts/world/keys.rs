use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use remint_apikey::{ApiKeys, MemoryStore, NewKey, NewUser, Pepper, Peppers};
use remint_core::{Clock, Environment, KeyId};
use remint_revocation::Revocations;

use super::altered::replaced_end;
use super::users::{self, scopes, user};
use crate::ManualClock;

/// The API keys, by name:
///
/// | name | what |
/// | --- | --- |
/// | `live`, `test` | of the user `alice` in the tenant `acme`, with `jobs:read` and `jobs:write` |
/// | `other` | a second one of hers |
/// | `narrow` | of hers, with `jobs:read` alone |
/// | `rights` | of the user `erin`, with the roles `planner` and `viewer` and the entitlement `gpu` |
/// | `narrow_rights` | of hers, with `jobs:read` alone, so that it carries neither |
/// | `bound` | of alice's, for `192.0.2.0/24` and `2001:db8::/32` |
/// | `expired`, `revoked` | of hers, and ended |
/// | `unknown` | well-formed, and of nobody |
/// | `altered` | `live` with another last character |
/// | `disabled`, `deleted`, `disabled_tenant` | of users who are that |
#[derive(Debug)]
pub(super) struct Keys {
    pub(super) peppers: Peppers,
    pub(super) live: KeyId,
    texts: HashMap<&'static str, String>,
}

impl Keys {
    pub(super) async fn make(store: &Arc<MemoryStore>, clock: &Arc<dyn Clock>) -> Self {
        let peppers = Peppers::new(Pepper::from_bytes(&[7; 32]).expect("a pepper"));
        let revocations = Revocations::in_memory(Arc::clone(clock)).expect("randomness");
        let service = |store: &Arc<MemoryStore>| {
            ApiKeys::new(store.clone(), peppers.clone(), Arc::new(revocations.clone())).with_clock(Arc::clone(clock))
        };
        let (keys, mut texts) = (service(store), HashMap::new());
        users::make(&keys).await;
        let alice = |environment| NewKey::new(user("alice"), environment);
        let networks = ["192.0.2.0/24", "2001:db8::/32"].map(|network| network.parse().expect("a network"));
        let mut live = None;
        for (name, new) in [
            ("live", alice(Environment::Live)),
            ("test", alice(Environment::Test)),
            ("other", alice(Environment::Live)),
            ("narrow", alice(Environment::Live).with_scopes(scopes("jobs:read"))),
            ("rights", NewKey::new(user("erin"), Environment::Live)),
            ("narrow_rights", NewKey::new(user("erin"), Environment::Live).with_scopes(scopes("jobs:read"))),
            ("bound", alice(Environment::Live).with_networks(networks.to_vec())),
            ("revoked", alice(Environment::Live)),
            ("disabled", NewKey::new(user("disabled"), Environment::Live)),
            ("deleted", NewKey::new(user("deleted"), Environment::Live)),
            ("disabled_tenant", NewKey::new(user("tenant-disabled"), Environment::Live)),
        ] {
            let (key, record) = keys.create(new).await.expect("a key");
            texts.insert(name, key.expose_secret().to_owned());
            if name == "live" {
                live = Some(record.id.clone());
            }
            if name == "revoked" {
                keys.revoke(&record.id).await.expect("revoked");
            }
        }
        users::end(&keys).await;

        let yesterday = ManualClock::at(clock.now().saturating_sub(Duration::from_secs(86_400)));
        let expired = alice(Environment::Live).expiring_in(Duration::from_secs(3_600));
        let (expired, _) = keys.clone().with_clock(yesterday).create(expired).await.expect("a key");
        texts.insert("expired", expired.expose_secret().to_owned());

        let elsewhere = service(&Arc::new(MemoryStore::new()));
        elsewhere.create_user(NewUser::new(user("alice"))).await.expect("a user");
        let (unknown, _) = elsewhere.create(alice(Environment::Live)).await.expect("a key");
        texts.insert("unknown", unknown.expose_secret().to_owned());

        let altered = texts.get("live").map(|text| replaced_end(text)).expect("made above");
        texts.insert("altered", altered);
        Self { peppers, live: live.expect("made above"), texts }
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(String::as_str)
    }
}
