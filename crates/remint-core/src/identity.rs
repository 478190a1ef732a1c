use crate::{
    ActFor, Actor, ClientId, Confirmation, CredentialRef, Environment, Ext, MayAct, Network, PlanName, Scopes,
    SessionId, Subject, Target, TenantId, Timestamp, UserId,
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
    /// What the credential is bound to that the caller came with, and that the edge has held the request to. It is
    /// known at the edge only: no claim carries it. What lasts, and would not be bound itself, must not be made
    /// of it.
    pub confirmation: Option<Confirmation>,
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
            confirmation: None,
            ext: Ext::new(),
        }
    }

    /// Everything whose revocation ends this identity: a function of the internal token's claims,
    /// so that a service behind the edge can name the same targets. Each actor of the chain counts as
    /// the subject does: its credential, session, user and tenant.
    #[must_use]
    pub fn targets(&self) -> Vec<Target> {
        let mut targets = Targets(vec![Target::Everything]);
        targets.add_credential(&self.credential, self.session.as_ref());
        targets.add_user(&self.subject);
        targets.add_tenant(self.tenant.as_ref());
        for actor in self.actor.iter().flat_map(Actor::chain) {
            match &actor.issuer {
                Some(issuer) => {
                    targets.add(Target::Subject { issuer: issuer.clone(), subject: actor.subject.clone() });
                }
                None => targets.add_user(&actor.subject),
            }
            if let Some(credential) = &actor.credential {
                targets.add_credential(credential, actor.session.as_ref());
            }
            targets.add_tenant(actor.tenant.as_ref());
        }
        targets.0
    }
}

/// Targets, each once.
struct Targets(Vec<Target>);

impl Targets {
    fn add(&mut self, target: Target) {
        if !self.0.contains(&target) {
            self.0.push(target);
        }
    }

    fn add_credential(&mut self, credential: &CredentialRef, session: Option<&SessionId>) {
        match credential {
            CredentialRef::Jwt { issuer, subject, id, digest } => {
                self.add(Target::Issuer(issuer.clone()));
                self.add(Target::Subject { issuer: issuer.clone(), subject: subject.clone() });
                if let Some(id) = id {
                    self.add(Target::Token { issuer: issuer.clone(), id: id.clone() });
                }
                if let Some(digest) = digest {
                    self.add(Target::SigningInput(digest.0));
                }
                if let Some(session) = session {
                    self.add(Target::Session { issuer: issuer.clone(), session: session.clone() });
                }
            }
            CredentialRef::ApiKey { id } => self.add(Target::Key(id.clone())),
            CredentialRef::Client { id } => self.add(Target::Client(id.clone())),
        }
    }

    fn add_user(&mut self, subject: &Subject) {
        if let Ok(user) = UserId::new(subject.as_str()) {
            self.add(Target::User(user));
        }
    }

    fn add_tenant(&mut self, tenant: Option<&TenantId>) {
        if let Some(tenant) = tenant {
            self.add(Target::Tenant(tenant.clone()));
        }
    }
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

    /// Everything whose revocation ends the credential and what is made of it, each once: the
    /// identity's targets and the credential's further names.
    #[must_use]
    pub fn targets(&self) -> Vec<Target> {
        let mut targets = Targets(self.identity.targets());
        for target in &self.also_named {
            targets.add(target.clone());
        }
        targets.0
    }
}
