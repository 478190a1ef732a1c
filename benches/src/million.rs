//! A million keys of a thousand users, each a function of its number, and how they get into a store.

use remint_apikey::KeyStore;
use remint_core::{
    ApiKeyRecord, AuditAction, AuditActor, AuditEvent, Commit, Environment, KeyDigest, KeyId, Roles, SignUp, Timestamp,
    User, UserId,
};
use serde_json::Map;
use sha2::{Digest, Sha256};

/// How many keys there are, all in all.
pub const KEYS: usize = 1_000_000;

/// How many users they belong to, by turns.
pub const USERS: usize = 1_000;

/// Fills an empty store through its ports: large batches, each one transaction.
///
/// # Panics
///
/// If the store refuses.
pub async fn fill(store: &dyn KeyStore) {
    for number in 0..USERS {
        let user = User {
            id: user_id(number),
            tenant: None,
            enabled: true,
            scopes: "read write".parse().expect("scopes"),
            roles: Roles::none(),
            entitlements: Vec::new(),
            plan: None,
            created_at: Timestamp::from_secs(1_700_000_000),
        };
        let sign_up = SignUp { user, external: Vec::new(), keys: Vec::new() };
        store.sign_up(&sign_up, Commit::default()).await.expect("a user");
    }
    for first in (0..KEYS).step_by(BATCH) {
        let keys: Vec<_> = (first..first + BATCH).map(key).collect();
        store.insert(&keys, Commit::default()).await.expect("keys");
    }
}

/// The id of a user.
///
/// # Panics
///
/// Never: it is a name.
#[must_use]
pub fn user_id(number: usize) -> UserId {
    UserId::new(format!("user-{number:04}")).expect("a name")
}

/// A key. Its id and its digest are without an order, as they are in life.
///
/// # Panics
///
/// Never: its parts are well-formed.
#[must_use]
pub fn key(number: usize) -> ApiKeyRecord {
    let digest = digest(number);
    let id: String = digest.bytes.iter().rev().take(10).map(|byte| format!("{byte:02x}")).collect();
    ApiKeyRecord {
        id: KeyId::new(format!("key_{id}")).expect("a name"),
        user: user_id(number % USERS),
        environment: Environment::Live,
        name: Some(format!("worker {number}")),
        start: format!("rmt_live_{}", id.get(..4).expect("four letters")),
        scopes: Some("read".parse().expect("scopes")),
        networks: Vec::new(),
        act_for: None,
        digest,
        created_at: Timestamp::from_millis(1_750_000_000_000 + number as u64),
        expires_at: None,
        revoked_at: None,
        last_used_at: None,
        rotated_to: None,
        made_by: Default::default(),
    }
}

/// The digest of a key.
#[must_use]
pub fn digest(number: usize) -> KeyDigest {
    let bytes: [u8; 32] = Sha256::digest(number.to_be_bytes()).into();
    KeyDigest { scheme: "hmac-sha256:0123456789abcdef".into(), bytes: bytes.into() }
}

/// The event that tells of a key's creation.
#[must_use]
pub fn event(key: &ApiKeyRecord) -> AuditEvent {
    AuditEvent {
        at: key.created_at,
        action: AuditAction::KeyIssued,
        actor: AuditActor::System,
        user: Some(key.user.clone()),
        tenant: None,
        key: Some(key.id.clone()),
        detail: Map::new(),
    }
}

const BATCH: usize = 250_000;
