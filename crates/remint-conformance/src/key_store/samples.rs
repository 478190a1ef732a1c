use remint_core::{
    ActFor, ApiKeyRecord, ApiKeyStore, AuditAction, AuditActor, AuditEvent, AuditLog, CredentialRef, Environment,
    ExternalIdentity, FoundKey, IdempotencyRecord, IssuerId, KeyDigest, KeyId, KeyRotation, MadeBy, Page, PlanName,
    Roles, SignUp, Subject, Tenant, TenantId, Timestamp, User, UserId,
};
use serde_json::Map;

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
        roles: Roles::new(["editor", "a, \"é\""]).expect("roles"),
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
        act_for: Some(ActFor {
            anyone: false,
            users: vec![user_id("zoë"), user_id("a \"b\"")],
            tenants: vec![tenant_id("acme")],
            scopes: Some("read".parse().expect("scopes")),
            environments: vec![Environment::Live],
        }),
        digest: KeyDigest { scheme: "hmac-sha256:0123456789abcdef".into(), bytes: digest(number) },
        created_at: Timestamp::from_millis(1_750_000_000_000 + u64::from(number)),
        expires_at: Some(Timestamp::from_millis(1_900_000_000_456)),
        revoked_at: None,
        last_used_at: None,
        rotated_to: None,
        made_by: MadeBy::Operator,
    }
}

/// A key that the key of another number made.
#[must_use]
pub fn made_by(maker: u32, user: &str, number: u32) -> ApiKeyRecord {
    let maker = KeyId::new(format!("key_{maker}")).expect("a key id");
    ApiKeyRecord { made_by: MadeBy::Credential(CredentialRef::ApiKey { id: maker }), ..key(user, number) }
}

/// A rotation of the key of one number to the key of another, with an hour of overlap.
#[must_use]
pub fn rotation(user: &str, old: u32, new: u32) -> KeyRotation {
    let new = key(user, new);
    let deadline = Timestamp::from_millis(new.created_at.as_millis() + 3_600_000);
    KeyRotation { old: key(user, old).id, deadline, new }
}

/// A subject of an external issuer.
#[must_use]
pub fn link(subject: &str) -> ExternalIdentity {
    ExternalIdentity {
        issuer: IssuerId::new("https://idp.example").expect("an issuer"),
        subject: Subject::new(subject).expect("a subject"),
    }
}

/// The sign-up of [`user`] with these external identities and keys.
#[must_use]
pub fn sign_up(id: &str, external: &[ExternalIdentity], keys: &[ApiKeyRecord]) -> SignUp {
    SignUp { user: user(id), external: external.to_vec(), keys: keys.to_vec() }
}

/// An idempotency key and the request that it came with, at [`MORNING`].
#[must_use]
pub const fn once(key: u8, request: u8) -> IdempotencyRecord {
    IdempotencyRecord { key: [key; 32], request: [request; 32], at: MORNING }
}

/// An event that differs from the others by its number.
#[must_use]
pub fn event(number: u32) -> AuditEvent {
    AuditEvent {
        at: Timestamp::from_millis(1_760_000_000_000 + u64::from(number)),
        action: AuditAction::KeyIssued,
        actor: AuditActor::System,
        user: Some(user_id("alice")),
        tenant: Some(tenant_id("acme")),
        key: Some(key("alice", number).id),
        detail: Map::from_iter([("number".to_owned(), number.into())]),
    }
}

/// The whole audit trail.
pub async fn trail(store: &impl AuditLog) -> Vec<AuditEvent> {
    let events = store.events(Page::all()).await.expect("the store answers");
    events.into_iter().map(|(_, event)| event).collect()
}

/// The moment that tests of idempotency keys begin at.
pub const MORNING: Timestamp = Timestamp::from_millis(1_760_000_000_000);

/// What the look-up of this key's digest finds.
pub async fn found(store: &impl ApiKeyStore, key: &ApiKeyRecord) -> Option<FoundKey> {
    store.find(&key.digest).await.expect("the store answers")
}

fn digest(number: u32) -> Box<[u8]> {
    let mut bytes = [0xd1; 32];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    Box::new(bytes)
}
