use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use remint::{Algorithm, Audience, Environment, HttpClient, IssuerId, SystemClock, TenantId, Trust};
use remint_keyset::{HttpFetch, RotatingHeaders};
use remint_oidc::{OidcAuthenticator, TrustErrorKind};

use super::access_tokens::AccessTokens;
use super::introspection::{self, IntrospectionPlaces, IntrospectionSettings};
use super::jwks_headers::JwksHeaders;
use super::node;
use super::origin::Origin;
use super::section::{At, Book, Section};
use super::setting::World;
use super::shown::Shown;
use super::value::FilePath;

/// `[[trust]]`: one external issuer.
#[derive(Debug, Clone)]
pub(crate) struct TrustSettings {
    pub(crate) trust: Trust,
    pub(crate) issuer: IssuerId,
    /// Whether its subjects become users when they are first seen.
    pub(crate) just_in_time: bool,
    /// Where its keys are, if they are in a file.
    pub(crate) jwks_file: Option<PathBuf>,
    /// What is no error, and probably not meant.
    warnings: Vec<(Origin, String)>,
    places: Places,
}

/// Where its settings stand, for what turns out to be wrong with all of it.
#[derive(Debug, Clone)]
struct Places {
    name: Origin,
    issuer: Origin,
    keys: Origin,
    audience: Origin,
    algorithms: Origin,
    clients: Origin,
    without_audience: Origin,
    id_tokens: Origin,
    tenants: Origin,
    require_tenant: Origin,
    just_in_time: Origin,
    introspection: Option<IntrospectionPlaces>,
}

