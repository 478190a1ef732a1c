use remint_identity_service::BootstrapKey;

use super::secret::Secret;
use super::section::Section;

/// `[admin]`: the first key, before there is any in the store.
#[derive(Debug, Clone)]
pub(crate) struct Bootstrap {
    pub(crate) key: BootstrapKey,
    /// Whether `listen.http` takes it.
    pub(crate) on_http: bool,
}

impl Bootstrap {
    pub(super) fn read(mut section: Section<'_, '_>) -> Option<Self> {
        let secret = section.optional::<Secret>("bootstrap_key", "the first administrator is made at the command line");
        let on_http = section.or("bootstrap_on_http", true);
        let bootstrap = secret.and_then(|secret| match BootstrapKey::new(secret.expose_secret()) {
            Ok(key) => Some(Self { key, on_http: on_http.value }),
            Err(error) => {
                section.problem(&secret.origin, format!("`admin.bootstrap_key`: {error}"));
                None
            }
        });
        section.finish();
        bootstrap
    }
}
