//! A node: a process with an edge, or with a service behind it.

mod clock;
mod edge;
mod service;
mod settings;
mod store;

use remint_revocation::Revocations;
pub use settings::{MadeKey, NewUsers, Revoke, Role, Sabotage, Settings};
use tokio::net::TcpListener;

use crate::Outcome;

/// Runs a node until it is killed. It says `ready` on its output once it serves.
///
/// # Errors
///
/// If it cannot start.
pub async fn run(settings: &str) -> Outcome<()> {
    let settings: Settings = serde_json::from_str(settings)?;
    let router = match settings.role {
        Role::Edge => edge::router(&settings).await?,
        Role::Service => service::router(&settings).await?,
    };
    let listener = TcpListener::bind(settings.listen).await?;
    say_ready();
    axum::serve(listener, router).await?;
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the harness waits for this line")]
fn say_ready() {
    println!("ready");
}

/// Reads the log again and again.
fn follow(revocations: Revocations) {
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(revocations.log().pause()).await;
            if let Err(error) = revocations.catch_up().await {
                tracing::warn!(%error, "the log was not read");
            }
        }
    });
}

/// The issuer of internal tokens.
const ISSUER: &str = "https://auth.internal";

/// Who they are for, and who the provider's are for.
pub(crate) const AUDIENCE: &str = "internal";
