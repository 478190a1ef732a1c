use std::sync::Arc;
use std::time::Duration;

use remint_core::{Audience, CLIENT_SUBJECTS, ClientId, Clock, Environment, Ext, IssuerId, Refusal, Verified};
use remint_jwt::{Algorithm, Claims, Jws, TimeRule};
use remint_keyset::{HttpFetch, KeySet};
use remint_wait::Places;

use crate::allow::{Allowed, Tenants};
use crate::claim_map::ClaimMap;
use crate::introspection::Introspector;
use crate::key_origin::{KeyOrigin, host};
use crate::pattern::IssuerPattern;
use crate::token_type::Kind;
use crate::trust::{KeyPlace, Source};
use crate::vouching::{Keys, Vouching};
use crate::{Trust, TrustError, TrustErrorKind};

/// A trust that can be used: everything in it was checked.
#[derive(Debug)]
pub(crate) struct Trusted {
    pub(crate) name: Box<str>,
    pub(crate) issuer: Box<str>,
    /// Other spellings of it.
    pub(crate) aliases: Vec<Box<str>>,
    pub(crate) pattern: IssuerPattern,
    pub(crate) audiences: Vec<Box<str>>,
    pub(crate) algorithms: Vec<Algorithm>,
    pub(crate) clients: Vec<Box<str>>,
    pub(crate) id_token_clients: Vec<Box<str>>,
    pub(crate) lenient_access_tokens: bool,
    pub(crate) tenants: Tenants,
    pub(crate) require_tenant: bool,
    pub(crate) scopes: Allowed,
    pub(crate) roles: Allowed,
    pub(crate) groups: Allowed,
    /// Only roles and groups that begin so travel on; empty: all that are allowed.
    pub(crate) role_prefixes: Vec<Box<str>>,
    pub(crate) environment: Environment,
    pub(crate) without_audience: bool,
    times: TimeRule,
    access_times: TimeRule,
    pub(crate) leeway: Duration,
    pub(crate) claims: ClaimMap,
    pub(crate) vouching: Vouching,
    /// What waits for its keys or its word, all its tenants and spellings together, and all that share the keys.
    pub(crate) waiting: Arc<Places>,
}

impl Trusted {
    /// `others` are the trusts in the same issuer: they share the keys that come from one place.
    pub(crate) fn new(
        trust: Trust,
        own: &IssuerId,
        http: &Arc<dyn HttpFetch>,
        clock: &Arc<dyn Clock>,
        others: &[Arc<Self>],
    ) -> Result<Self, TrustError> {
        let issuer = trust.issuer.clone();
        Self::check(trust, own, http, clock, others).map_err(|kind| TrustError::new(&issuer, kind))
    }

    /// How the times of such a token are judged.
    pub(crate) const fn times(&self, kind: Kind) -> TimeRule {
        if kind.is_lenient() { self.access_times } else { self.times }
    }

    /// By which name this issuer goes: its own, whichever spelling the token has.
    pub(crate) fn named<'a>(&'a self, issuer: &'a str) -> &'a str {
        if self.pattern.is_template() { issuer } else { &self.issuer }
    }

    /// Whether it is one of the spellings of this issuer.
    pub(crate) fn is_spelt(&self, issuer: &str) -> bool {
        *self.issuer == *issuer || self.aliases.iter().any(|alias| **alias == *issuer)
    }

    /// The issuer with its placeholder, where it stands for many.
    pub(crate) fn template(&self) -> Option<IssuerId> {
        if self.pattern.is_template() { IssuerId::new(self.issuer.clone()).ok() } else { None }
    }

    /// Fetches what it takes to judge its tokens, as far as that can be had.
    pub(crate) async fn start(&self) {
        match &self.vouching {
            Vouching::Keys(keys) => keys.set.start().await,
            Vouching::Introspection(introspector) => introspector.start().await,
        }
    }

    /// Its keys, where they vouch for its tokens.
    pub(crate) const fn keys(&self) -> Option<&KeySet> {
        match &self.vouching {
            Vouching::Keys(keys) => Some(&keys.set),
            Vouching::Introspection(_) => None,
        }
    }

