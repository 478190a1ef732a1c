use std::sync::Arc;

use axum::extract::FromRef;
use remint_core::{Clock, Environment};

use crate::actor::AdminEnvironment;
use crate::report_keys::LeakReports;
use crate::resources::Resources;

/// What the handlers share.
#[derive(Debug, Clone)]
pub(crate) struct Shared(pub(crate) Arc<Parts>);

#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) resources: Resources,
    pub(crate) admin_counts_in: AdminEnvironment,
    pub(crate) sign_up: Vec<Environment>,
    pub(crate) leaks: Option<LeakReports>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Shared {
    /// Users and keys, as far as whoever asks may reach them.
    pub(crate) fn resources(&self) -> &Resources {
        &self.0.resources
    }
}

impl FromRef<Shared> for AdminEnvironment {
    fn from_ref(shared: &Shared) -> Self {
        shared.0.admin_counts_in
    }
}
