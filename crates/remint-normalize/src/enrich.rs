use std::collections::HashMap;

use async_trait::async_trait;
use remint_core::{Enricher, Enrichment, Ext, Identity, Subject, Unavailable};

#[cfg(feature = "http-enricher")]
pub(crate) mod http;

/// Claims from a fixed map: some for everyone, some by subject.
#[derive(Debug, Clone, Default)]
pub struct StaticEnricher {
    everyone: Ext,
    by_subject: HashMap<Subject, Ext>,
}

impl StaticEnricher {
    /// These claims for everyone.
    #[must_use]
    pub fn new(everyone: Ext) -> Self {
        Self { everyone, by_subject: HashMap::new() }
    }

    /// These claims for one subject, over those for everyone.
    #[must_use]
    pub fn with_subject(mut self, subject: Subject, ext: Ext) -> Self {
        self.by_subject.insert(subject, ext);
        self
    }
}

#[async_trait]
impl Enricher for StaticEnricher {
    async fn enrich(&self, identity: &Identity) -> Result<Enrichment, Unavailable> {
        let mut ext = self.everyone.clone();
        if let Some(own) = self.by_subject.get(&identity.subject) {
            ext.extend(own.clone());
        }
        Ok(Enrichment::new(ext))
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use remint_core::Timestamp;
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
}
