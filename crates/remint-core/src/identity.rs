use serde::{Deserialize, Serialize};

use crate::{
    ActFor, ClientId, Confirmation, Environment, Ext, IssuerId, KeyId, Network, PlanName, Scopes, SessionId, Subject,
    Target, TenantId, Timestamp, TokenId, UserId,
};

/// Who is calling: what the internal token says and a handler reads.
///
/// An `Identity` by itself proves nothing; a [`Verified`](crate::Verified) one does, and so does
/// the one a layer of this workspace puts into a request's extensions.
#[derive(Debug, Clone, PartialEq)]
pub struct Identity {
    /// The user's id, or `<trust name>|<subject>` for an external subject linked to no user.
    pub subject: Subject,
    /// The tenant, where known.
    pub tenant: Option<TenantId>,
    /// `live` or `test`.
    pub environment: Environment,
    /// What the caller may do.
    pub scopes: Scopes,
    /// The client that asks; for an API key the key's id.
    pub client: ClientId,
    /// How the caller came; never the credential itself.
    pub credential: CredentialRef,
    /// The session at the provider (`sid`).
    pub session: Option<SessionId>,
    /// Who acts for the subject (RFC 8693 §4.1).
    pub actor: Option<Actor>,
    /// Who may become the actor with this token (`may_act`, RFC 8693 §4.4), if its issuer says.
    pub may_act: Option<MayAct>,
    /// When the user last authenticated (`auth_time`).
    pub auth_time: Option<Timestamp>,
    /// Authentication context class (`acr`).
    pub acr: Option<String>,
    /// Authentication methods (`amr`, RFC 8176).
    pub amr: Vec<String>,
    /// Roles (RFC 9068 §2.2.3.1).
    pub roles: Vec<String>,
    /// Groups (RFC 9068 §2.2.3.1).
    pub groups: Vec<String>,
    /// Entitlements (RFC 9068 §2.2.3.1).
    pub entitlements: Vec<String>,
    /// The plan whose limits hold. It is known at the edge only: no claim carries it.
    pub plan: Option<PlanName>,
    /// When the credential ends that the caller came with, if it does. It is known at the edge only:
    /// the internal token has an end of its own.
    pub credential_ends: Option<Timestamp>,
    /// Mapped and enriched claims.
    pub ext: Ext,
}

impl Identity {
    /// An identity with nothing but what none can lack.
    #[must_use]
    pub fn new(subject: Subject, environment: Environment, client: ClientId, credential: CredentialRef) -> Self {
        Self {
            subject,
            tenant: None,
            environment,
            scopes: Scopes::new(),
            client,
            credential,
            session: None,
            actor: None,
            may_act: None,
            auth_time: None,
            acr: None,
            amr: Vec::new(),
            roles: Vec::new(),
            groups: Vec::new(),
            entitlements: Vec::new(),
            plan: None,
            credential_ends: None,
            ext: Ext::new(),
        }
    }

    /// Everything whose revocation ends this identity: a function of the internal token's claims,
    /// so that a service behind the edge can name the same targets.
    #[must_use]
    pub fn targets(&self) -> Vec<Target> {
        let mut targets = vec![Target::Everything];
        match &self.credential {
            CredentialRef::Jwt { issuer, subject, id } => {
                targets.push(Target::Issuer(issuer.clone()));
                targets.push(Target::Subject { issuer: issuer.clone(), subject: subject.clone() });
                if let Some(id) = id {
                    targets.push(Target::Token { issuer: issuer.clone(), id: id.clone() });
                }
                if let Some(session) = &self.session {
                    targets.push(Target::Session { issuer: issuer.clone(), session: session.clone() });
                }
            }
            CredentialRef::ApiKey { id } => targets.push(Target::Key(id.clone())),
            CredentialRef::Client { .. } => {}
        }
        if let Ok(user) = UserId::new(self.subject.as_str()) {
            targets.push(Target::User(user));
        }
        if let Some(tenant) = &self.tenant {
            targets.push(Target::Tenant(tenant.clone()));
        }
        let mut actor = self.actor.as_ref();
        while let Some(link) = actor {
            match &link.issuer {
                Some(issuer) => {
                    targets.push(Target::Subject { issuer: issuer.clone(), subject: link.subject.clone() });
                }
                None => targets.extend(UserId::new(link.subject.as_str()).ok().map(Target::User)),
            }
            actor = link.actor.as_deref();
        }
        targets
    }
}

/// How the caller came: the internal token's `cred`, which never holds the credential.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum CredentialRef {
    /// A JWT of an external issuer.
    Jwt {
        /// Its `iss`.
        #[serde(rename = "iss")]
        issuer: IssuerId,
        /// Its `sub`.
        #[serde(rename = "sub")]
        subject: Subject,
        /// Its `jti`, where it had one.
        #[serde(rename = "jti", default, skip_serializing_if = "Option::is_none")]
        id: Option<TokenId>,
    },
    /// An API key of ours.
    ApiKey {
        /// The key's public id.
        id: KeyId,
    },
    /// A client of the authorization server, for itself (`client_credentials`, RFC 6749 §4.4).
    Client {
        /// Its id.
        id: ClientId,
    },
}

impl CredentialRef {
    /// The kind's name in metrics and logs: `jwt`, `api_key` or `client`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Jwt { .. } => "jwt",
            Self::ApiKey { .. } => "api_key",
            Self::Client { .. } => "client",
        }
    }
}

/// Who acts for the subject, and who acted before them (RFC 8693 §4.1).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Actor {
    /// The actor's subject.
    #[serde(rename = "sub")]
    pub subject: Subject,
    /// The issuer that names the actor so; absent for one of ours.
    #[serde(rename = "iss", default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<IssuerId>,
    /// The actor before this one.
    #[serde(rename = "act", default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<Box<Self>>,
}

/// Who may become the actor of a token (RFC 8693 §4.4).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MayAct {
    /// Their subject.
    #[serde(rename = "sub")]
    pub subject: Subject,
    /// The issuer that names them so; absent for one of ours.
    #[serde(rename = "iss", default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<IssuerId>,
}

/// What an authenticator found out: who it is, and what bounds the finding.
#[derive(Debug, Clone, PartialEq)]
pub struct Authentication {
    /// Who it is.
    pub identity: Identity,
    /// When the credential was issued (`iat`, or the key's creation).
    pub issued_at: Timestamp,
    /// When the credential, or the session it stands for, ends: nothing made from it lives longer.
    pub expires_at: Timestamp,
    /// Names of the credential beyond those that the identity yields, such as
    /// [`Target::SigningInput`].
    pub also_named: Vec<Target>,
    /// From where the credential may be used; empty: from anywhere. It is checked on every request.
    pub networks: Vec<Network>,
    /// What whoever presents the credential must prove to hold. It is checked on every request.
    pub confirmation: Option<Confirmation>,
    /// For whom an administrator has given the credential the right to act.
    pub act_for: Option<ActFor>,
}

impl Authentication {
    /// A finding with nothing but what none can lack: usable from anywhere, by whoever presents it.
    #[must_use]
    pub const fn new(identity: Identity, issued_at: Timestamp, expires_at: Timestamp) -> Self {
        Self {
            identity,
            issued_at,
            expires_at,
            also_named: Vec::new(),
            networks: Vec::new(),
            confirmation: None,
            act_for: None,
        }
    }
}
