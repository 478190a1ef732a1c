use std::sync::Arc;

use remint_apikey::{ApiKeys, LinkedAuthenticator, MemoryStore};
use remint_core::{Authenticator, Clock, Effect, Environment, IssuerId, ReplayStore, Revocation, Subject, Target};
use remint_credential::CredentialRules;
use remint_dpop::{DpopVerifier, MemoryReplays, Nonces};
use remint_guard::Policy;
use remint_normalize::{FailureLimits, Normalizer};
use remint_oidc::{OidcAuthenticator, Trust};
use remint_revocation::Revocations;

use super::World;
use super::outage::{Nobody, SeverableIssuer, Silent};
use super::sessions::Sessions;
use super::tokens::Provider;
use crate::verdicts::{Event, Outage, Setup};
use crate::{key_store, replay_store};

/// What a surface is made of: an edge that was just set up.
#[derive(Debug)]
pub struct Edge {
    setup: Setup,
    normalizer: Normalizer,
    revocations: Revocations,
    store: Arc<key_store::Severable<Arc<MemoryStore>>>,
    issuer: SeverableIssuer,
    clock: Arc<dyn Clock>,
    live_key: Target,
}

impl Edge {
    pub(super) fn new(world: &World, setup: &Setup) -> Self {
        let issuer = SeverableIssuer::new(Arc::clone(&world.issuer));
        let revocations = Revocations::in_memory(Arc::clone(&world.clock)).expect("randomness");
        let store = Arc::new(key_store::Severable::new(Arc::clone(&world.store)));
        let replays = Arc::new(replay_store::Severable::new(MemoryReplays::new(1_000)));
        let keys = ApiKeys::new(Arc::clone(&store) as _, world.keys.peppers.clone(), Arc::new(revocations.clone()))
            .with_clock(Arc::clone(&world.clock));
        let mut external: Arc<dyn Authenticator> = Arc::new(trusted(world));
        if setup.linked {
            external = Arc::new(LinkedAuthenticator::new(external, keys.clone()));
        }
        let (id, audience) = (world.issuer.id().clone(), World::AUDIENCE.parse().expect("a name"));
        let mut builder = Normalizer::builder(id, audience, issuer.clone())
            .authenticator(Sessions { clock: Arc::clone(&world.clock) })
            .authenticator(keys.authenticator())
            .authenticator(external)
            .enricher(Silent { is_out: setup.outage == Some(Outage::Enricher) })
            .credential_rules(rules(setup))
            .failure_limits(FailureLimits::new().limit(setup.failure_limit))
            .revocations(revocations.clone())
            .clock(Arc::clone(&world.clock));
        if let Some(environment) = setup.audience_environment {
            builder = builder.environment(environment);
        }
        if setup.dpop {
            builder = builder.dpop(verifier(setup, Arc::clone(&replays)));
        }
        match setup.outage {
            Some(Outage::Store) => store.sever(),
            Some(Outage::Issuer) => issuer.sever(),
            Some(Outage::Replays) => replays.sever(),
            Some(Outage::Enricher) | None => {}
        }
        let edge = Self {
            setup: setup.clone(),
            normalizer: builder.build().expect("a valid set-up"),
            revocations,
            store,
            issuer,
            clock: Arc::clone(&world.clock),
            live_key: Target::Key(world.keys.live.clone()),
        };
        edge.apply(subject(Provider::REVOKED), Effect::Ended);
        edge
    }

    /// How it is set up.
    #[must_use]
    pub const fn setup(&self) -> &Setup {
        &self.setup
    }

    /// What makes internal tokens of credentials.
    #[must_use]
    pub const fn normalizer(&self) -> &Normalizer {
        &self.normalizer
    }

    /// What is demanded of every request, but for DPoP: whether proofs are taken, the normalizer says.
    pub fn policy(&self) -> Policy {
        self.setup.policy()
    }

    /// Lets something happen.
    pub fn happens(&self, event: Event) {
        match event {
            Event::RevokeAlice => self.apply(subject("alice"), Effect::Ended),
            Event::RevokeSession => self.apply(Sessions::target(), Effect::Ended),
            Event::RevokeLiveKey => self.apply(self.live_key.clone(), Effect::Ended),
            Event::ChangeLiveKey => self.apply(self.live_key.clone(), Effect::Changed),
            Event::StoreOutage => self.store.sever(),
            Event::IssuerOutage => self.issuer.sever(),
        }
    }

    /// The nonce that a proof must carry now, if any.
    pub(super) fn nonce(&self) -> Option<String> {
        self.normalizer.dpop()?.nonce()?.to_str().ok().map(str::to_owned)
    }

    fn apply(&self, target: Target, effect: Effect) {
        self.revocations.table().apply(&Revocation::new(target, effect, self.clock.now()));
    }
}

/// The trusted issuers.
fn trusted(world: &World) -> OidcAuthenticator {
    let trust = |issuer: &str| {
        let trust = Trust::oidc(issuer, "api").key_set(world.provider.keys());
        trust.tenants(["acme"]).allow_scopes(["jobs:read", "jobs:write"])
    };
    let trusts = [
        trust(Provider::ISSUER).named("idp"),
        // A second one in the same issuer, for another audience.
        Trust::oidc(Provider::ISSUER, "admin-api")
            .named("idp-admin")
            .key_set(world.provider.keys())
            .clients(["console"])
            .allow_scopes(["admin"])
            .any_group()
            .environment(Environment::Test),
        // As providers that name their callers by another claim, set no audience, or have roles as members.
        Trust::oidc(Provider::MAPPED, "api")
            .named("mapped")
            .key_set(world.provider.keys())
            .subject_claim("upn")
            .clients(["app"])
            .without_audience()
            .roles_claim("urn:zitadel:iam:org:project:roles")
            .any_role()
            .map_claim("plan", "https://mapped.example/plan"),
        trust(Provider::REHEARSAL).named("rehearsal").environment(Environment::Test),
        trust(Provider::DOWN).named("down").jwks_uri("https://down.example/keys"),
    ];
    let own = world.issuer.id().clone();
    let trusted = OidcAuthenticator::new(own, trusts, Arc::new(Nobody), Arc::clone(&world.clock));
    // The rows are about the limits of the edge and of its issuer.
    trusted.expect("valid trusts").with_max_length(CredentialRules::MAX_LENGTH)
}

fn verifier(setup: &Setup, replays: impl ReplayStore) -> DpopVerifier {
    let verifier = DpopVerifier::new("https://api.example", replays).expect("an address");
    if setup.nonces { verifier.with_nonces(Nonces::random().expect("randomness")) } else { verifier }
}

fn rules(setup: &Setup) -> CredentialRules {
    let mut rules = CredentialRules::default().with_bearer(!setup.no_bearer);
    if let Some(cookie) = &setup.cookie {
        rules = rules.with_cookie(cookie);
    }
    if let Some(cookie) = &setup.session_cookie {
        rules = rules.with_session_cookie(cookie);
    }
    if let Some(header) = &setup.jwt_header {
        rules = rules.with_jwt_headers([header.parse().expect("a name of a header")]);
    }
    if let Some(origin) = &setup.origin {
        rules = rules.with_origin(origin);
    }
    if let Some(length) = setup.max_length {
        rules = rules.with_max_length(length);
    }
    if let Some(names) = &setup.strip {
        rules = rules.with_strip_headers(names.iter().map(|name| name.parse().expect("a name of a header")));
    }
    rules
}

fn subject(name: &str) -> Target {
    let issuer = IssuerId::new(Provider::ISSUER).expect("a name");
    Target::Subject { issuer, subject: Subject::new(name).expect("a name") }
}
