//! The parties of the corpus: an identity provider, users with API keys, holders of keys for DPoP, and the issuer of
//! internal tokens.

mod altered;
mod edge;
mod keys;
mod outage;
mod placeholders;
mod proofs;
mod sessions;
mod tokens;
mod users;

use std::sync::Arc;

use remint_apikey::MemoryStore;
use remint_core::{Audience, Clock, IssuerId};
use remint_issuer::Issuer;
use remint_jwt::Jws;
use remint_token::Expectations;
use serde_json::{Map, Value};

use self::keys::Keys;
use self::proofs::Holders;
use self::tokens::Provider;
use super::Setup;
use crate::ManualClock;

pub use self::edge::Edge;
pub(super) use self::placeholders::Placeholders;

/// Everybody whom a row can name, and what they hold.
///
/// # Placeholders
///
/// Tokens end, so no row holds one. In the value of a header stand
///
/// - `{jwt:NAME}`: a token of the identity provider `https://idp.example` for the audience `api`, the same text
///   whenever it is named. The provider speaks for the tenant `acme`, and its scopes `jobs:read` and `jobs:write`
///   pass.
/// - `{key:NAME}`: an API key.
/// - `{dpop:NAME}`: a DPoP proof for the request in which it stands and for the token behind the scheme in its
///   `Authorization`; a new one whenever it is sent, but for `{dpop:once}`.
/// - the cookies of sessions are texts of their own, as an authenticator that is none of ours knows them.
/// - `{long:N}`: N times the letter `a`.
///
/// The names are those of the tables in this module's source.
#[derive(Debug)]
pub struct World {
    clock: Arc<dyn Clock>,
    issuer: Arc<Issuer>,
    store: Arc<MemoryStore>,
    keys: Keys,
    provider: Provider,
    holders: Holders,
}

impl World {
    /// The digest of the certificate that the token `bound_to_certificate` names.
    pub const CERTIFICATE: [u8; 32] = [5; 32];
    /// The digest of another certificate.
    pub const OTHER_CERTIFICATE: [u8; 32] = [6; 32];
    /// The `iss` of internal tokens.
    pub const ISSUER: &'static str = "https://auth.internal";
    /// The `aud` of internal tokens.
    pub const AUDIENCE: &'static str = "internal";

    /// A world in which time stands still.
    ///
    /// # Panics
    ///
    /// As [`World::at`].
    pub async fn new() -> Self {
        Self::at(ManualClock::default()).await
    }

    /// A world that goes by this clock, for surfaces in other processes.
    ///
    /// # Panics
    ///
    /// If the operating system has no randomness.
    pub async fn at(clock: impl Clock) -> Self {
        let clock = clock.into_arc();
        let (id, audience) = (IssuerId::new(Self::ISSUER), Audience::new(Self::AUDIENCE));
        let issuer = Issuer::builder(id.expect("a name"), audience.expect("a name")).clock(Arc::clone(&clock));
        let issuer = Arc::new(issuer.build().expect("an issuer"));
        let (holders, store) = (Holders::new(), Arc::new(MemoryStore::new()));
        let keys = Keys::make(&store, &clock).await;
        let provider = Provider::new(&holders, &issuer, clock.now());
        Self { clock, issuer, store, keys, provider, holders }
    }

    /// A new edge, which knows nothing yet. It must be called within a Tokio runtime.
    ///
    /// # Panics
    ///
    /// If the set-up contradicts itself.
    #[must_use]
    pub fn edge(&self, setup: &Setup) -> Edge {
        Edge::new(self, setup)
    }

    /// The issuer of internal tokens, whose published keys verify them.
    #[must_use]
    pub const fn issuer(&self) -> &Arc<Issuer> {
        &self.issuer
    }

    /// An internal token of alice's.
    #[cfg(test)]
    pub(super) fn internal_token(&self) -> String {
        tokens::of_ours(&self.issuer)
    }

    /// A good token of the identity provider.
    #[cfg(test)]
    pub(super) fn external_token(&self) -> String {
        self.provider.token("alice").expect("a name").to_owned()
    }

    /// The claims of an internal token, if it is one by every rule of a service behind the edge.
    pub(super) fn claims_of_internal_token(&self, text: &str) -> Result<Value, String> {
        let no_token = |error: &dyn std::fmt::Display| format!("no internal token: {error}");
        let jws = Jws::parse(text).map_err(|error| no_token(&error))?;
        let (issuer, audience) = (self.issuer.id().clone(), Audience::new(Self::AUDIENCE).expect("a name"));
        let moments = Expectations::new(issuer, audience).check(&jws, self.clock.now());
        moments.map_err(|denied| no_token(&denied))?;
        let key = self.issuer.key_set().find(jws.header().key_id(), jws.header().algorithm());
        let claims = jws.verify(&key.map_err(|_| "no internal token: its key is unknown")?);
        let claims = claims.map_err(|error| no_token(&error))?;
        let member = |name: &&str| Some(((*name).to_owned(), claims.get().get(name)?.clone()));
        Ok(CLAIMS.iter().filter_map(member).collect::<Map<_, _>>().into())
    }
}

/// The claims that a row can ask for.
const CLAIMS: [&str; 16] = [
    "sub",
    "scope",
    "tenant",
    "env",
    "cred",
    "client_id",
    "act",
    "roles",
    "groups",
    "entitlements",
    "ext",
    "sid",
    "may_act",
    "auth_time",
    "acr",
    "amr",
];
