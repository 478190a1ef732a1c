use remint_core::{InvalidIssuer, ReservedClaim};

/// A trust that cannot be used as it is configured.
#[derive(Debug, thiserror::Error)]
#[error("the trust in `{issuer}` cannot be used")]
pub struct TrustError {
    issuer: Box<str>,
    #[source]
    kind: TrustErrorKind,
}

impl TrustError {
    pub(crate) fn new(issuer: &str, kind: TrustErrorKind) -> Self {
        Self { issuer: issuer.into(), kind }
    }

    /// The issuer of the trust in question.
    #[must_use]
    pub const fn issuer(&self) -> &str {
        &self.issuer
    }

    /// What is wrong with it.
    #[must_use]
    pub const fn kind(&self) -> &TrustErrorKind {
        &self.kind
    }
}

/// What is wrong with a trust.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrustErrorKind {
    /// It is our own internal issuer, whose tokens are not for the edge.
    #[error("it names our own internal issuer")]
    OwnIssuer,
    /// A trust before it takes all that it could accept: one in the same issuer with its audiences and clients, or one
    /// in another issuer that has its spelling.
    #[error(
        "the issuer is trusted already, by a trust that leaves this one no token: several trusts in one issuer \
             have the same `issuer`, and audiences or clients that differ"
    )]
    DuplicateIssuer,
    /// Another trust has this name, in whatever case of letters: nobody could tell their subjects apart.
    #[error("another trust is named `{0}`, and names are compared without case; give one of them another name")]
    DuplicateName(Box<str>),
    /// Not an issuer, or not one with discovery: name its `jwks_uri` or `jwks_file`.
    #[error("the issuer is empty, too long, or not an address at which its keys could be discovered")]
    Issuer,
    /// White space in the issuer, or a scheme that is missing where one is needed to discover its keys.
    #[error(transparent)]
    IssuerAddress(#[from] InvalidIssuer),
    /// A `jwks_uri` or issuer that the HTTP client would not ask.
    #[error("{0:?} is not an address that may be asked: only https, and http to this machine")]
    Address(Box<str>),
    /// Not a name: 1 to 64 of `A–Z a–z 0–9 . _ -`, and not `client`, in whatever case of letters.
    #[error("{}: 1 to 64 letters, digits, `.`, `_` and `-`, but not `client`", match &**_0 {
        "" => "it needs a name, since its issuer has no host to be named after".to_owned(),
        name => format!("`{name}` cannot be its name"),
    })]
    Name(Box<str>),
    /// An audience, client or tenant that no token could name.
    #[error("{0:?} cannot be a value of its `{1}`")]
    Value(Box<str>, &'static str),
    /// A client of its issuer's ID tokens that is an audience of the issuer's access tokens too.
    #[error("`{0}` is an audience of its issuer's access tokens: an ID token for it could not be told from one")]
    IdTokenAudience(Box<str>),
    /// Tokens without an audience of any client: whoever runs a service of this issuer's could present them here.
    #[error("`without_audience` needs `clients`: something must say for whom its tokens are")]
    WithoutAudience,
    /// No algorithm: no token could be verified.
    #[error("its list of algorithms is empty")]
    NoAlgorithm,
    /// A mapped claim with a reserved name.
    #[error(transparent)]
    Reserved(#[from] ReservedClaim),
    /// Tokens must name a tenant, and there is none that they may name.
    #[error("its tokens must name a tenant, and the list of tenants for which it may speak is empty")]
    NoTenant,
    /// A template issuer of which it is not said for which tenants it speaks.
    #[error("an issuer with `{{tenantid}}` needs a list of tenants, or `any_tenant`")]
    TemplateTenants,
    /// A template issuer that is to be asked about its tokens: it has no one place to ask.
    #[error("an issuer with `{{tenantid}}` cannot be trusted by introspection")]
    IntrospectionTemplate,
    /// One whose ID tokens are accepted, and about whose tokens its endpoint is asked: ID tokens are under keys.
    #[error("the ID tokens of an issuer that is trusted by introspection cannot be accepted")]
    IntrospectionIdTokens,
    /// Another trust would take the same opaque tokens; one of both would be sent tokens of the other.
    #[error("its opaque tokens cannot be told from those of `{0}`: give both an `opaque_prefix` that differs")]
    OpaqueOverlap(Box<str>),
    /// A prefix with which no token can begin.
    #[error("its `opaque_prefix` is no beginning of a token: at most 64 of `A–Z a–z 0–9 - . _ ~ + / =`")]
    OpaquePrefix,
    /// An answer that is over before it is there.
    #[error("it must be asked again after 5 seconds at the earliest")]
    AgainAfter,
    /// No HTTP client could be made to ask it.
    #[error("no HTTP client can be made to ask it")]
    Http,
}
