use remint_core::{
    ApiKeyRecord, ApiKeyStore, Environment, FoundKey, KeyDigest, KeyId, PlanName, Tenant, TenantId, Timestamp, User,
    UserId,
};

/// A user id.
#[must_use]
pub fn user_id(text: &str) -> UserId {
    UserId::new(text).expect("a user id")
}

/// A tenant id.
#[must_use]
pub fn tenant_id(text: &str) -> TenantId {
    TenantId::new(text).expect("a tenant id")
}

/// The tenant of [`user`], as the first of them brings it along.
#[must_use]
pub fn tenant() -> Tenant {
    Tenant { id: tenant_id("acme"), enabled: true, plan: None, created_at: user("any").created_at }
}

/// An enabled user with everything a user can have.
#[must_use]
pub fn user(id: &str) -> User {
    User {
        id: user_id(id),
        tenant: Some(tenant_id("acme")),
        enabled: true,
        scopes: "read write".parse().expect("scopes"),
        entitlements: vec!["reports".into(), "an 'export'".into()],
        plan: Some(PlanName::new("pro").expect("a plan's name")),
        created_at: Timestamp::from_millis(1_700_000_000_123),
    }
}

/// A key whose digest, start and moment follow from its number.
#[must_use]
pub fn key(user: &str, number: u32) -> ApiKeyRecord {
    ApiKeyRecord {
        id: KeyId::new(format!("key_{number}")).expect("a key id"),
        user: user_id(user),
        environment: Environment::Live,
        name: Some(format!("key number {number}")),
        start: format!("rmt_live_{number:04}"),
        scopes: Some("read".parse().expect("scopes")),
        networks: vec!["192.0.2.0/24".parse().expect("a network"), "2001:db8::/32".parse().expect("a network")],
        digest: KeyDigest { scheme: "hmac-sha256:0123456789abcdef".into(), bytes: digest(number) },
        created_at: Timestamp::from_millis(1_750_000_000_000 + u64::from(number)),
        expires_at: Some(Timestamp::from_millis(1_900_000_000_456)),
        revoked_at: None,
        last_used_at: None,
        rotated_to: None,
    }
}

/// What the look-up of this key's digest finds.
pub async fn found(store: &impl ApiKeyStore, key: &ApiKeyRecord) -> Option<FoundKey> {
    store.find(&key.digest).await.expect("the store answers")
}

fn digest(number: u32) -> Box<[u8]> {
    let mut bytes = [0xd1; 32];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    Box::new(bytes)
}
