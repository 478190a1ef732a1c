//! The identity service's OpenAPI document against what it does, as Schemathesis (PyPI) sees both.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use remint::{ApiKeys, MemoryStore, NewUser, Remint};
use remint_authorization_server::describe_revocation_log;
use remint_e2e::Outcome;
use remint_identity_service::IdentityService;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::task::JoinHandle;
use tokio::time::timeout;

#[tokio::test]
async fn the_identity_service_does_what_its_document_says() -> Outcome<()> {
    let (service, admin) = serve().await?;
    let document = format!("{}/openapi.json", service.address);
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
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{report}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(report.contains("13 selected / 13 total"), "{report}");
    Ok(())
}

#[tokio::test]
async fn the_document_is_valid_openapi_and_so_are_its_examples() -> Outcome<()> {
    let (service, _) = serve().await?;
    let document = reqwest::get(format!("{}/openapi.json", service.address)).await?.text().await?;
    let (succeeded, said) = python("openapi_valid.py", &[], &document).await?;
    assert!(succeeded && said.contains(" examples"), "{said}");

    // As a gateway serves it, which has the revocation log as well.
    let mut whole: serde_json::Value = serde_json::from_str(&document)?;
    describe_revocation_log(&mut whole);
    assert!(
        whole.pointer("/paths/~1v1~1revocations/get").is_some()
            && whole.pointer("/paths/~1v1~1revocations/post").is_some()
    );
    let (succeeded, said) = python("openapi_valid.py", &[], &whole.to_string()).await?;
    assert!(succeeded && said.contains(" examples"), "{said}");

    let mut broken: serde_json::Value = serde_json::from_str(&document)?;
    *broken.pointer_mut("/paths/~1v1~1users~1{id}/get/operationId").ok_or("an operation has a name")? =
        "create_user".into();
    *broken.pointer_mut("/components/schemas/NewUser/examples/0/id").ok_or("a user's example has an id")? = "".into();
    let (succeeded, said) = python("openapi_valid.py", &[], &broken.to_string()).await?;
    assert!(!succeeded && said.contains("is not unique") && said.contains("the example"), "{said}");
    Ok(())
}

#[tokio::test]
async fn a_client_that_is_generated_from_the_document_makes_a_key() -> Outcome<()> {
    let (service, admin) = serve().await?;
    let (succeeded, said) = python("openapi_client.py", &[&service.address], &admin).await?;
    assert!(succeeded && said.lines().any(|line| line.starts_with("rmt_test_")), "{said}");
    Ok(())
}

/// An identity service, which ends with the test.
struct Service {
    address: String,
    server: JoinHandle<std::io::Result<()>>,
}

impl Drop for Service {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// A service, and an administrator's key.
async fn serve() -> Outcome<(Service, String)> {
    let edge = Remint::builder("https://auth.internal", "internal")
        .api_keys(MemoryStore::new())
        .ephemeral_keys()
        .build()
        .await?;
    let keys = edge.api_keys().ok_or("the edge has a store")?.clone();
    let admin = administrator(&keys).await?;
    let app = IdentityService::new(keys).into_router(edge.layer());
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    Ok((Service { address, server }, admin))
}

/// Runs a script of `peers/`: whether it succeeded, and what it said.
async fn python(script: &str, arguments: &[&str], input: &str) -> Outcome<(bool, String)> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut run = Command::new(package.join("../../.peers/venv/bin/python"));
    run.arg(package.join("peers").join(script)).args(arguments).env("PYTHONDONTWRITEBYTECODE", "1");
    run.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = run.spawn()?;
    child.stdin.take().ok_or("its input is a pipe")?.write_all(input.as_bytes()).await?;
    let output = timeout(PATIENCE, child.wait_with_output()).await??;
    let said = [output.stdout, output.stderr].concat();
    Ok((output.status.success(), String::from_utf8_lossy(&said).into_owned()))
}

/// An administrator's key.
async fn administrator(keys: &ApiKeys) -> Outcome<String> {
    let root = NewUser::new("root".parse()?).with_scopes("remint:admin".parse()?);
    let made = keys.sign_up(root.issuing([remint::Environment::Live])).await?;
    Ok(made.keys.first().ok_or("one key was asked for")?.0.expose_secret().to_owned())
}

/// Some two thousand requests.
const PATIENCE: Duration = Duration::from_secs(300);
