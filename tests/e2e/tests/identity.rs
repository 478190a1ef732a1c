//! The identity service's OpenAPI document against what it does, as Schemathesis (PyPI) sees both.

use std::path::Path;
use std::time::Duration;

use remint::{ApiKeys, MemoryStore, NewUser, Remint};
use remint_e2e::Outcome;
use remint_identity_service::IdentityService;
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::time::timeout;

#[tokio::test]
async fn the_identity_service_does_what_its_document_says() -> Outcome<()> {
    let edge = Remint::builder("https://auth.internal", "internal")
        .api_keys(MemoryStore::new())
        .ephemeral_keys()
        .build()
        .await?;
    let keys = edge.api_keys().ok_or("the edge has a store")?.clone();
    let admin = administrator(&keys).await?;
    let app = IdentityService::new(keys).into_router(edge.layer());
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let document = format!("http://{}/openapi.json", listener.local_addr()?);
    let server = tokio::spawn(async move { axum::serve(listener, app).await });

    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let peers = package.join("peers");
    let scratch = tempfile::tempdir()?;
    let mut run = Command::new(package.join("../../.peers/venv/bin/schemathesis"));
    run.arg("--config-file").arg(peers.join("schemathesis.toml"));
    run.args(["run", &document, "--header", &format!("X-API-Key: {admin}"), "--phases", "examples,coverage,fuzzing"]);
    // A fixed seed: the suite says the same each time.
    run.args(["--max-examples", "50", "--seed", "1", "--generation-database", "none", "--no-color"]);
    run.env("SCHEMATHESIS_HOOKS", "schemathesis_hooks").env("PYTHONPATH", &peers).env("PYTHONDONTWRITEBYTECODE", "1");
    run.current_dir(scratch.path()).kill_on_drop(true);
    let output = timeout(PATIENCE, run.output()).await??;
    server.abort();
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{report}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(report.contains("13 selected / 13 total"), "{report}");
    Ok(())
}

/// An administrator's key.
async fn administrator(keys: &ApiKeys) -> Outcome<String> {
    let root = NewUser::new("root".parse()?).with_scopes("remint:admin".parse()?);
    let made = keys.sign_up(root.issuing([remint::Environment::Live])).await?;
    Ok(made.keys.first().ok_or("one key was asked for")?.0.expose_secret().to_owned())
}

/// Some two thousand requests.
const PATIENCE: Duration = Duration::from_secs(300);