impl TrustSettings {
    pub(super) fn read(mut section: Section<'_, '_>, http: &Arc<HttpClient>) -> Option<Self> {
        let begin = section.origin();
        let name = section.optional::<String>("name", "the issuer's host");
        if let Some(name) = name.as_ref().filter(|name| name.is_empty()) {
            section.problem(&name.origin, "`trust.name` is empty");
        }
        let name = name.filter(|name| !name.is_empty());
        let issuer = section.required::<IssuerId>("issuer", &begin);
        let aliases = section.or("issuer_aliases", Vec::<IssuerId>::new());
        let uri = section.optional::<String>("jwks_uri", "found by discovery");
        let file = section.optional::<FilePath>("jwks_file", "found by discovery");
        let audience = section.required::<Vec<Audience>>("audience", &begin);
        let is_empty = |audience: &At<Vec<Audience>>| audience.is_empty();
        if let Some(audience) = audience.as_ref().filter(|audience| is_empty(audience)) {
            section.problem(&audience.origin, "`trust.audience` is empty: no token could be for us");
        }
        let audience = audience.filter(|audience| !is_empty(audience));
        let algorithms = section.or("algorithms", vec![Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDSA]);
        let clients = section.or("clients", Vec::<String>::new());
        let id_tokens = section.or("id_tokens", Vec::<String>::new());
        let tenants = section.or("tenants", Vec::<String>::new());
        let tenant = section.optional::<TenantId>("tenant", "those of `tenants`");
        let scopes = section.or("allow_scopes", Vec::<String>::new());
        let roles = section.or("allow_roles", Vec::<String>::new());
        let groups = section.or("allow_groups", Vec::<String>::new());
        let role_prefixes = section.or("role_prefixes", Vec::<String>::new());
        let environment = section.or("environment", Environment::Live);
        let require_tenant = section.or("require_tenant", false);
        let leeway = section.or("leeway", Duration::from_secs(30));
        let max_lifetime = section.or("max_lifetime", Duration::from_secs(24 * 3600));
        let refetch_after = section.or("jwks_refetch_after", Duration::from_secs(10));
        let access_tokens = section.or("access_tokens", AccessTokens::Strict);
        let without_audience = section.or("without_audience", false);
        let require_iat = section.or("require_iat", false);
        let just_in_time = section.or("just_in_time", false);
        let headers = section.or("jwks_headers", JwksHeaders::default());
        if let (false, Some(other)) = (headers.value.0.is_empty(), &file) {
            section.problem(
                &other.origin,
                "`trust`: `jwks_headers` are for a key set that is fetched, not for `jwks_file`",
            );
        }
        let jwks_headers = headers.value.rotating().unwrap_or_else(|message| {
            section.problem(&headers.origin, format!("`trust.jwks_headers`: {message}"));
            RotatingHeaders::default()
        });
        if let (Some(uri), Some(_)) = (&uri, &file) {
            section.problem(&uri.origin, "`trust`: `jwks_uri` and `jwks_file` are two places for the same keys");
        }
        if let (Some(tenant), false) = (&tenant, tenants.is_empty()) {
            section.problem(&tenant.origin, "`trust`: `tenant` and `tenants` contradict each other");
        }
        if leeway.as_secs() > MAX_LEEWAY {
            section.problem(&leeway.origin, "`trust.leeway`: at most 5m; clocks are not further apart than that");
        }
        if max_lifetime.is_zero() {
            section.problem(&max_lifetime.origin, "`trust.max_lifetime` is zero: no token would be accepted");
        }
        if !REFETCH_AFTER.contains(&*refetch_after) {
            section.problem(&refetch_after.origin, "`trust.jwks_refetch_after`: between 1s and 5m");
        }
        let claims = Claims::read(section.section("claims"));
        let introspection = match section.place("introspection") {
            Some(begin) => IntrospectionSettings::read(section.section("introspection"), begin),
            None => {
                introspection::show_example(section.book);
                None
            }
        };
        let refetch = Some(&refetch_after.origin).filter(|origin| **origin != Origin::Default);
        let keys = uri.as_ref().map(|uri| &uri.origin).or(file.as_ref().map(|file| &file.origin)).or(refetch);
        if let (Some(_), Some(keys)) = (&introspection, keys) {
            section.problem(keys, "`trust`: an issuer that is asked about its tokens needs no keys");
        }
        section.finish();

        let (issuer, audience) = (issuer?, audience?);
        let places = Places {
            name: name.as_ref().map_or_else(|| issuer.origin.clone(), |name| name.origin.clone()),
            issuer: issuer.origin.clone(),
            keys: uri.as_ref().map_or_else(|| issuer.origin.clone(), |uri| uri.origin.clone()),
            audience: audience.origin.clone(),
            algorithms: algorithms.origin.clone(),
            clients: clients.origin.clone(),
            without_audience: without_audience.origin.clone(),
            id_tokens: id_tokens.origin.clone(),
            tenants: tenant.as_ref().map_or_else(|| tenants.origin.clone(), |tenant| tenant.origin.clone()),
            require_tenant: require_tenant.origin.clone(),
            just_in_time: just_in_time.origin.clone(),
            introspection: introspection.as_ref().map(|asked| asked.places.clone()),
        };
        let mut audiences = audience.value.into_iter().map(String::from);
        // An empty one is told of by `check`; nothing is trusted before.
        let mut trust = Trust::oidc(issuer.as_str(), audiences.next().unwrap_or_default())
            .algorithms(algorithms.value)
            .clients(clients.value)
            .id_tokens(id_tokens.value)
            .tenants(tenants.value)
            .allow_scopes(scopes.value)
            .allow_roles(roles.value)
            .allow_groups(groups.value)
            .role_prefixes(role_prefixes.value)
            .environment(*environment)
            .leeway(*leeway)
            .max_lifetime(*max_lifetime)
            .require_tenant(*require_tenant)
            .issuer_aliases(aliases.value.iter().map(IssuerId::as_str))
            .jwks_headers(jwks_headers)
            .jwks_refetch_after(*refetch_after);
        let warnings =
            [claims.roles.unread(&roles.origin), claims.groups.unread(&groups.origin)].into_iter().flatten().collect();
        trust = claims.put(audiences.fold(trust, Trust::audience));
        if *without_audience {
            trust = trust.without_audience();
        }
        if *require_iat {
            trust = trust.require_issued_at();
        }
        if *access_tokens == AccessTokens::Lenient {
            trust = trust.lenient_access_tokens();
        }
        if let Some(name) = name {
            trust = trust.named(name.value);
        }
        if let Some(uri) = uri {
            trust = trust.jwks_uri(uri.value);
        }
        let jwks_file = file.map(|file| file.value.path);
        if let Some(path) = &jwks_file {
            trust = trust.jwks_file(path);
        }
        if let Some(asked) = introspection {
            trust = trust.introspection(asked.introspection.http(Arc::clone(http) as _));
        }
        if let Some(tenant) = tenant {
            trust = trust.tenant(String::from(tenant.value));
        }
        Some(Self { trust, issuer: issuer.value, just_in_time: *just_in_time, jwks_file, warnings, places })
    }

    /// What is no error, and probably not meant.
    pub(super) fn warnings(trusts: &[Self]) -> impl Iterator<Item = (Origin, String)> {
        trusts.iter().flat_map(|settings| {
            let of = |(origin, message): &(Origin, String)| {
                (origin.clone(), format!("`trust` in {}: {message}", settings.issuer.as_str()))
            };
            settings.warnings.iter().map(of)
        })
    }

    /// What is wrong with a trust, seen together with those before it.
    pub(super) fn check(trusts: &[Self], own: &At<IssuerId>, http: &Arc<dyn HttpFetch>) -> Vec<(Origin, String)> {
        let mut sound: Vec<Trust> = Vec::new();
        let mut problems = Vec::new();
        for (position, settings) in trusts.iter().enumerate() {
            // Users are linked to an issuer's subjects, whichever trust they come by.
            let differs = |other: &Self| other.issuer == settings.issuer && other.just_in_time != settings.just_in_time;
            if trusts.iter().take(position).any(differs) {
                let message = "`just_in_time` is the same in all trusts in one issuer, whose subjects are one user's";
                let place = settings.places.unless_default(&settings.places.just_in_time);
                problems.push((place.clone(), format!("`trust` in {}: {message}", settings.issuer)));
            }
            let with = sound.iter().chain([&settings.trust]).cloned();
            match OidcAuthenticator::new(own.value.clone(), with, Arc::clone(http), SystemClock) {
                Ok(_) => sound.push(settings.trust.clone()),
                Err(error) => {
                    let message = format!("`trust` in {}: {}", settings.issuer, error.kind());
                    problems.push((settings.places.of(error.kind()).clone(), message));
                }
            }
        }
        problems
    }
}

