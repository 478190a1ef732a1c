//! An edge before a table of keys that another program keeps.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use remint::{
    ForeignDigest, LegacyKey, LegacyKeyAuthenticator, LegacyKeys, LegacyUser, Remint, Roles, Target, Unavailable,
    UnavailableKind, UserId,
};
use serde_json::json;

use crate::support::{app, ask};

const TEXT: &str = "sk_0123456789abcdef";

/// `id, sha256, user, revoked`.
type Row = (&'static str, String, &'static str, bool);

#[derive(Debug, Clone, Default)]
struct Table {
    rows: Arc<Mutex<Vec<Row>>>,
    is_down: Arc<AtomicBool>,
}

impl Table {
    fn answers(&self) -> Result<(), Unavailable> {
        match self.is_down.load(Ordering::SeqCst) {
            true => Err(Unavailable::new(UnavailableKind::Store)),
            false => Ok(()),
        }
    }
}

#[remint::async_trait]
impl LegacyKeys for Table {
    async fn by_digest(&self, digest: &ForeignDigest) -> Result<Option<LegacyKey>, Unavailable> {
        self.answers()?;
        let asked = digest.to_hex();
        let rows = self.rows.lock().unwrap();
        let Some((id, held, user, revoked)) = rows.iter().find(|(_, held, ..)| *held == asked) else { return Ok(None) };
        let held = ForeignDigest::parse("sha256", held).unwrap();
        Ok(Some(LegacyKey::new(id.parse().unwrap(), user.parse().unwrap(), held).with_revoked(*revoked)))
    }

    async fn by_beginning(&self, _: &str) -> Result<Vec<LegacyKey>, Unavailable> {
        Ok(Vec::new())
    }

    async fn user(&self, id: &UserId) -> Result<Option<LegacyUser>, Unavailable> {
        self.answers()?;
        let user = LegacyUser::new(id.clone()).with_scopes("read".parse().unwrap());
        Ok((id.as_str() == "alice").then(|| user.with_roles(Roles::new(["editor"]).unwrap())))
    }
}

#[tokio::test]
async fn keys_of_another_programs_table_pass_without_being_moved() {
    let table = Table::default();
    table.rows.lock().unwrap().extend([
        ("17", sha256(TEXT), "alice", false),
        ("18", sha256("sk_revoked_0123456789"), "alice", true),
        ("19", sha256("sk_orphan_0123456789"), "bob", false),
        ("20", sha256("sk_second_0123456789"), "alice", false),
    ]);
    let keys = LegacyKeyAuthenticator::new(table.clone(), "opaque:sk_".parse().unwrap());
    let edge = Remint::builder("https://auth.internal", "internal").authenticator(keys).ephemeral_keys();
    let edge = edge.build().await.unwrap();
    let app = app(&edge).await;
    for (header, value) in [("x-api-key", TEXT.to_owned()), ("authorization", format!("Bearer {TEXT}"))] {
        let (status, caller) = ask(&app, header, &value).await;
        assert_eq!(status, StatusCode::OK, "{caller}");
        assert_eq!((&caller["subject"], &caller["roles"]), (&json!("alice"), &json!(["editor"])), "{caller}");
        assert_eq!(caller["credential"], json!({ "kind": "api_key", "id": "17" }), "{caller}");
    }
    for text in ["sk_revoked_0123456789", "sk_orphan_0123456789", "sk_unknown_0123456789", "pk_0123456789abcdef"] {
        assert_eq!(ask(&app, "x-api-key", text).await.0, StatusCode::UNAUTHORIZED, "{text}");
    }

    // A hit needs no table; a miss without one is an outage of ours.
    table.is_down.store(true, Ordering::SeqCst);
    assert_eq!(ask(&app, "x-api-key", TEXT).await.0, StatusCode::OK);
    assert_eq!(ask(&app, "x-api-key", "sk_second_0123456789").await.0, StatusCode::SERVICE_UNAVAILABLE);
    table.is_down.store(false, Ordering::SeqCst);
    assert_eq!(ask(&app, "x-api-key", "sk_second_0123456789").await.0, StatusCode::OK);

    // What the edge is told to end has ended, cached or not.
    edge.revoke(Target::Key("17".parse().unwrap())).await.unwrap();
    assert_eq!(ask(&app, "x-api-key", TEXT).await.0, StatusCode::UNAUTHORIZED);
}

fn sha256(text: &str) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}
