use crate::{ActFor, Identity, TenantId, UserId};

impl ActFor {
    /// Whether they may act for this one.
    #[must_use]
    pub fn covers(&self, subject: &Identity) -> bool {
        let named = |user: &UserId| user.as_str() == subject.subject.as_str();
        let of_tenant = |tenant: &TenantId| Some(tenant) == subject.tenant.as_ref();
        let whom = self.anyone || self.users.iter().any(named) || self.tenants.iter().any(of_tenant);
        whom && (self.environments.is_empty() || self.environments.contains(&subject.environment))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ClientId, CredentialRef, Environment, KeyId, Subject};

    fn identity(tenant: Option<&str>) -> Identity {
        let id = KeyId::new("k").unwrap();
        let credential = CredentialRef::ApiKey { id: id.clone() };
        let subject = Subject::new("alice").unwrap();
        let mut identity = Identity::new(subject, Environment::Live, ClientId::from(id), credential);
        identity.tenant = tenant.map(|tenant| TenantId::new(tenant).unwrap());
        identity
    }

    #[test]
    fn nobody_is_covered_who_is_not_named() {
        assert!(!ActFor::default().covers(&identity(Some("acme"))));
        let bob = ActFor { users: vec![UserId::new("bob").unwrap()], ..ActFor::default() };
        assert!(!bob.covers(&identity(None)));
        let other = ActFor { tenants: vec![TenantId::new("other").unwrap()], ..ActFor::default() };
        assert!(!other.covers(&identity(Some("acme"))) && !other.covers(&identity(None)));
    }

    #[test]
    fn a_user_a_tenant_or_anyone_is_covered_in_the_environments_that_are_named() {
        let alice = ActFor { users: vec![UserId::new("alice").unwrap()], ..ActFor::default() };
        let acme = ActFor { tenants: vec![TenantId::new("acme").unwrap()], ..ActFor::default() };
        let anyone = ActFor { anyone: true, ..ActFor::default() };
        for right in [alice, acme, anyone] {
            assert!(right.covers(&identity(Some("acme"))));
            let test = ActFor { environments: vec![Environment::Test], ..right };
            assert!(!test.covers(&identity(Some("acme"))));
        }
    }
}
