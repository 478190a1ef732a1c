use std::fmt;

use remint_core::{ActFor, Audience, ClientId, Environment, IssuerId, Scopes, Subject, client_subject};
use remint_jwt::JwkSet;
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};

/// What a client may do at the authorization server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Right {
    /// Exchange tokens and API keys (RFC 8693).
    Exchange,
    /// Bring assertions of trusted issuers (RFC 7523 §2.1).
    JwtBearer,
    /// Get tokens for itself (RFC 6749 §4.4).
    ClientCredentials,
    /// Ask what a token says, and whether it still counts (RFC 7662).
    Introspect,
    /// End tokens and API keys (RFC 7009).
    Revoke,
    /// Follow the revocation log, whose rows name users, keys and tenants.
    Follow,
}

impl Right {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Exchange, Self::JwtBearer, Self::ClientCredentials, Self::Introspect, Self::Revoke, Self::Follow];

    /// Its name in settings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exchange => "exchange",
            Self::JwtBearer => "jwt_bearer",
            Self::ClientCredentials => "client_credentials",
            Self::Introspect => "introspect",
            Self::Revoke => "revoke",
            Self::Follow => "follow",
        }
    }
}

/// A client of the authorization server: how it proves who it is, and what it may do, which is nothing
/// unless said.
#[derive(Debug, Clone)]
#[must_use]
pub struct Client {
    pub(crate) id: ClientId,
    pub(crate) proof: Proof,
    pub(crate) rights: Vec<Right>,
    pub(crate) issuers: Option<Vec<IssuerId>>,
    pub(crate) audiences: Vec<Audience>,
    pub(crate) subject_audiences: Vec<Audience>,
    pub(crate) scopes: Option<Scopes>,
    pub(crate) act_for: ActFor,
    pub(crate) environment: Environment,
    pub(crate) is_edge: bool,
}

/// How a client proves who it is (RFC 6749 §2.3, RFC 7523 §2.2).
#[derive(Debug, Clone)]
pub(crate) enum Proof {
    Secrets(Vec<SecretDigest>),
    Keys(JwkSet),
}

impl Client {
    /// A client with a secret: `client_secret_basic` and `client_secret_post`. It is kept as a digest;
    /// an empty one proves nothing.
    pub fn with_secret(id: ClientId, secret: &str) -> Self {
        Self::new(id, Proof::Secrets(vec![SecretDigest::of(secret)]))
    }

    /// A client that signs assertions with one of these keys: `private_key_jwt`.
    pub fn with_keys(id: ClientId, keys: JwkSet) -> Self {
        Self::new(id, Proof::Keys(keys))
    }

    fn new(id: ClientId, proof: Proof) -> Self {
        Self {
            id,
            proof,
            rights: Vec::new(),
            issuers: None,
            audiences: Vec::new(),
            subject_audiences: Vec::new(),
            scopes: None,
            act_for: ActFor::default(),
            environment: Environment::Live,
            is_edge: false,
        }
    }

    /// One more secret that is as good, while the client changes from one to the other. It has no
    /// meaning for a client with keys.
    pub fn also_secret(mut self, secret: &str) -> Self {
        if let Proof::Secrets(secrets) = &mut self.proof {
            secrets.push(SecretDigest::of(secret));
        }
        self
    }

    /// What it may do.
    pub fn may(mut self, rights: impl IntoIterator<Item = Right>) -> Self {
        self.rights = rights.into_iter().collect();
        self
    }

    /// Whose credentials it may exchange: any trusted issuer's unless set. API keys and internal tokens
    /// are our own issuer's.
    pub fn issuers(mut self, issuers: impl IntoIterator<Item = IssuerId>) -> Self {
        self.issuers = Some(issuers.into_iter().collect());
        self
    }

    /// For whom it may ask for tokens: our issuer's own audiences unless set.
    pub fn audiences(mut self, audiences: impl IntoIterator<Item = Audience>) -> Self {
        self.audiences = audiences.into_iter().collect();
        self
    }

    /// For whom an internal token must be that it exchanges, so that no client exchanges what was meant
    /// for another: our issuer's own audiences unless set.
    pub fn subject_audiences(mut self, audiences: impl IntoIterator<Item = Audience>) -> Self {
        self.subject_audiences = audiences.into_iter().collect();
        self
    }

    /// The most that its tokens may say: what the subject may do unless set. For itself
    /// (`client_credentials`) it has these, but for `remint:*`, which only the store gives to users; unless set,
    /// none.
    pub fn scopes(mut self, scopes: Scopes) -> Self {
        self.scopes = Some(scopes);
        self
    }

    /// For whom it may act: nobody unless set.
    pub fn act_for(mut self, act_for: ActFor) -> Self {
        self.act_for = act_for;
        self
    }

    /// The environment of the tokens that it gets for itself: `live` unless set.
    pub const fn environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self
    }

    /// It is an edge of ours: it holds each request to what its credential is bound to (networks, a key, a
    /// certificate), and is told what that is. Others cannot exchange such credentials.
    pub const fn edge(mut self) -> Self {
        self.is_edge = true;
        self
    }

    /// Its id.
    #[must_use]
    pub const fn id(&self) -> &ClientId {
        &self.id
    }

    pub(crate) fn has(&self, right: Right) -> bool {
        self.rights.contains(&right)
    }

    /// Its subject: a form that no user's id and no trust's subject has.
    pub(crate) fn subject(&self) -> Option<Subject> {
        client_subject(&self.id).ok()
    }
}

/// A secret at rest.
#[derive(Clone)]
pub(crate) struct SecretDigest([u8; 32]);

impl SecretDigest {
    fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret).into())
    }

    /// Digests are compared, so that neither the place of a difference nor the length shows in time.
    pub(crate) fn is(&self, presented: &str) -> Choice {
        self.0.ct_eq(&Self::of(presented).0)
    }
}

impl fmt::Debug for SecretDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretDigest(..)")
    }
}
