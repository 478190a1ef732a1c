use std::path::PathBuf;
use std::time::Duration;

use remint_core::{CLOCK_SKEW, Environment};
use remint_jwt::{Algorithm, JwkSet};
use remint_keyset::{KeySetSettings, RotatingHeaders};

use crate::Introspection;
use crate::allow::{Allowed, Tenants};
use crate::claim_map::ClaimMap;

/// Trust in one external issuer, and its limits.
///
/// There may be several in one issuer: [the crate's documentation](crate#several-trusts-in-one-issuer) says which of
/// them a token is held to.
///
/// Issuer and audience have no default. Everything else does, and every default is the narrow one:
/// no tenant, scope, role or group passes until it is named, and entitlements never do. What cannot work is reported when the trust is
/// handed to an [`OidcAuthenticator`](crate::OidcAuthenticator).
///
/// ```
/// use remint_oidc::Trust;
///
/// let trust = Trust::oidc("https://idp.example", "api")
///     .named("acme")
///     .tenants(["acme"])
///     .allow_scopes(["orders:read"])
///     .map_claim("plan", "app_metadata.plan");
/// # let _ = trust;
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Trust {
    pub(crate) name: Option<String>,
    pub(crate) issuer: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) source: Source,
    pub(crate) audiences: Vec<String>,
    pub(crate) algorithms: Vec<Algorithm>,
    pub(crate) clients: Vec<String>,
    pub(crate) id_token_clients: Vec<String>,
    pub(crate) lenient_access_tokens: bool,
    pub(crate) without_audience: bool,
    pub(crate) require_issued_at: bool,
    pub(crate) tenants: Tenants,
    pub(crate) scopes: Allowed,
    pub(crate) roles: Allowed,
    pub(crate) groups: Allowed,
    pub(crate) role_prefixes: Vec<String>,
    pub(crate) environment: Environment,
    pub(crate) leeway: Duration,
    pub(crate) max_lifetime: Duration,
    pub(crate) claims: ClaimMap,
    pub(crate) key_set: KeySetSettings,
    pub(crate) jwks_headers: RotatingHeaders,
    pub(crate) require_tenant: bool,
    pub(crate) max_waiting: usize,
}

/// What vouches for its tokens, before it is known whether that can be.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    Keys(KeyPlace),
    Introspection(Introspection),
}

/// Where the keys are.
#[derive(Debug, Clone)]
pub(crate) enum KeyPlace {
    Discovery,
    JwksUri(String),
    File(PathBuf),
    Fixed(JwkSet),
}

impl Trust {
    /// Trust in `issuer`, for tokens that name `audience` among theirs.
    ///
    /// The issuer is compared as the exact string. With `{tenantid}` as one segment of its path it
    /// stands for the issuers of many tenants: the token's tenant claim (`tid` unless mapped) must
    /// then equal that segment, and the keys are those of the tenant `common`.
    pub fn oidc(issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        Self {
            name: None,
            issuer: issuer.into(),
            aliases: Vec::new(),
            source: Source::Keys(KeyPlace::Discovery),
            audiences: vec![audience.into()],
            algorithms: vec![Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDSA],
            clients: Vec::new(),
            id_token_clients: Vec::new(),
            lenient_access_tokens: false,
            without_audience: false,
            require_issued_at: false,
            tenants: Tenants::Nobody,
            scopes: Allowed::NONE,
            roles: Allowed::NONE,
            groups: Allowed::NONE,
            role_prefixes: Vec::new(),
            environment: Environment::Live,
            leeway: CLOCK_SKEW,
            max_lifetime: Duration::from_secs(24 * 60 * 60),
            claims: ClaimMap::default(),
            key_set: KeySetSettings::default(),
            jwks_headers: RotatingHeaders::default(),
            require_tenant: false,
            max_waiting: 256,
        }
    }

    /// How many of its tokens may wait at once for its keys or its word (256 unless set); one more is answered
    /// with 503. A token under a known key does not wait. The facade sets a quarter of what may wait at its edge.
    pub const fn max_waiting(mut self, tokens: usize) -> Self {
        self.max_waiting = tokens;
        self
    }

    /// Its name, which begins each of its subjects: `<name>|<sub>`. Unless set, the issuer's host.
    ///
    /// No two trusts have names that differ in case only, and none is named `client`: the subjects of our own
    /// clients begin so.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Other spellings of this issuer in `iss`, each compared as the exact string: Google's tokens have its address with
    /// `https://` and without. Its name is the trust's issuer all the same, in identities, links and revocations.
    pub fn issuer_aliases<T: Into<String>>(mut self, aliases: impl IntoIterator<Item = T>) -> Self {
        self.aliases = aliases.into_iter().map(Into::into).collect();
        self
    }

    /// Takes the keys from this address, without discovery.
    pub fn jwks_uri(mut self, url: impl Into<String>) -> Self {
        self.source = Source::Keys(KeyPlace::JwksUri(url.into()));
        self
    }

