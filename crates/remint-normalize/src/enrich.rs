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
