//! The identity service by itself, in memory: `cargo run -p remint-identity-service --example identity`.
//!
//! It prints its address, and takes the bootstrap key of the environment's `BOOTSTRAP_KEY`.
#![expect(clippy::print_stdout, reason = "a program for a terminal")]

use std::sync::Arc;

use remint_apikey::{ApiKeys, MemoryStore, Pepper, Peppers};
use remint_core::{Audience, IssuerId, SystemClock};
use remint_identity_service::{BootstrapKey, IdentityService};
use remint_normalize::Normalizer;
use remint_revocation::Revocations;
use remint_testkit::ManualClock;
use remint_testkit::fakes::FakeIssuer;
use remint_tower::NormalizeLayer;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let key = BootstrapKey::new(&std::env::var("BOOTSTRAP_KEY")?)?;
    let revocations = Revocations::in_memory(SystemClock)?;
    let peppers = Peppers::new(Pepper::from_text("a pepper for an example, of 32 bytes")?);
    let keys = ApiKeys::new(Arc::new(MemoryStore::new()), peppers, Arc::new(revocations.clone()));
    let tokens = FakeIssuer::new(ManualClock::at(remint_core::Timestamp::from_secs(4_000_000_000)));
    let normalizer = Normalizer::builder(IssuerId::new("https://auth.internal")?, Audience::new("internal")?, tokens)
        .authenticator(keys.authenticator())
        .revocations(revocations)
        .build()?;
    let app = IdentityService::new(keys).bootstrap_key(key).into_router(NormalizeLayer::new(normalizer));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
