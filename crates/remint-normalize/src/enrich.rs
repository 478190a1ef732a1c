use std::collections::HashMap;

use async_trait::async_trait;
use remint_core::{Enricher, Enrichment, Identity, Subject, Unavailable};

#[cfg(feature = "http-enricher")]
pub(crate) mod http;

/// Claims and rights from a fixed map: some for everyone, some by subject.
///
/// ```
/// use remint_core::{Enrichment, Ext, Subject};
/// use remint_normalize::StaticEnricher;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let planner = Enrichment::default().with_roles(["planner"]);
/// let enricher = StaticEnricher::new(Ext::new()).with_subject(Subject::new("alice")?, planner);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct StaticEnricher {
    everyone: Enrichment,
    by_subject: HashMap<Subject, Enrichment>,
}

impl StaticEnricher {
    /// These claims for everyone, or claims with rights ([`Enrichment`]).
    #[must_use]
    pub fn new(everyone: impl Into<Enrichment>) -> Self {
        Self { everyone: everyone.into(), by_subject: HashMap::new() }
    }

    /// These for one subject: claims over those for everyone, and rights beside them.
    #[must_use]
    pub fn with_subject(mut self, subject: Subject, own: impl Into<Enrichment>) -> Self {
        self.by_subject.insert(subject, own.into());
        self
    }
}

#[async_trait]
impl Enricher for StaticEnricher {
    async fn enrich(&self, identity: &Identity) -> Result<Enrichment, Unavailable> {
        let mut all = self.everyone.clone();
        if let Some(Enrichment { ext, roles, groups, entitlements, valid_until }) =
            self.by_subject.get(&identity.subject).cloned()
        {
            all.ext.extend(ext);
            all = all.with_roles(roles).with_groups(groups).with_entitlements(entitlements);
            all.valid_until = all.valid_until.min(valid_until);
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use remint_core::{Ext, Timestamp};
    use remint_testkit::fakes::api_key_of;
    use serde_json::{Value, json};

    use super::*;

    fn claims(value: Value) -> Ext {
        let Value::Object(map) = value else { panic!("not an object") };
        Ext::try_from(map).unwrap()
    }

    fn subject(text: &str) -> Subject {
        Subject::new(text).unwrap()
    }

    fn of(enricher: &StaticEnricher, user: &str) -> Value {
        let identity = api_key_of(user).identity;
        let asked = std::pin::pin!(enricher.enrich(&identity)).poll(&mut Context::from_waker(Waker::noop()));
        let Poll::Ready(Ok(enrichment)) = asked else { panic!("a map does not wait and does not fail") };
        assert_eq!(enrichment.valid_until, Timestamp::MAX);
        Value::Object(enrichment.ext.as_map().clone())
    }

    #[test]
    fn everyone_has_the_claims_for_everyone() {
        let enricher = StaticEnricher::new(claims(json!({ "plan": "free" })));
        assert_eq!(of(&enricher, "alice"), json!({ "plan": "free" }));
        assert_eq!(of(&enricher, "bob"), json!({ "plan": "free" }));
        assert_eq!(of(&StaticEnricher::default(), "alice"), json!({}));
    }

    #[test]
    fn a_subject_has_its_own_claims_beside_them_and_nobody_elses() {
        let enricher = StaticEnricher::new(claims(json!({ "plan": "free" })))
            .with_subject(subject("alice"), claims(json!({ "beta": true })))
            .with_subject(subject("bob"), claims(json!({ "seats": 3 })));
        assert_eq!(of(&enricher, "alice"), json!({ "plan": "free", "beta": true }));
        assert_eq!(of(&enricher, "bob"), json!({ "plan": "free", "seats": 3 }));
        assert_eq!(of(&enricher, "Alice"), json!({ "plan": "free" }), "a subject is its exact text");
    }

    #[test]
    fn a_subjects_own_claim_stands_over_that_for_everyone() {
        let enricher = StaticEnricher::new(claims(json!({ "plan": "free", "region": "eu" })))
            .with_subject(subject("alice"), claims(json!({ "plan": "gold" })));
        assert_eq!(of(&enricher, "alice"), json!({ "plan": "gold", "region": "eu" }));
    }

    #[test]
    fn rights_for_everyone_and_a_subjects_own_stand_side_by_side_and_the_shorter_end_holds() {
        let ends = |seconds| Timestamp::from_secs(seconds);
        let everyone = Enrichment { valid_until: ends(7), ..Enrichment::default().with_roles(["viewer"]) };
        let own = Enrichment { valid_until: ends(5), ..Enrichment::default().with_roles(["planner"]) };
        let enricher = StaticEnricher::new(everyone)
            .with_subject(subject("alice"), own.with_groups(["g"]).with_entitlements(["gpu"]));
        let of = |user: &str| {
            let identity = api_key_of(user).identity;
            let asked = std::pin::pin!(enricher.enrich(&identity)).poll(&mut Context::from_waker(Waker::noop()));
            let Poll::Ready(Ok(enrichment)) = asked else { panic!("a map does not wait and does not fail") };
            (enrichment.roles.join(" "), enrichment.groups.len(), enrichment.entitlements.len(), enrichment.valid_until)
        };
        assert_eq!(of("alice"), ("viewer planner".to_owned(), 1, 1, ends(5)));
        assert_eq!(of("bob"), ("viewer".to_owned(), 0, 0, ends(7)));
    }
}
