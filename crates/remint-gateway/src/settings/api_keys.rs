use std::num::NonZeroU32;

use remint::{Environment, KeyFormat, Pepper, Peppers};
use remint_apikey::TextFormat;

use super::secret::Secret;
use super::section::Section;
use super::store::Store;

/// `[api_keys]`: where users and keys are kept, and what keys look like.
#[derive(Debug, Clone)]
pub(crate) struct ApiKeySettings {
    pub(crate) store: Store,
    /// Connections to PostgreSQL at most.
    pub(crate) pool_size: NonZeroU32,
    pub(crate) format: KeyFormat,
    /// The formats of key texts that are accepted.
    pub(crate) accept: Vec<TextFormat>,
    /// `None`: those of the file beside the signing keys.
    pub(crate) peppers: Option<Peppers>,
    /// What a new user gets unless the request says otherwise.
    pub(crate) sign_up: Vec<Environment>,
}

impl ApiKeySettings {
    pub(super) fn read(mut section: Section<'_, '_>) -> Self {
        let store = Store::sqlite("remint.db", section.book.world);
        let store = section.or("store", store).value;
        let prefix = section.or("prefix", KeyFormat::default().prefix().to_owned());
        let format = KeyFormat::new(&prefix).unwrap_or_else(|error| {
            section.problem(&prefix.origin, format!("`api_keys.prefix`: {error}"));
            KeyFormat::default()
        });
        let pool_size = section.or("pool_size", u64::from(POOL_SIZE.get()));
        let connections = u32::try_from(pool_size.value).ok().and_then(NonZeroU32::new);
        let pool_size = connections.filter(|count| *count <= MOST_CONNECTIONS).unwrap_or_else(|| {
            section.problem(&pool_size.origin, format!("`api_keys.pool_size` is 1 to {MOST_CONNECTIONS}"));
            POOL_SIZE
        });
        let accept = section.or("accept", vec![TextFormat::Remint]);
        if !accept.contains(&TextFormat::Remint) {
            let message = "`api_keys.accept` lacks \"remint\": the keys made here would not be accepted";
            section.problem(&accept.origin, message);
        }
        let peppers = section.optional::<Vec<Secret>>("peppers", "one is made at the first start, beside the keys");
        let peppers = peppers.and_then(|peppers| {
            let made = self::peppers(&peppers);
            made.map_err(|message| section.problem(&peppers.origin, format!("`api_keys.peppers`: {message}"))).ok()
        });
        let sign_up = section.or("sign_up", vec![Environment::Live, Environment::Test]);
        section.finish();
        Self { store, pool_size, format, accept: accept.value, peppers, sign_up: sign_up.value }
    }
}

/// Each is a process of the server's.
const MOST_CONNECTIONS: NonZeroU32 = NonZeroU32::new(1000).unwrap();
const POOL_SIZE: NonZeroU32 = NonZeroU32::new(10).unwrap();

fn peppers(secrets: &[Secret]) -> Result<Peppers, String> {
    let mut all = secrets.iter().map(|secret| Pepper::from_text(secret.expose_secret()).map_err(|e| e.to_string()));
    let newest = all.next().ok_or("it is empty; without the setting, one is made")??;
    all.try_fold(Peppers::new(newest), |peppers, older| Ok(peppers.with_older(older?)))
}
