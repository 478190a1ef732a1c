use crate::{
    ActFor, Actor, ClientId, Confirmation, CredentialRef, Environment, Ext, MayAct, Network, Parents, PlanName, Scopes,
    SessionId, Subject, Target, TenantId, Timestamp, UserId, is_reserved,
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
    /// The internal tokens that it was exchanged from (`parents`), if it was.
    pub parents: Option<Parents>,
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
            parents: None,
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
    /// the subject does: its credential, session, user and tenant. So do the tokens that it was exchanged from.
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
        self.parents.iter().flat_map(Parents::targets).for_each(|parent| targets.add(parent));
        targets.0
    }
}

impl Identity {
    /// Takes away roles, groups and entitlements: what is left is what a restricted credential carries. Where an
    /// [`Authentication`] is at hand, [`Authentication::restrict`] does this and keeps it so.
    pub fn restrict(&mut self) {
        self.keep_rights(|_| false);
    }

    /// Keeps those roles, groups and entitlements for which `keep` says so.
    ///
    /// It names every member, so that whoever adds one decides whether it is a right.
    fn keep_rights(&mut self, keep: impl Fn(&str) -> bool) {
        let Self {
            roles,
            groups,
            entitlements,
            subject: _,
            tenant: _,
            environment: _,
            // Scopes are narrowed where that is asked for: what is left of them is what was asked for.
            scopes: _,
            client: _,
            credential: _,
            session: _,
            actor: _,
            may_act: _,
            parents: _,
            auth_time: _,
            acr: _,
            amr: _,
            plan: _,
            credential_ends: _,
            confirmation: _,
            ext: _,
        } = self;
        for rights in [roles, groups, entitlements] {
            rights.retain(|right| keep(right));
        }
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
            CredentialRef::Other { kind, id } => {
                self.add(Target::Credential { kind: kind.clone(), id: id.clone() });
            }
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
    /// The `sub` of an external token, where another of its claims is the name of its subject: links to users and
    /// revocations that name the subject by it count as well.
    pub plain_subject: Option<Subject>,
    /// From where the credential may be used; empty: from anywhere. It is checked on every request.
    pub networks: Vec<Network>,
    /// What whoever presents the credential must prove to hold. It is checked on every request.
    pub confirmation: Option<Confirmation>,
    /// For whom an administrator has given the credential the right to act.
    pub act_for: Option<ActFor>,
    /// Whether the credential stands for a part of what its subject may do: the key has scopes of its own, the
    /// exchange asked for a scope, or the right to act names scopes. No token that is made of it carries roles,
    /// groups or entitlements, whatever is known of the subject: see [`narrow`](Self::narrow).
    pub restricted: bool,
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
            plain_subject: None,
            networks: Vec::new(),
            confirmation: None,
            act_for: None,
            restricted: false,
        }
    }

    /// Everything whose revocation ends the credential and what is made of it, each once: the
    /// identity's targets and the credential's further names.
    #[must_use]
    pub fn targets(&self) -> Vec<Target> {
        let mut targets = Targets(self.identity.targets());
        if let (CredentialRef::Jwt { issuer, .. }, Some(subject)) = (&self.identity.credential, &self.plain_subject) {
            targets.add(Target::Subject { issuer: issuer.clone(), subject: subject.clone() });
        }
        for target in &self.also_named {
            targets.add(target.clone());
        }
        targets.0
    }

    /// Makes it the finding of a [restricted](Self::restricted) credential.
    pub fn restrict(&mut self) {
        self.restricted = true;
        self.narrow();
    }

    /// Takes away the roles, groups and entitlements that the credential does not carry: all of them if it is
    /// [restricted](Self::restricted), and else those whose names are [reserved](is_reserved).
    ///
    /// Whoever adds to an identity calls this afterwards.
    pub fn narrow(&mut self) {
        let restricted = self.restricted;
        self.identity.keep_rights(|right| !restricted && !is_reserved(right));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::KeyId;

    fn found() -> Authentication {
        let id = KeyId::new("k").unwrap();
        let credential = CredentialRef::ApiKey { id: id.clone() };
        let mut identity =
            Identity::new(Subject::new("alice").unwrap(), Environment::Live, ClientId::from(id), credential);
        let rights = || ["admin", "remint:admin", "remint:", "remint"].map(str::to_owned).to_vec();
        (identity.roles, identity.groups, identity.entitlements) = (rights(), rights(), rights());
        identity.tenant = Some(TenantId::new("acme").unwrap());
        identity.plan = Some(PlanName::new("gold").unwrap());
        identity.scopes = "read remint:admin".parse().unwrap();
        identity.ext.insert("seats", 3).unwrap();
        Authentication::new(identity, Timestamp::from_secs(1), Timestamp::MAX)
    }

    #[test]
    fn a_restricted_credential_carries_no_roles_groups_or_entitlements() {
        let mut restricted = found();
        restricted.restrict();
        let identity = &restricted.identity;
        assert_eq!((&identity.roles, &identity.groups, &identity.entitlements), (&vec![], &vec![], &vec![]));
        let mut rest = found().identity;
        (rest.roles, rest.groups, rest.entitlements) = (vec![], vec![], vec![]);
        assert_eq!(*identity, rest, "tenant, plan, scopes and ext stay");

        restricted.identity.entitlements.push("export".to_owned());
        restricted.narrow();
        assert!(restricted.identity.entitlements.is_empty(), "it is restricted whatever is added later");
    }

    #[test]
    fn a_reserved_name_is_no_role_group_or_entitlement_of_anybody() {
        let mut whole = found();
        whole.narrow();
        for rights in [&whole.identity.roles, &whole.identity.groups, &whole.identity.entitlements] {
            assert_eq!(*rights, ["admin", "remint"]);
        }
        assert_eq!(whole.identity.scopes.to_string(), "read remint:admin", "scopes come from our own store");
    }
}
