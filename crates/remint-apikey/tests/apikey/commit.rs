//! What a change tells the log, it hands to the store as well.
#![expect(clippy::unwrap_used, reason = "a helper of tests fails the test")]

use std::collections::HashSet;
use std::time::Duration;

use remint_apikey::{ForeignDigest, ImportedKey, NewKey, NewUser, RotateKey, TextFormat};
use remint_core::{
    Effect, Environment, ExternalIdentity, IssuerId, Revocation, Subject, Target, TenantChange, TenantId, UserChange,
};

use crate::support::{Bench, alice};

fn rows_of(rows: Vec<Revocation>) -> HashSet<(Target, Effect)> {
    rows.into_iter().map(|row| (row.target, row.effect)).collect()
}

impl Bench {
    /// Of what was done since this was last asked: as many rows, and the same in both.
    fn both_have(&self, rows: usize) {
        let (handed, told) = (rows_of(self.store.take_rows()), rows_of(self.revoker.take()));
        assert_eq!(handed, told);
        assert_eq!(told.len(), rows);
    }
}

fn link(subject: &str) -> ExternalIdentity {
    ExternalIdentity { issuer: IssuerId::new("https://idp.example").unwrap(), subject: Subject::new(subject).unwrap() }
}

#[tokio::test]
async fn a_change_of_a_key_brings_its_rows_to_the_store() {
    let (bench, _, record) = Bench::with_a_key().await;
    let _ = bench.store.take_rows();
    let (_, made) = bench.keys.create(NewKey::new(alice(), Environment::Live)).await.unwrap();
    bench.both_have(1);
    for overlap in [Duration::from_secs(60), Duration::ZERO] {
        let (_, old) = bench.keys.create(NewKey::new(alice(), Environment::Live)).await.unwrap();
        bench.both_have(1);
        bench.keys.rotate(RotateKey::new(old.id).overlapping(overlap)).await.unwrap();
        bench.both_have(2);
    }
    for _ in 0..2 {
        bench.keys.revoke(&record.id).await.unwrap();
        bench.both_have(1);
        bench.keys.revoke_with_descendants(&made.id).await.unwrap();
        bench.both_have(1);
    }
    let digest = ForeignDigest::parse("sha256", &"00".repeat(32)).unwrap();
    let imported = ImportedKey::new(alice(), Environment::Live, &TextFormat::Drf, "7rgLGFbo", digest);
    bench.keys.import(vec![imported.unwrap()]).await.unwrap();
    bench.both_have(1);
}

#[tokio::test]
async fn a_change_of_a_user_or_tenant_brings_its_rows_to_the_store() {
    let bench = Bench::new();
    let tenant = TenantId::new("acme").unwrap();
    let user = NewUser::new(alice()).with_tenant(tenant.clone()).with_external(link("a")).with_external(link("b"));
    bench.keys.sign_up(user).await.unwrap();
    bench.both_have(3);
    let change = UserChange { external: Some(vec![link("b"), link("c")]), ..UserChange::default() };
    bench.keys.change_user(&alice(), &change).await.unwrap();
    bench.both_have(4);
    for enabled in [false, true] {
        bench.keys.set_user_enabled(&alice(), enabled).await.unwrap();
        bench.both_have(1);
        let change = TenantChange { enabled: Some(enabled), plan: None };
        bench.keys.change_tenant(&tenant, &change).await.unwrap();
        bench.both_have(1);
    }
    for rows in [3, 1] {
        bench.keys.delete_user(&alice()).await.unwrap();
        bench.both_have(rows);
    }
}