    /// Its keys, if they come from this place.
    fn keys_from(&self, origin: &KeyOrigin) -> Option<&KeySet> {
        match &self.vouching {
            Vouching::Keys(keys) if keys.origin.is(origin) => Some(&keys.set),
            _ => None,
        }
    }

    /// Whether tokens that name this issuer are for it.
    pub(crate) fn covers(&self, issuer: &str) -> bool {
        // A template's own text is nobody's.
        if self.pattern.is_template() { self.pattern.matches(issuer).is_some() } else { self.is_spelt(issuer) }
    }

    /// Whether such a token of it may lack `aud`.
    pub(crate) fn may_lack_audience(&self, kind: Kind) -> bool {
        let in_answers =
            matches!(&self.vouching, Vouching::Introspection(introspector) if introspector.without_audience);
        in_answers || self.without_audience && kind.is_lenient()
    }

    /// Whether this trust, standing before `other` in the same issuer, leaves it no access token.
    pub(crate) fn shadows(&self, other: &Self) -> bool {
        let lacks = |trusted: &Self| trusted.may_lack_audience(Kind::AccessToken);
        let by_audience = other.audiences.iter().all(|audience| self.audiences.contains(audience));
        let are_listed = || other.clients.iter().all(|client| self.clients.contains(client));
        let by_client = self.clients.is_empty()
            || (self.claims.clients == other.claims.clients && !other.clients.is_empty() && are_listed());
        by_audience && (lacks(self) || !lacks(other)) && by_client
    }

    /// How long an answer about its tokens counts, where it is asked about them.
    pub(crate) fn again_after(&self) -> Option<Duration> {
        match &self.vouching {
            Vouching::Keys(_) => None,
            Vouching::Introspection(introspector) => Some(introspector.again_after),
        }
    }

    /// Whether this text, which is no JWT, is a token of this issuer.
    pub(crate) fn claims_opaque(&self, text: &str) -> bool {
        matches!(&self.vouching, Vouching::Introspection(introspector) if introspector.opaque.claims(text))
    }

