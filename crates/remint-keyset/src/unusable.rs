use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use remint_core::IssuerId;
use remint_jwt::JwkSet;

use crate::snapshot::{MANY_TENANTS, is_for};
use crate::telemetry;

/// The keys of the last set that are not used: each is told of once, when it arrives.
#[derive(Debug, Default)]
pub(crate) struct Unusable(Mutex<HashSet<Key>>);

/// `kid`, and why it is not used.
type Key = (Option<Box<str>>, String);

impl Unusable {
    /// Tells of each key of this set that is not used, unless that was so with the last one.
    pub(crate) fn tell(&self, issuer: &IssuerId, keys: &JwkSet) {
        let unusable = unusable(issuer, keys);
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (kid, reason) in unusable.difference(&last) {
            telemetry::unusable(issuer, kid.as_deref(), reason);
        }
        *last = unusable;
    }
}

fn unusable(issuer: &IssuerId, keys: &JwkSet) -> HashSet<Key> {
    let passed_over = keys.passed_over().iter().map(|member| (member.key_id.clone(), member.reason.to_string()));
    let is_one = !issuer.as_str().contains(MANY_TENANTS);
    let of_others = keys.iter().filter(|jwk| is_one && !is_for(jwk, issuer.as_str()));
    let of_others = of_others.map(|jwk| {
        (jwk.key_id().map(Box::from), format!("the key is for tokens of {}", jwk.issuer().unwrap_or_default()))
    });
    passed_over.chain(of_others).collect()
}