    /// Takes the keys from this file, without discovery.
    pub fn jwks_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.source = Source::Keys(KeyPlace::File(path.into()));
        self
    }

    /// Takes these keys, which never change.
    pub fn key_set(mut self, keys: JwkSet) -> Self {
        self.source = Source::Keys(KeyPlace::Fixed(keys));
        self
    }

    /// Asks the issuer about its tokens, in place of verifying them under its keys: some of them are
    /// opaque, or it ends them before their time.
    pub fn introspection(mut self, introspection: Introspection) -> Self {
        self.source = Source::Introspection(introspection);
        self
    }

    /// A further audience: a token must name one of them.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// The algorithms its tokens may be signed with, in place of RS256, ES256 and EdDSA.
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.algorithms = algorithms.into_iter().collect();
        self
    }

    /// The clients that may have asked for the token. Empty: any. Each of the [claims](Self::client_claims) that
    /// names one must name one of the list, and a token in which none does is refused.
    pub fn clients<T: Into<String>>(mut self, clients: impl IntoIterator<Item = T>) -> Self {
        self.clients = clients.into_iter().map(Into::into).collect();
        self
    }

    /// Accepts access tokens without `aud`, for an issuer that sets none (Amazon Cognito). Then the
    /// [clients](Self::clients) alone say for whom a token is: without a list of them it is an error. An `aud` that is
    /// there is judged all the same.
    pub const fn without_audience(mut self) -> Self {
        self.without_audience = true;
        self
    }

    /// Refuses access tokens without `iat`. Unless set, one is accepted if its `exp` is not further ahead than a token
    /// [may live](Self::max_lifetime), and counts as issued before every revocation in force.
    pub const fn require_issued_at(mut self) -> Self {
        self.require_issued_at = true;
        self
    }

    /// `nonce`, `at_hash` and `c_hash` do not make an ID token of its tokens: for an issuer whose access tokens have
    /// them and say nowhere what they are. What `typ` (`at+jwt` in the header, `Bearer` or `DPoP` in the claims) or
    /// `token_use` (`access`) says to be an access token needs no leniency.
    ///
    /// An ID token of this issuer whose `aud` is one of the trust's audiences is then an access token: let them name
    /// an API, never a client id.
    pub const fn lenient_access_tokens(mut self) -> Self {
        self.lenient_access_tokens = true;
        self
    }

    /// Accepts its ID tokens too, if they are for one of these clients: to be exchanged, and never as access
    /// tokens ([`IdTokenAuthenticator`](crate::IdTokenAuthenticator)). Empty (as it is unless set): none.
    ///
    /// No audience of the issuer's access tokens, in whichever trust, may be among them: then the two could not be told
    /// apart.
    pub fn id_tokens<T: Into<String>>(mut self, clients: impl IntoIterator<Item = T>) -> Self {
        self.id_token_clients = clients.into_iter().map(Into::into).collect();
        self
    }

    /// The tenants for which this issuer may speak. A token that names another is refused, one
    /// that names none passes without a tenant. Empty (as it is unless set): the token's tenant is
    /// not taken over. `"*"`: any.
    pub fn tenants<T: Into<Box<str>>>(mut self, tenants: impl IntoIterator<Item = T>) -> Self {
        self.tenants = Tenants::listed(tenants.into_iter().map(Into::into).collect());
        self
    }

    /// Refuses its tokens that name no tenant for which it may speak. For issuers whose accounts without a tenant are
    /// anybody's, such as Google's without `hd`.
    pub const fn require_tenant(mut self, required: bool) -> Self {
        self.require_tenant = required;
        self
    }

    /// This issuer may speak for any tenant.
    pub fn any_tenant(mut self) -> Self {
        self.tenants = Tenants::Any;
        self
    }

    /// This issuer speaks for this tenant, whatever its tokens say.
    pub fn tenant(mut self, tenant: impl Into<Box<str>>) -> Self {
        self.tenants = Tenants::Fixed(tenant.into());
        self
    }

    /// Which of its scopes pass; the others are dropped. Empty (as it is unless set): none. `"*"`:
    /// any. `remint:*` never passes, listed or not.
    pub fn allow_scopes<T: Into<Box<str>>>(mut self, scopes: impl IntoIterator<Item = T>) -> Self {
        self.scopes = Allowed::listed(scopes.into_iter().map(Into::into).collect());
        self
    }

    /// Any of its scopes passes, except `remint:*`.
    pub fn any_scope(mut self) -> Self {
        self.scopes = Allowed::Any;
        self
    }

    /// Which of its roles pass; the others are dropped. Empty (as it is unless set): none, and the
    /// [claim](Self::roles_claim) is not read. `"*"`: any. Roles that begin with `remint:` never pass, listed or not,
    /// and neither does what is no [name of a role](remint_core::RoleName).
    pub fn allow_roles<T: Into<Box<str>>>(mut self, roles: impl IntoIterator<Item = T>) -> Self {
        self.roles = Allowed::listed(roles.into_iter().map(Into::into).collect());
        self
    }

    /// Any of its roles passes, except `remint:*`.
    pub fn any_role(mut self) -> Self {
        self.roles = Allowed::Any;
        self
    }

    /// Which of its groups pass; the others are dropped. Empty (as it is unless set): none, and the
    /// [claim](Self::groups_claim) is not read. `"*"`: any. Groups that begin with `remint:` never pass, listed or not.
    pub fn allow_groups<T: Into<Box<str>>>(mut self, groups: impl IntoIterator<Item = T>) -> Self {
        self.groups = Allowed::listed(groups.into_iter().map(Into::into).collect());
        self
    }

    /// Any of its groups passes, except `remint:*`.
    pub fn any_group(mut self) -> Self {
        self.groups = Allowed::Any;
        self
    }

    /// Only those of its roles and groups that [pass](Self::allow_roles) and begin with one of these travel on: of
    /// 300 groups, those that a service here knows. Empty (as it is unless set): all that pass.
    pub fn role_prefixes<T: Into<String>>(mut self, prefixes: impl IntoIterator<Item = T>) -> Self {
        self.role_prefixes = prefixes.into_iter().map(Into::into).collect();
        self
    }

    /// The environment of its callers (`live` unless set).
    pub const fn environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self
    }

    /// How far its clock may be ahead of ours: allowed on `iat` and `nbf`, never on `exp` (30 s
    /// unless set).
    pub const fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// The longest lifetime (`exp − iat`) of a token that is accepted (24 hours unless set).
    pub const fn max_lifetime(mut self, max: Duration) -> Self {
        self.max_lifetime = max;
        self
    }

    /// How long from now one of its tokens can still be accepted at most: so long must the
    /// revocation of one be remembered.
    #[must_use]
    pub const fn longest_life(&self) -> Duration {
        self.max_lifetime.saturating_add(self.leeway)
    }

    /// How long a fetch of its key set may take at most.
    #[must_use]
    pub const fn longest_fetch(&self) -> Duration {
        self.key_set.fetch_timeout
    }

    /// Where the subject is (`sub` unless set): a dotted path. Whoever can choose what stands
    /// there chooses who they are.
    ///
    /// Where it is another claim than `sub`, an access token needs no `sub`, and the external identity (`cred.sub`,
    /// links, revocations) is named `<path>:<value>` (`upn:alice@acme.example`). Links and revocations that name it by
    /// the token's `sub` still count.
    pub fn subject_claim(mut self, path: impl Into<Box<str>>) -> Self {
        self.claims.subject = path.into();
        self
    }

    /// Where the tenant is (`org_id` unless set; `tid` for an issuer with `{tenantid}`): a dotted
    /// path.
    pub fn tenant_claim(mut self, path: impl Into<Box<str>>) -> Self {
        self.claims.tenant = Some(path.into());
        self
    }

    /// Where the client is (`azp`, `client_id`, `appid` and `cid` unless set): dotted paths, of which the first that
    /// names one is the internal token's `client_id`. Without a client that is `<trust name>|`.
    pub fn client_claims<T: Into<Box<str>>>(mut self, paths: impl IntoIterator<Item = T>) -> Self {
        self.claims.clients = paths.into_iter().map(Into::into).collect();
        self
    }

    /// Where the scopes are (`scope` and `scp` unless set): dotted paths to a text or an array.
    pub fn scope_claims<T: Into<Box<str>>>(mut self, paths: impl IntoIterator<Item = T>) -> Self {
        self.claims.scopes = paths.into_iter().map(Into::into).collect();
        self
    }

    /// Where the roles are (`realm_access.roles` unless set): a dotted path to a text or an array. Which of them
    /// pass, [`allow_roles`](Self::allow_roles) says.
    pub fn roles_claim(mut self, path: impl Into<Box<str>>) -> Self {
        self.claims.roles = path.into();
        self
    }

    /// Where the groups are (`groups` unless set): a dotted path to a text or an array. Which of them pass,
    /// [`allow_groups`](Self::allow_groups) says.
    pub fn groups_claim(mut self, path: impl Into<Box<str>>) -> Self {
        self.claims.groups = path.into();
        self
    }

    /// Takes over the claim at a dotted path, if there is one, as `name` in the internal token's
    /// `ext`.
    pub fn map_claim(mut self, name: impl Into<Box<str>>, path: impl Into<Box<str>>) -> Self {
        self.claims.extra.push((name.into(), path.into()));
        self
    }

    /// How recently its key set must have been fetched for an unknown `kid` to be denied without another
    /// fetch (10 s unless set): [`KeySetSettings::refetch_after`].
    pub const fn jwks_refetch_after(mut self, period: Duration) -> Self {
        self.key_set.refetch_after = period;
        self
    }

    /// Headers for the requests for its key set, such as an `Authorization` that the server demands. They go to the
    /// host of the `jwks_uri` that is set or, with discovery, to the issuer's own host: a key set elsewhere is asked
    /// without them. What is asked about tokens ([`introspection`](Self::introspection)) has credentials of its own.
    /// Values in files are [read again](RotatingHeaders) before each request.
    pub fn jwks_headers(mut self, headers: impl Into<RotatingHeaders>) -> Self {
        self.jwks_headers = headers.into();
        self
    }

    /// How its key set is kept usable.
    pub const fn key_set_settings(mut self, settings: KeySetSettings) -> Self {
        self.key_set = settings;
        self
    }
}