impl Places {
    fn of(&self, kind: &TrustErrorKind) -> &Origin {
        if let Some(place) = self.introspection.as_ref().and_then(|asked| asked.of(kind)) {
            return self.unless_default(place);
        }
        let place = match kind {
            TrustErrorKind::Name(_) | TrustErrorKind::DuplicateName(_) => &self.name,
            TrustErrorKind::Address(_) => &self.keys,
            TrustErrorKind::NoTenant => &self.require_tenant,
            TrustErrorKind::NoAlgorithm => &self.algorithms,
            TrustErrorKind::TemplateTenants | TrustErrorKind::Value(_, "tenants") => &self.tenants,
            TrustErrorKind::Value(_, "clients") => &self.clients,
            TrustErrorKind::WithoutAudience => &self.without_audience,
            TrustErrorKind::Value(_, "id_tokens")
            | TrustErrorKind::IdTokenAudience(_)
            | TrustErrorKind::IntrospectionIdTokens => &self.id_tokens,
            TrustErrorKind::Value(_, "audience") => &self.audience,
            _ => &self.issuer,
        };
        self.unless_default(place)
    }

    /// What was not set is missing from the block of this issuer.
    fn unless_default<'a>(&'a self, place: &'a Origin) -> &'a Origin {
        if *place == Origin::Default { &self.issuer } else { place }
    }
}

/// What a block looks like, where there is none.
pub(super) fn show_example(book: &mut Book<'_>, http: &Arc<HttpClient>) {
    // It refers to nothing, and what stands in it is no secret.
    let world = World::default();
    let mut example = Book { world: &world, problems: Vec::new(), shown: Shown::default() };
    if let Ok(tree) = node::parse(EXAMPLE) {
        Section::root(tree, &mut example).list("trust", |section| TrustSettings::read(section, http));
    }
    book.shown.example(&example.shown);
}

/// `[trust.claims]`: where the issuer keeps what we call …
struct Claims {
    subject: String,
    tenant: Option<String>,
    scopes: Vec<String>,
    clients: Vec<String>,
    roles: Names,
    groups: Names,
    /// Mapped claims, with their names under `ext` and where they are.
    ext: Vec<(String, At<String>)>,
}

/// Where roles or groups are, of which those pass that a list allows.
struct Names {
    path: At<String>,
    setting: &'static str,
    list: &'static str,
}

impl Claims {
    fn read(mut section: Section<'_, '_>) -> Self {
        let claims = Self {
            subject: section.or("subject", "sub".to_owned()).value,
            tenant: section
                .optional("tenant", "org_id, or tid where the issuer has a {tenantid}")
                .map(|at: At<String>| at.value),
            scopes: section.or("scopes", ["scope", "scp"].map(str::to_owned).to_vec()).value,
            clients: section.or("client", ["azp", "client_id", "appid", "cid"].map(str::to_owned).to_vec()).value,
            roles: Names {
                path: section.or("roles", "realm_access.roles".to_owned()),
                setting: "claims.roles",
                list: "allow_roles",
            },
            groups: Names {
                path: section.or("groups", "groups".to_owned()),
                setting: "claims.groups",
                list: "allow_groups",
            },
            ext: Vec::new(),
        };
        let claims = Self { ext: section.section("ext").texts(), ..claims };
        section.finish();
        claims
    }

    fn put(self, trust: Trust) -> Trust {
        let trust = trust.subject_claim(self.subject).scope_claims(self.scopes).client_claims(self.clients);
        let trust = trust.roles_claim(self.roles.path.value).groups_claim(self.groups.path.value);
        let trust = self.ext.into_iter().fold(trust, |trust, (name, path)| trust.map_claim(name, path.value));
        match self.tenant {
            Some(path) => trust.tenant_claim(path),
            None => trust,
        }
    }
}

impl Names {
    /// Told where it was said where they are, and not which of them pass.
    fn unread(&self, list: &Origin) -> Option<(Origin, String)> {
        let is_set = self.path.origin != Origin::Default;
        (is_set && *list == Origin::Default).then(|| {
            let Self { path, setting, list } = self;
            let message = format!(
                "`{setting}` is set, and none of what stands there passes: `{list}` names what may pass (`[\"*\"]`: \
                 all but names that begin with remint:)"
            );
            (path.origin.clone(), message)
        })
    }
}

const MAX_LEEWAY: u64 = 300;
/// Below, strangers would have the issuer asked all the time; above, the background is sooner.
const REFETCH_AFTER: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(300);
const EXAMPLE: &str = "[[trust]]\nname = 'acme'\nissuer = 'https://idp.example'\naudience = ['api']\n";