    /// Whether one opaque text could be a token of both.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        match (&self.vouching, &other.vouching) {
            (Vouching::Introspection(one), Vouching::Introspection(other)) => one.opaque.overlaps(&other.opaque),
            _ => false,
        }
    }

    /// Verifies the signature of a token of `issuer` under the key that it names.
    pub(crate) async fn verify(
        &self,
        keys: &KeySet,
        issuer: &IssuerId,
        jws: Jws<'_>,
    ) -> Result<Verified<Claims>, Refusal> {
        keys.verify(self.pattern.is_template().then_some(issuer), jws).await
    }

    fn check(
        trust: Trust,
        own: &IssuerId,
        http: &Arc<dyn HttpFetch>,
        clock: &Arc<dyn Clock>,
        others: &[Arc<Self>],
    ) -> Result<Self, TrustErrorKind> {
        let pattern = IssuerPattern::parse(&trust.issuer)?;
        if pattern.matches(own.as_str()).is_some() || trust.issuer == own.as_str() {
            return Err(TrustErrorKind::OwnIssuer);
        }
        if pattern.is_template() && !matches!(trust.tenants, Tenants::Listed(_) | Tenants::Any) {
            return Err(TrustErrorKind::TemplateTenants);
        }
        if trust.require_tenant && matches!(trust.tenants, Tenants::Nobody) {
            return Err(TrustErrorKind::NoTenant);
        }
        if trust.algorithms.is_empty() {
            return Err(TrustErrorKind::NoAlgorithm);
        }
        let issuer = IssuerId::new(trust.issuer.as_str()).map_err(|_| TrustErrorKind::Issuer)?;
        check_address(&issuer, &trust)?;
        let name = name(trust.name, issuer.as_str())?;
        let mut waiting = Arc::new(Places::new(trust.max_waiting));
        let vouching = match trust.source {
            Source::Introspection(_) if pattern.is_template() => return Err(TrustErrorKind::IntrospectionTemplate),
            Source::Introspection(_) if !trust.id_token_clients.is_empty() => {
                return Err(TrustErrorKind::IntrospectionIdTokens);
            }
            Source::Introspection(settings) => {
                Vouching::Introspection(Box::new(Introspector::new(settings, &issuer, http, clock)?))
            }
            Source::Keys(place) => {
                let origin = KeyOrigin { place, headers: trust.jwks_headers, settings: trust.key_set };
                let same = others.iter().find_map(|other| Some((other, other.keys_from(&origin)?)));
                let set = match same {
                    Some((other, keys)) => {
                        waiting = Arc::clone(&other.waiting);
                        keys.clone()
                    }
                    None => origin.key_set(issuer, &pattern, http, clock)?,
                };
                Vouching::Keys(Keys { set, origin })
            }
        };
        if trust.aliases.iter().any(|alias| alias == own.as_str()) {
            return Err(TrustErrorKind::OwnIssuer);
        }
        let is_alias = |text: &str| IssuerId::new(text).is_ok() && !text.contains(['{', '}']) && !pattern.is_template();
        check_values(&trust.aliases, "issuer_aliases", is_alias)?;
        check_values(&trust.audiences, "audience", |text| Audience::new(text).is_ok())?;
        check_values(&trust.clients, "clients", |text| ClientId::new(text).is_ok())?;
        check_values(&trust.id_token_clients, "id_tokens", |text| ClientId::new(text).is_ok())?;
        if let Some(both) = trust.id_token_clients.iter().find(|client| trust.audiences.contains(client)) {
            return Err(TrustErrorKind::IdTokenAudience(both.as_str().into()));
        }
        if let Some(scope) = trust.scopes.unsound_scope() {
            return Err(TrustErrorKind::Value(scope.into(), "allow_scopes"));
        }
        if let Some(tenant) = trust.tenants.unsound() {
            return Err(TrustErrorKind::Value(tenant.into(), "tenants"));
        }
        for (claim, _) in &trust.claims.extra {
            Ext::new().insert(&**claim, true)?;
        }
        if trust.without_audience && trust.clients.is_empty() {
            return Err(TrustErrorKind::WithoutAudience);
        }
        let times = TimeRule::new().with_leeway(trust.leeway).with_max_lifetime(trust.max_lifetime);
        let access_times = match trust.require_issued_at {
            true => times.with_fractions(),
            false => times.with_fractions().with_optional_issued_at(),
        };
        Ok(Self {
            name,
            issuer: trust.issuer.into(),
            aliases: boxed(trust.aliases),
            pattern,
            audiences: boxed(trust.audiences),
            algorithms: trust.algorithms,
            clients: boxed(trust.clients),
            id_token_clients: boxed(trust.id_token_clients),
            lenient_access_tokens: trust.lenient_access_tokens,
            tenants: trust.tenants,
            require_tenant: trust.require_tenant,
            scopes: trust.scopes,
            roles: trust.roles,
            groups: trust.groups,
            role_prefixes: boxed(trust.role_prefixes),
            environment: trust.environment,
            without_audience: trust.without_audience,
            times,
            access_times,
            leeway: trust.leeway,
            claims: trust.claims,
            vouching,
            waiting,
        })
    }
}

/// Some providers leave the scheme out of the issuer: such a trust has a name, and a place for its keys.
fn check_address(issuer: &IssuerId, trust: &Trust) -> Result<(), TrustErrorKind> {
    let needs_a_scheme = matches!(trust.source, Source::Keys(KeyPlace::Discovery));
    match issuer.check_address() {
        Err(error) if needs_a_scheme || error.holds_white_space() => Err(error.into()),
        _ => Ok(()),
    }
}

fn name(name: Option<String>, issuer: &str) -> Result<Box<str>, TrustErrorKind> {
    let name = match name {
        Some(name) => name,
        None => host(issuer),
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if (1..=64).contains(&name.len()) && name.bytes().all(plain) && !name.eq_ignore_ascii_case(CLIENT_SUBJECTS) {
        Ok(name.into())
    } else {
        Err(TrustErrorKind::Name(name.into()))
    }
}

fn check_values(
    values: &[String],
    setting: &'static str,
    is_sound: impl Fn(&str) -> bool,
) -> Result<(), TrustErrorKind> {
    match values.iter().find(|value| !is_sound(value)) {
        Some(value) => Err(TrustErrorKind::Value(value.as_str().into(), setting)),
        None => Ok(()),
    }
}

fn boxed(texts: Vec<String>) -> Vec<Box<str>> {
    texts.into_iter().map(String::into_boxed_str).collect()
}
