//! A node: a process with an edge, a service behind it, a server, or an edge that exchanges there.

mod clock;
mod edge;
mod remote;
mod server;
mod service;
mod settings;
mod store;

use std::time::Duration;

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
        Role::Server => server::router(&settings).await?,
        Role::Remote => remote::router(&settings).await?,
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

/// Longer than a run: nothing but a revocation ends what is cached.
const LONG: Duration = Duration::from_secs(6 * 3600);

/// The client of the server.
const EDGE: &str = "edge";
const SECRET: &str = "of-nobody-but-this-harness-0123456789";

/// The issuer of internal tokens.
const ISSUER: &str = "https://auth.internal";

/// Who they are for, and who the provider's are for.
pub(crate) const AUDIENCE: &str = "internal";
