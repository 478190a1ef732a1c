use remint_core::{
    ApiKeyRecord, ApiKeyStore, Environment, FoundKey, KeyDigest, KeyId, TenantId, Timestamp, User, UserId,
};

/// A user id.
#[must_use]
pub fn user_id(text: &str) -> UserId {
    UserId::new(text).expect("a user id")
}

/// An enabled user with a tenant and scopes.
#[must_use]
pub fn user(id: &str) -> User {
    User {
        id: user_id(id),
        tenant: Some(TenantId::new("acme").expect("a tenant id")),
        enabled: true,
        scopes: "read write".parse().expect("scopes"),
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
        digest: KeyDigest { scheme: "hmac-sha256:0123456789abcdef".into(), bytes: digest(number) },
        created_at: Timestamp::from_millis(1_750_000_000_000 + u64::from(number)),
        expires_at: Some(Timestamp::from_millis(1_900_000_000_456)),
        revoked_at: None,
        last_used_at: None,
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
